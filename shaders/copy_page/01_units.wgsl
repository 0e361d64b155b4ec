// @title Units
// @change An invocation copies one 16-byte unit of one page.
// @why Copy on write: answers that share a prompt's last, partial page get their own before they write.
// @result not measured on a GPU yet
// @reduction none
// @pass main [ceil(page_words / 256), copies]

struct Dims { page_words: u32 }

@group(0) @binding(0) var<storage, read> pairs: array<vec2u>; // [copies] from, to
@group(0) @binding(1) var<storage, read_write> pages: array<vec4u>; // [pages, page_words / 4]
@group(1) @binding(0) var<uniform> dims: Dims;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let units = dims.page_words / 4u;
  if (id.x >= units) { return; }
  let pair = pairs[id.y];
  pages[pair.y * units + id.x] = pages[pair.x * units + id.x];
}
