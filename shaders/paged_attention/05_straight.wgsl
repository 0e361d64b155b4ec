// @title Straight
// @change The serial version without quarters and partitions: keys from left to right, one running sum, one peak that moves
// from tile to tile.
// @why A quarter of the registers and nothing to fold. Another order of summation: for fast numerics only. As the serial
// version it reads K and V once a query head, not once a group: for CPU adapters.
// @result not measured on a GPU yet
// @reduction tile64-straight
// @lib weights unpack kv_page
// @pass main [ceil(items * item_tokens * heads / 4)]
// @for head_dim <= 64

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
const KEYS: u32 = 64u;

var<private> query: array<vec4f, D4>;
var<private> scores: array<f32, KEYS>;
var<private> value: array<vec4f, D4>;

fn block_of(key: u32, row: u32, kv_head: u32) -> u32 {
  return (tables[row * dims.width + key / PAGE] * dims.kv_heads + kv_head) * BLOCK_UNITS;
}

fn scale_at(block: u32, word: u32) -> f32 {
  if (FORMAT != 2u) { return 1.0; }
  return bitcast<f32>(pages[block + word / 4u][word % 4u]);
}

fn score(block: u32, t: u32) -> f32 {
  var s = vec4f();
  for (var d4 = 0u; d4 < D4; d4++) { s = fma(query[d4], unpack_cells(pages[block + k_unit(t, d4)], d4), s); }
  return ((s.x + s.y) + (s.z + s.w)) * scale_at(block, k_scale_word(t));
}

@compute @workgroup_size(4)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let per_item = ROWS * dims.heads;
  if (id.x >= dims.items * per_item) { return; }
  let item = items[id.x / per_item];
  let row = id.x % per_item / dims.heads;
  if (row >= item.y) { return; }
  let head = id.x % dims.heads;
  let kv_head = head / GROUP;
  let keys = item.w + row + 1u;
  let cell = ((item.x + row) * dims.heads + head) * D4;
  for (var d4 = 0u; d4 < D4; d4++) { query[d4] = q[cell + d4] * (1.0 / sqrt(f32(HEAD_DIM))); }
  var peak = -3.0e38;
  var sum = 0.0;
  for (var first = 0u; first < keys; first += KEYS) {
    let count = min(KEYS, keys - first);
    var now = peak;
    var block = 0u;
    for (var j = 0u; j < count; j++) {
      let t = (first + j) % PAGE;
      if (j == 0u || t == 0u) { block = block_of(first + j, item.z, kv_head); } // one look-up a page
      scores[j] = score(block, t);
      now = max(now, scores[j]);
    }
    let shrink = exp(peak - now);
    peak = now;
    sum *= shrink;
    for (var d4 = 0u; d4 < D4; d4++) { value[d4] *= shrink; }
    for (var j = 0u; j < count; j++) {
      let p = exp(scores[j] - now);
      let t = (first + j) % PAGE;
      if (j == 0u || t == 0u) { block = block_of(first + j, item.z, kv_head); }
      sum += p;
      let scaled = vec4f(p * scale_at(block, v_scale_word(t)));
      for (var d4 = 0u; d4 < D4; d4++) {
        value[d4] = fma(scaled, unpack_cells(pages[block + v_unit(t, d4)], d4), value[d4]);
      }
    }
  }
  for (var d4 = 0u; d4 < D4; d4++) { y[cell + d4] = value[d4] / sum; }
}
