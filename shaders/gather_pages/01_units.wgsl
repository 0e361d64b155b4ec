// @title Units
// @change An invocation copies one 16-byte unit of one page of one sequence to where a dense kernel expects it.
// @why Engines without a paged kernel do this before every attention: its bytes are what paging saves.
// @result not measured on a GPU yet
// @reduction none
// @pass main [ceil(page_words / 256), min(entries, 32768), ceil(entries / 32768)]

struct Dims { page_words: u32, entries: u32 }

@group(0) @binding(0) var<storage, read> tables: array<u32>; // [entries] page ids
@group(0) @binding(1) var<storage, read> pages: array<vec4u>; // [pages, page_words / 4]
@group(0) @binding(2) var<storage, read_write> dense: array<vec4u>; // [entries, page_words / 4]
@group(1) @binding(0) var<uniform> dims: Dims;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let units = dims.page_words / 4u;
  let index = id.z * 32768u + id.y;
  if (id.x >= units || index >= dims.entries) { return; }
  dense[index * units + id.x] = pages[tables[index] * units + id.x];
}
