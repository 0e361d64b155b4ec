// @title Naive
// @change One invocation a query head and token: finds the largest score, then sums, computing every score twice.
// @why The baseline: it reads K and V once for every head and token, and each lane walks pages by itself.
// @result baseline
// @reduction sequential-two-pass
// @lib weights unpack kv_page
// @pass main [items, ceil(heads * item_tokens / 64)]

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

fn cells(unit: u32, d4: u32) -> vec4f { return unpack_cells(pages[unit], d4); }

fn scale_at(block: u32, word: u32) -> f32 {
  if (FORMAT != 2u) { return 1.0; }
  return bitcast<f32>(pages[block + word / 4u][word % 4u]);
}

fn score(head: u32, block: u32, t: u32) -> f32 {
  var sum = 0.0;
  for (var d4 = 0u; d4 < D4; d4++) { sum += dot(q[head * D4 + d4], cells(block + k_unit(t, d4), d4)); }
  return sum * scale_at(block, k_scale_word(t)) / sqrt(f32(HEAD_DIM));
}

@compute @workgroup_size(1, 64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let item = items[id.x];
  let row = id.y / dims.heads;
  if (row >= item.y) { return; }
  let head = (item.x + row) * dims.heads + id.y % dims.heads;
  let kv_head = id.y % dims.heads / GROUP;
  let keys = item.w + row + 1u;
  var most = -3.0e38;
  for (var key = 0u; key < keys; key++) {
    let block = (tables[item.z * dims.width + key / PAGE] * dims.kv_heads + kv_head) * BLOCK_UNITS;
    most = max(most, score(head, block, key % PAGE));
  }
  var sum = 0.0;
  var value = array<vec4f, D4>();
  for (var key = 0u; key < keys; key++) {
    let block = (tables[item.z * dims.width + key / PAGE] * dims.kv_heads + kv_head) * BLOCK_UNITS;
    let p = exp(score(head, block, key % PAGE) - most);
    sum += p;
    let scaled = p * scale_at(block, v_scale_word(key % PAGE));
    for (var d4 = 0u; d4 < D4; d4++) { value[d4] += scaled * cells(block + v_unit(key % PAGE, d4), d4); }
  }
  for (var d4 = 0u; d4 < D4; d4++) { y[head * D4 + d4] = value[d4] / sum; }
}
