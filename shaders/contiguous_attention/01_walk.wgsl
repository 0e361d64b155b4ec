// @title Walk
// @change As paged_attention/02_page_walk, but a sequence's K and V lie one block after another: no block table.
// @why The page walk without pages: what remains of its time is what the table costs.
// @result not measured on a GPU yet
// @reduction tile64-part512
// @lib weights unpack kv_page attention_item attention_fold attention attention_walk
// @pass main [items, kv_heads]

struct Dims { heads: u32, kv_heads: u32, width: u32 }

@group(0) @binding(0) var<storage, read> q: array<vec4f>; // [t, heads, head_dim / 4]
@group(0) @binding(1) var<storage, read> dense: array<vec4u>; // [sequences, width, kv_heads, BLOCK_UNITS]
@group(0) @binding(2) var<storage, read> items: array<vec4u>; // [items] first token, tokens, table row, position
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>; // [t, heads, head_dim / 4]
@group(1) @binding(0) var<uniform> dims: Dims;

const HEAD_DIM: u32 = 64u; // @dim head_dim
const GROUP: u32 = 2u; // @dim group
const PAGE: u32 = 16u; // @dim page
const FORMAT: u32 = 0u; // @dim format
const ROWS: u32 = 1u; // @dim item_tokens

fn block_of(key: u32) -> u32 {
  return ((item.z * dims.width + key / PAGE) * dims.kv_heads + kv_head) * BLOCK_UNITS;
}

fn page_unit(i: u32) -> vec4u { return dense[i]; }

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) { walk(group, lane); }
