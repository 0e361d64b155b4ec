// @title Wide units
// @change As the wide partitions, but a lane adds whole 16-byte units of V, 16 int8 cells or 8 of f16, and a workgroup takes
// a tile each of TILES partitions at once, so that its lanes stay busy.
// @why Of int8 pages the wide partitions load V by 4 bytes a lane and read a key's address, scale and probabilities in 16
// lanes of a head of 64: here it is 16 bytes, and 4 lanes. Bits are those of the page walk.
// @result not measured on a GPU yet
// @reduction tile64-part512
// @lib weights unpack kv_page attention_item attention_fold attention_combine
// attention_quads attention_units attention_wide_scores attention_wide_values
// @scratch partial f32 [items, kv_heads, partitions, item_tokens * group * (head_dim + 4)]
// @pass partials [items, kv_heads, ceil(partitions / TILES)]
// @pass combine [items, kv_heads, ceil(item_tokens * group * head_dim / 256)]
// @require LANES / TILES >= 16
// @require LANES / TILES <= 64
// @for partitions > 1

struct Dims { heads: u32, kv_heads: u32, width: u32, partitions: u32 }

@group(0) @binding(0) var<storage, read> q: array<vec4f>; // [t, heads, head_dim / 4]
@group(0) @binding(1) var<storage, read> pages: array<vec4u>; // [pages, kv_heads, BLOCK_UNITS]
@group(0) @binding(2) var<storage, read> tables: array<u32>; // [rows, width] page ids
@group(0) @binding(3) var<storage, read> items: array<vec4u>; // [items] first token, tokens, table row, position
@group(0) @binding(4) var<storage, read_write> y: array<vec4f>; // [t, heads, head_dim / 4]
@group(0) @binding(5) var<storage, read_write> partial: array<vec4f>; // [items, kv_heads, partitions, queries, D4 + 1]
@group(1) @binding(0) var<uniform> dims: Dims;

const HEAD_DIM: u32 = 64u; // @dim head_dim
const GROUP: u32 = 2u; // @dim group
const PAGE: u32 = 16u; // @dim page
const FORMAT: u32 = 0u; // @dim format
const ROWS: u32 = 1u; // @dim item_tokens
// Of V all lanes are busy where TILES · 4 · HEAD_UNITS is a multiple of LANES: int8 heads of 64 at LANES 16 · TILES.
const LANES: u32 = 64u; // @param 64 128 256
const TILES: u32 = 4u; // @param 1 2 4 8
const UNITS: u32 = 4u; // @param 2 4
const AHEAD: u32 = 8u; // @param 4 8 16

fn block_of(key: u32) -> u32 {
  return (tables[item.z * dims.width + key / PAGE] * dims.kv_heads + kv_head) * BLOCK_UNITS;
}

fn page_unit(i: u32) -> vec4u { return pages[i]; }
fn page_word(i: u32, w: u32) -> u32 { return pages[i][w]; }

@compute @workgroup_size(LANES)
fn partials(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  attend_partitions(group, lane);
}

@compute @workgroup_size(64)
fn combine(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let here = take_item(group);
  let task = group.z * 64u + lane;
  if (task < here.y * GROUP * D4) { fold_ahead(group.x, task / D4, task % D4); }
}
