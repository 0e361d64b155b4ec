// Attention of ROWS consecutive queries × GROUP heads with the keys of one partition, by a workgroup of 64
// lanes. Every kernel that includes it sums in the same order, counted from position 0 whatever the page size:
// tiles of 64 keys, online softmax from tile to tile; in a tile four quarters of 16 keys, each from left to
// right; the quarters meet at the partition's end. Each K and V is read once for all ROWS × GROUP queries.
//
// The kernel declares HEAD_DIM, GROUP, ROWS, PAGE, FORMAT, includes weights, kv_page, attention_item and attention_fold,
// and defines
//   block_of(key) -> u32      first unit of the block that holds a key's page and head
//   page_unit(i) -> vec4u     unit i of the pages

const QUERIES: u32 = ROWS * GROUP;
const PARTS: u32 = QUERIES; // vec4s of results a lane
const TASKS: u32 = (4u * D4 + 63u) / 64u; // (quarter, d4) pairs a lane
// Queries whose quarters meet at once: all of them where 8 KiB hold them.
const MEET: u32 = select(1u, QUERIES, QUERIES * D4 <= 128u);

var<workgroup> queries: array<vec4f, QUERIES * D4>; // 16 B · QUERIES · D4
var<workgroup> scores: array<f32, 2u * QUERIES * KEYS>; // 512 B · QUERIES: one half a tile, turn by turn
var<workgroup> peaks: array<f32, QUERIES * 4u>; // 16 B · QUERIES
var<workgroup> blocks: array<u32, 2u * KEYS>; // 512 B
var<workgroup> meet: array<vec4f, MEET * 4u * D4>; // at most 8 KiB
var<workgroup> meet_sum: array<f32, MEET * 4u>; // 16 B · MEET

// One lane's registers. Kept private instead of being passed: some compilers copy an array cell by cell.
var<private> s: array<f32, QUERIES>; // scores of this lane's key
var<private> sum: array<f32, TASKS * QUERIES>;
var<private> value: array<vec4f, TASKS * QUERIES>;
// What a partition comes to: each query's peak so far; at its end, for the vec4 that place_of tells, Σ exp(s − peak) and
// Σ exp(s − peak) · v.
var<private> part_peak: array<f32, QUERIES>;
var<private> part_sum: array<f32, QUERIES>;
var<private> part_value: array<vec4f, QUERIES>;

// Query and d4 of this lane's part i; QUERIES where it has none.
fn place_of(lane: u32, i: u32) -> vec2u { return vec2u(select(QUERIES, i, lane < D4), lane); }

fn stage_queries(lane: u32) {
  for (var i = lane; i < QUERIES * D4; i += 64u) { queries[i] = query(i / D4, i % D4); }
  workgroupBarrier();
}

fn load_k(block: u32, t: u32, d4: u32) -> vec4f {
  return unpack_cells(page_unit(block + k_unit(t, d4)), d4);
}

fn load_v(block: u32, t: u32, d4: u32) -> vec4f {
  return unpack_cells(page_unit(block + v_unit(t, d4)), d4);
}

fn scale_at(block: u32, word: u32) -> f32 {
  if (FORMAT != 2u) { return 1.0; }
  return bitcast<f32>(page_unit(block + word / 4u)[word % 4u]);
}

// q · k of this lane's key for every query.
fn score_key(key: u32) {
  let block = block_of(key);
  for (var d4 = 0u; d4 < D4; d4++) {
    let k = load_k(block, key % PAGE, d4);
    for (var q = 0u; q < QUERIES; q++) {
      let x = queries[q * D4 + d4];
      s[q] = fma(x.w, k.w, fma(x.z, k.z, fma(x.y, k.y, fma(x.x, k.x, s[q]))));
    }
  }
  if (FORMAT == 2u) {
    let scale = scale_at(block, k_scale_word(key % PAGE));
    for (var q = 0u; q < QUERIES; q++) { s[q] *= scale; }
  }
}

