// @title Serial
// @change One invocation a query head and token, with the tiles, quarters and partitions of the page walk in its
// own registers: no workgroup memory, no barrier.
// @why On a CPU adapter a barrier costs more than the work between two of them. The order of summation is that
// of the page walk, so the bits are too. K and V are read once a query head, not once a group: for CPU adapters.
// @result on SwiftShader (a CPU), 8 sequences, one KV head of 32 for two: an eighth of the page walk's time at 64 keys,
// half at 1,024; not measured on a GPU yet
// @reduction tile64-part512
// @lib weights unpack kv_page attention_fold attention_serial
// @pass main [ceil(items * item_tokens * heads / 4)]
// @for head_dim <= 64 && sequences * keys <= 65536

struct Dims { heads: u32, kv_heads: u32, width: u32, items: u32 }

@group(0) @binding(0) var<storage, read> q: array<vec4f>; // [t, heads, head_dim / 4]
@group(0) @binding(1) var<storage, read> pages: array<vec4u>; // [pages, kv_heads, BLOCK_UNITS]
@group(0) @binding(2) var<storage, read> tables: array<u32>; // [rows, width] page ids
@group(0) @binding(3) var<storage, read> items: array<vec4u>; // [items] first token, tokens, table row, position
@group(0) @binding(4) var<storage, read_write> y: array<vec4f>; // [t, heads, head_dim / 4]
@group(1) @binding(0) var<uniform> dims: Dims;

const HEAD_DIM: u32 = 64u; // @dim head_dim
const GROUP: u32 = 2u; // @dim group
const PAGE: u32 = 16u; // @dim page
const FORMAT: u32 = 0u; // @dim format
const ROWS: u32 = 1u; // @dim item_tokens

fn block_of(key: u32, row: u32, kv_head: u32) -> u32 {
  return (tables[row * dims.width + key / PAGE] * dims.kv_heads + kv_head) * BLOCK_UNITS;
}

fn page_unit(i: u32) -> vec4u { return pages[i]; }
fn page_word(i: u32, w: u32) -> u32 { return pages[i][w]; }

@compute @workgroup_size(4)
fn main(@builtin(global_invocation_id) id: vec3u) { attend(id.x); }
