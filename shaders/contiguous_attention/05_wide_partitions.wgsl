// @title Wide partitions
// @change As paged_attention/07_wide_partitions, but a sequence's K and V lie one block after another: no block table.
// @why What paging costs where the kernel is near the memory's bandwidth is told by the same kernel without pages.
// @result not measured on a GPU yet
// @reduction tile64-part512
// @lib weights unpack kv_page attention_item attention_fold attention_combine attention_partitions
// attention_quads attention_wide attention_wide_scores attention_wide_values attention_wide_words
// @scratch partial f32 [items, kv_heads, partitions, item_tokens * group * (head_dim + 4)]
// @pass partials [items, kv_heads, partitions]
// @pass combine [items, kv_heads, ceil(item_tokens * group * head_dim / 256)]
// @require LANES / TILES >= 16
// @require LANES / TILES <= 64
// @for partitions > 1

struct Dims { heads: u32, kv_heads: u32, width: u32, partitions: u32 }

@group(0) @binding(0) var<storage, read> q: array<vec4f>; // [t, heads, head_dim / 4]
@group(0) @binding(1) var<storage, read> dense: array<vec4u>; // [sequences, width, kv_heads, BLOCK_UNITS]
@group(0) @binding(2) var<storage, read> items: array<vec4u>; // [items] first token, tokens, table row, position
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>; // [t, heads, head_dim / 4]
@group(0) @binding(4) var<storage, read_write> partial: array<vec4f>; // [items, kv_heads, partitions, queries, D4 + 1]
@group(1) @binding(0) var<uniform> dims: Dims;

const HEAD_DIM: u32 = 64u; // @dim head_dim
const GROUP: u32 = 2u; // @dim group
const PAGE: u32 = 16u; // @dim page
const FORMAT: u32 = 0u; // @dim format
const ROWS: u32 = 1u; // @dim item_tokens
const LANES: u32 = 64u; // @param 64 128 256
const TILES: u32 = 4u; // @param 2 4 8
const UNITS: u32 = 4u; // @param 2 4
const AHEAD: u32 = 16u; // @param 4 8 16

fn block_of(key: u32) -> u32 {
  return ((item.z * dims.width + key / PAGE) * dims.kv_heads + kv_head) * BLOCK_UNITS;
}

fn page_unit(i: u32) -> vec4u { return dense[i]; }
fn page_word(i: u32, w: u32) -> u32 { return dense[i][w]; }

@compute @workgroup_size(LANES)
fn partials(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  attend_partition(group, lane);
}

@compute @workgroup_size(64)
fn combine(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let here = take_item(group);
  let task = group.z * 64u + lane;
  if (task < here.y * GROUP * D4) { fold_ahead(group.x, task / D4, task % D4); }
}