// The partition that starts at key `first`. Row r sees keys up to position + r; `last` is the last row's. All
// lanes must call it with the same arguments but `lane`.
fn attend(lane: u32, first: u32, position: u32, last: u32) {
  for (var q = 0u; q < QUERIES; q++) { part_peak[q] = LOWEST; }
  for (var i = 0u; i < TASKS * QUERIES; i++) {
    sum[i] = 0.0;
    value[i] = vec4f();
  }
  for (var tile = first; tile <= min(last, first + PARTITION - 1u); tile += KEYS) {
    let key = tile + lane;
    // the halves take turns: nobody writes what a slower lane still reads from the tile before
    let turn = tile / KEYS % 2u;
    let own = turn * QUERIES * KEYS;
    for (var q = 0u; q < QUERIES; q++) { s[q] = 0.0; }
    if (key <= last) {
      score_key(key);
      blocks[turn * KEYS + lane] = block_of(key);
    }
    for (var q = 0u; q < QUERIES; q++) {
      if (key > position + q / GROUP) { s[q] = LOWEST; }
      scores[own + q * KEYS + lane] = s[q];
    }
    workgroupBarrier();
    for (var i = lane; i < QUERIES * 4u; i += 64u) {
      var most = LOWEST;
      for (var j = 0u; j < 16u; j++) { most = max(most, scores[own + i * 16u + j]); }
      peaks[i] = most;
    }
    workgroupBarrier();
    for (var q = 0u; q < QUERIES; q++) {
      let here = max(max(peaks[q * 4u], peaks[q * 4u + 1u]), max(peaks[q * 4u + 2u], peaks[q * 4u + 3u]));
      let now = max(part_peak[q], here);
      let shrink = exp(part_peak[q] - now);
      part_peak[q] = now;
      for (var task = 0u; task < TASKS; task++) {
        sum[task * QUERIES + q] *= shrink;
        value[task * QUERIES + q] *= shrink;
      }
      scores[own + q * KEYS + lane] = select(exp(s[q] - now), 0.0, key > position + q / GROUP);
    }
    workgroupBarrier();
    for (var task = 0u; task < TASKS; task++) {
      let quarter = (lane + task * 64u) / D4;
      let d4 = (lane + task * 64u) % D4;
      if (quarter >= 4u) { continue; }
      for (var j = quarter * 16u; j < min(quarter * 16u + 16u, last + 1u - tile); j++) {
        let t = (tile + j) % PAGE;
        var v = load_v(blocks[turn * KEYS + j], t, d4);
        if (FORMAT == 2u) { v *= scale_at(blocks[turn * KEYS + j], v_scale_word(t)); }
        for (var q = 0u; q < QUERIES; q++) {
          let p = scores[own + q * KEYS + j];
          sum[task * QUERIES + q] += p;
          value[task * QUERIES + q] = fma(vec4f(p), v, value[task * QUERIES + q]);
        }
      }
    }
  }
  for (var base = 0u; base < QUERIES; base += MEET) {
    for (var q = base; q < base + MEET; q++) {
      for (var task = 0u; task < TASKS; task++) {
        let i = lane + task * 64u;
        if (i < 4u * D4) {
          meet[(q - base) * 4u * D4 + i] = value[task * QUERIES + q];
          if (i % D4 == 0u) { meet_sum[(q - base) * 4u + i / D4] = sum[task * QUERIES + q]; }
        }
      }
    }
    workgroupBarrier();
    for (var q = base; q < base + MEET; q++) {
      let at = (q - base) * 4u * D4 + lane % D4;
      part_value[q] = ((meet[at] + meet[at + D4]) + meet[at + 2u * D4]) + meet[at + 3u * D4];
      let s = (q - base) * 4u;
      part_sum[q] = ((meet_sum[s] + meet_sum[s + 1u]) + meet_sum[s + 2u]) + meet_sum[s + 3u];
    }
    workgroupBarrier();
  }
}
