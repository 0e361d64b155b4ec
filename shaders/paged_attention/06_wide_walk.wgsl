// @title Wide walk
// @change As the page walk, with several tiles at once: a lane scores several keys with each read of the queries, of
// a unit of K it uses all cells, of V it loads only the words it adds, and it loads many keys before it adds the first.
// @why The page walk waits for one load after another. Bits are those of the page walk.
// @result on an H200, 32×1024 f32: 51 µs; a long context keeps too few workgroups busy: 8×32768 1.2 ms
// @reduction tile64-part512
// @lib weights unpack kv_page attention_item attention_fold attention_walk
// attention_quads attention_wide attention_wide_scores attention_wide_values attention_wide_words
// @pass main [items, kv_heads]
// @require LANES / TILES >= 16
// @require LANES / TILES <= 64

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
const LANES: u32 = 128u; // @param 64 128 256
const TILES: u32 = 4u; // @param 2 4 8
const UNITS: u32 = 4u; // @param 2 4
const AHEAD: u32 = 16u; // @param 4 8 16

fn block_of(key: u32) -> u32 {
  return (tables[item.z * dims.width + key / PAGE] * dims.kv_heads + kv_head) * BLOCK_UNITS;
}

fn page_unit(i: u32) -> vec4u { return pages[i]; }
fn page_word(i: u32, w: u32) -> u32 { return pages[i][w]; }

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) { walk(group, lane); }
