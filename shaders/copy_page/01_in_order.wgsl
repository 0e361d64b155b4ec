// @title In order
// @change An invocation copies one 16-byte unit of every pair, pair by pair.
// @why Copy on write: answers that share a prompt's last, partial page get their own before they write. A page that one pair
// writes may be read by the next, and no other invocation touches this unit: no order between workgroups is needed.
// @result not measured on a GPU yet
// @reduction none
// @pass main [ceil(page_words / 256)]

struct Dims { page_words: u32, copies: u32 }

@group(0) @binding(0) var<storage, read> pairs: array<vec2u>; // [copies] from, to
@group(0) @binding(1) var<storage, read_write> pages: array<vec4u>; // [pages, page_words / 4]
@group(1) @binding(0) var<uniform> dims: Dims;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let units = dims.page_words / 4u;
  if (id.x >= units) { return; }
  for (var i = 0u; i < dims.copies; i++) { pages[pairs[i].y * units + id.x] = pages[pairs[i].x * units + id.x]; }
}
