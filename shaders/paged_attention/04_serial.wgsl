// @title Serial
// @change One invocation a query head and token, with the tiles, quarters and partitions of the page walk in its
// own registers: no workgroup memory, no barrier.
// @why On a CPU adapter a barrier costs more than the work between two of them. The order of summation is that
// of the page walk, so the bits are too.
// @result on SwiftShader (a CPU), 8 sequences, one KV head of 32 for two: an eighth of the page walk's time at 64 keys,
// half at 1,024; not measured on a GPU yet
// @reduction tile64-part512
// @lib weights kv_page attention_fold
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
const D4: u32 = HEAD_DIM / 4u;
const KEYS: u32 = 64u;
const PARTITION: u32 = 512u;
const LOWEST: f32 = -3.0e38;

struct Query { token: u32, head: u32, row: u32, keys: u32 }

var<private> query: array<vec4f, D4>;
var<private> scores: array<f32, KEYS>;
var<private> value: array<vec4f, 4u * D4>; // [quarter][d4] of one partition
var<private> sum: vec4f; // [quarter]
var<private> result: array<vec4f, D4>;

fn block_of(key: u32, row: u32, kv_head: u32) -> u32 {
  return (tables[row * dims.width + key / PAGE] * dims.kv_heads + kv_head) * BLOCK_UNITS;
}

fn scale_at(block: u32, word: u32) -> f32 {
  if (FORMAT != 2u) { return 1.0; }
  return bitcast<f32>(pages[block + word / 4u][word % 4u]);
}

fn score(block: u32, t: u32) -> f32 {
  var s = 0.0;
  for (var d4 = 0u; d4 < D4; d4++) {
    let k = unpack_cells(pages[block + k_unit(t, d4)], d4);
    s = fma(query[d4].x, k.x, s);
    s = fma(query[d4].y, k.y, s);
    s = fma(query[d4].z, k.z, s);
    s = fma(query[d4].w, k.w, s);
  }
  if (FORMAT == 2u) { s *= scale_at(block, k_scale_word(t)); }
  return s;
}

// Keys first … of one tile: scores, then the online softmax of each quarter. Returns the new peak.
fn attend_tile(x: Query, first: u32, peak: f32) -> f32 {
  let kv_head = x.head / GROUP;
  let count = min(KEYS, x.keys - first);
  var now = peak;
  var block = 0u;
  for (var j = 0u; j < count; j++) {
    let t = (first + j) % PAGE;
    if (j == 0u || t == 0u) { block = block_of(first + j, x.row, kv_head); } // one look-up a page
    let s = score(block, t);
    scores[j] = s;
    now = max(now, s);
  }
  let shrink = exp(peak - now);
  sum *= shrink;
  for (var i = 0u; i < 4u * D4; i++) { value[i] *= shrink; }
  for (var j = 0u; j < count; j++) {
    let p = exp(scores[j] - now);
    let t = (first + j) % PAGE;
    if (j == 0u || t == 0u) { block = block_of(first + j, x.row, kv_head); }
    let quarter = j / 16u;
    sum[quarter] += p;
    let scale = scale_at(block, v_scale_word(t));
    for (var d4 = 0u; d4 < D4; d4++) {
      var v = unpack_cells(pages[block + v_unit(t, d4)], d4);
      if (FORMAT == 2u) { v *= scale; }
      value[quarter * D4 + d4] = fma(vec4f(p), v, value[quarter * D4 + d4]);
    }
  }
  return now;
}

@compute @workgroup_size(4)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let per_item = ROWS * dims.heads;
  if (id.x >= dims.items * per_item) { return; }
  let item = items[id.x / per_item];
  let row = id.x % per_item / dims.heads;
  if (row >= item.y) { return; }
  let x = Query(item.x + row, id.x % dims.heads, item.z, item.w + row + 1u);
  let head = (x.token * dims.heads + x.head) * D4;
  let scale = 1.0 / sqrt(f32(HEAD_DIM));
  for (var d4 = 0u; d4 < D4; d4++) { query[d4] = q[head + d4] * scale; }
  var peak = LOWEST;
  var total = 0.0;
  for (var first = 0u; first < x.keys; first += PARTITION) {
    var part_peak = LOWEST;
    sum = vec4f();
    for (var i = 0u; i < 4u * D4; i++) { value[i] = vec4f(); }
    for (var tile = first; tile < min(first + PARTITION, x.keys); tile += KEYS) {
      part_peak = attend_tile(x, tile, part_peak);
    }
    let part_sum = ((sum.x + sum.y) + sum.z) + sum.w;
    var folded = Folded(peak, total, vec4f());
    for (var d4 = 0u; d4 < D4; d4++) {
      let v = ((value[d4] + value[D4 + d4]) + value[2u * D4 + d4]) + value[3u * D4 + d4];
      folded = fold(Folded(peak, total, result[d4]), part_peak, part_sum, v);
      result[d4] = folded.value;
    }
    peak = folded.peak;
    total = folded.sum;
  }
  for (var d4 = 0u; d4 < D4; d4++) { y[head + d4] = result[d4] / total; }
}
