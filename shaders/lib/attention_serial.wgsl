// The sums of lib/attention.wgsl, bit for bit, by one invocation for one query head and token: tiles, quarters and partitions
// in its own registers. The kernel declares q, items, y and dims, HEAD_DIM, GROUP, ROWS, PAGE, FORMAT, includes weights,
// kv_page and attention_fold, and defines
//   block_of(key, row, kv_head) -> u32   first unit of the block that holds a key's page and head
//   page_unit(i) -> vec4u                unit i of the pages
//   page_word(i, w) -> u32               word w of that unit

struct Query { token: u32, head: u32, row: u32, keys: u32 }

var<private> query: array<vec4f, D4>;
var<private> scores: array<f32, KEYS>;
var<private> value: array<vec4f, 4u * D4>; // [quarter][d4] of one partition
var<private> sum: vec4f; // [quarter]
var<private> result: array<vec4f, D4>;

fn scale_at(block: u32, word: u32) -> f32 {
  if (FORMAT != 2u) { return 1.0; }
  return bitcast<f32>(page_word(block + word / 4u, word % 4u));
}

fn score(block: u32, t: u32) -> f32 {
  var s = 0.0;
  for (var d4 = 0u; d4 < D4; d4++) {
    let k = unpack_cells(page_unit(block + k_unit(t, d4)), d4);
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
      var v = unpack_cells(page_unit(block + v_unit(t, d4)), d4);
      if (FORMAT == 2u) { v *= scale; }
      value[quarter * D4 + d4] = fma(vec4f(p), v, value[quarter * D4 + d4]);
    }
  }
  return now;
}

// Head index % dims.heads of token index / dims.heads, where an item has ROWS tokens.
fn attend(index: u32) {
  let per_item = ROWS * dims.heads;
  if (index >= dims.items * per_item) { return; }
  let item = items[index / per_item];
  let row = index % per_item / dims.heads;
  if (row >= item.y) { return; }
  let x = Query(item.x + row, index % dims.heads, item.z, item.w + row + 1u);
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
