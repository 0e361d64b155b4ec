// @title Page walk
// @change A workgroup takes up to item_tokens consecutive tokens of one sequence and the query heads that share
// a KV head, and walks the sequence's pages: block table, page, unit. Scores and probabilities stay in
// workgroup memory, and each K and V is read once for all its queries.
// @why One launch serves decodes and prefill chunks of any mix of lengths; nothing is gathered or padded. Query heads that
// share a KV head share its reads, too; of f16 and int8 pages a 16-byte unit is loaded once for each vec4 in it.
// @result on SwiftShader (a CPU), 8 sequences of 256 keys, one head of 32 for two: 1.00 to 1.01 times the time of
// contiguous_attention/01_walk; not measured on a GPU yet
// @reduction tile64-part512
// @lib weights unpack kv_page attention_item attention_fold attention attention_walk
// @pass main [items, kv_heads]

struct Dims { heads: u32, kv_heads: u32, width: u32 }

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

fn block_of(key: u32) -> u32 {
  return (tables[item.z * dims.width + key / PAGE] * dims.kv_heads + kv_head) * BLOCK_UNITS;
}

fn page_unit(i: u32) -> vec4u { return pages[i]; }

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) { walk(group, lane); }
