// @title Units
// @change One invocation writes one 16-byte unit of a page: 4 cells as f32, 8 as f16, 16 as int8.
// @why Whole units never share a word with a neighbour's, whatever the format.
// @result not measured on a GPU yet
// @reduction none
// @lib weights unpack kv_page kv_store
// @pass main [ceil(2 * kv_heads * head_dim / cells / 64), t]

struct Dims { kv_heads: u32 }

@group(0) @binding(0) var<storage, read> kv: array<vec4f>; // [t, 2, kv_heads, head_dim / 4] K, then V
@group(0) @binding(1) var<storage, read> slots: array<u32>; // [t] page · PAGE + offset, or NO_SLOT
@group(0) @binding(2) var<storage, read_write> pages: array<u32>; // [pages, kv_heads, 4 BLOCK_UNITS]
@group(1) @binding(0) var<uniform> dims: Dims;

const FORMAT: u32 = 0u; // @dim format
const HEAD_DIM: u32 = 64u; // @dim head_dim
const PAGE: u32 = 16u; // @dim page
const NO_SLOT: u32 = 0xffffffffu;

// Where the cells of one head come from.
struct HeadCells { first: u32 }

fn cells_of(source: HeadCells, i: u32) -> vec4f { return kv[source.first + i]; }

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let slot = slots[id.y];
  let units = dims.kv_heads * HEAD_UNITS;
  if (slot == NO_SLOT || id.x >= 2u * units) { return; }
  let is_v = id.x >= units;
  let head = id.x % units / HEAD_UNITS;
  let unit = id.x % HEAD_UNITS;
  let t = slot % PAGE;
  let source = HeadCells(((id.y * 2u + u32(is_v)) * dims.kv_heads + head) * D4);
  let scale = scale_of_cells(D4, source);
  let block = (slot / PAGE * dims.kv_heads + head) * BLOCK_UNITS;
  let d4 = unit * CELLS / 4u;
  store_unit(block + select(k_unit(t, d4), v_unit(t, d4), is_v), pack_unit(source, unit, scale));
  if (FORMAT == 2u && unit == 0u) {
    pages[block * 4u + select(k_scale_word(t), v_scale_word(t), is_v)] = bitcast<u32>(scale);
  }
}
