// The sums of lib/attention.wgsl, bit for bit, by a workgroup of LANES lanes that takes TILES tiles at once, so that many
// loads are under way: scores of all their keys, OWN keys a lane and UNITS units each, then the peaks of the tiles one
// after the other, then V, AHEAD keys at a time. Four queries make a vec4: one read of workgroup memory serves all four.
//
// The kernel declares HEAD_DIM, GROUP, ROWS, PAGE, FORMAT, LANES, TILES, UNITS, AHEAD (LANES / TILES of 16 to 64), includes
// weights, kv_page and unpack, and defines
//   query(q, d4) -> vec4f     vec4 d4 of query q = row · GROUP + head, scaled; zero for rows past the last
//   block_of(key) -> u32      first unit of the block that holds a key's page and head
//   page_unit(i) -> vec4u     unit i of the pages
//   page_word(i, w) -> u32    word w of that unit

const QUERIES: u32 = ROWS * GROUP;
const QUADS: u32 = (QUERIES + 3u) / 4u;
const D4: u32 = HEAD_DIM / 4u;
const KEYS: u32 = 64u;
const PARTITION: u32 = 512u;
const CHUNK: u32 = TILES * KEYS;
const SHARE: u32 = LANES / TILES; // lanes a tile
const OWN: u32 = KEYS / SHARE; // keys a lane
const CELLS4: u32 = CELLS / 4u;
const EVEN: u32 = select(1u, 2u, UNITS > 1u && HEAD_UNITS % 2u == 0u);
const STEP: u32 = select(EVEN, UNITS, HEAD_UNITS % UNITS == 0u); // units of K under way, a key: 1, 2 or 4
const TASKS: u32 = (4u * D4 + LANES - 1u) / LANES; // (quarter, d4) pairs a lane
const LOWEST: f32 = -3.0e38; // stands for −∞, which WGSL may assume absent

var<workgroup> queries: array<vec4f, HEAD_DIM * QUADS>; // [d][quad] of 4 queries: 16 B · HEAD_DIM · QUADS
var<workgroup> shared4: array<vec4f, max(CHUNK * QUADS, 16u * D4)>; // [key][quad] exp(s − peak); then what meets
var<workgroup> tops: array<vec4f, LANES * QUADS>; // [lane][quad] largest score of the lane's keys
var<workgroup> peaks: array<vec4f, TILES * QUADS>; // [tile][quad] largest score of a tile
var<workgroup> sums: array<vec4f, 4u * QUADS>; // [quad][quarter]
var<workgroup> blocks: array<u32, CHUNK>; // [key]
var<workgroup> scales: array<f32, select(1u, CHUNK, FORMAT == 2u)>; // [key] of V

// One lane's registers. Kept private instead of being passed: some compilers copy an array cell by cell.
var<private> s: array<vec4f, OWN * QUADS>; // scores of this lane's keys
var<private> from_k: array<u32, OWN>; // first unit of each of them
var<private> peak: array<vec4f, QUADS>;
var<private> sum: array<vec4f, TASKS * QUADS>;
var<private> value: array<vec4f, TASKS * QUADS * 4u>; // [task][quad][query]
// What a partition comes to, for vec4 `d4` of query 4 · quad + c, where task's number is c · D4 + d4:
// Σ exp(s − peak), its peak, and Σ exp(s − peak) · v.
var<private> part_peak: array<f32, TASKS * QUADS>;
var<private> part_sum: array<f32, TASKS * QUADS>;
var<private> part_value: array<vec4f, TASKS * QUADS>;

fn stage_queries(lane: u32) {
  for (var i = lane; i < QUADS * D4; i += LANES) {
    let quad = i / D4;
    let d4 = i % D4;
    let cells = transpose(mat4x4f(query_or_none(quad * 4u, d4), query_or_none(quad * 4u + 1u, d4),
                                  query_or_none(quad * 4u + 2u, d4), query_or_none(quad * 4u + 3u, d4)));
    let out = d4 * 4u * QUADS + quad;
    queries[out] = cells[0];
    queries[out + QUADS] = cells[1];
    queries[out + 2u * QUADS] = cells[2];
    queries[out + 3u * QUADS] = cells[3];
  }
  workgroupBarrier();
}

fn query_or_none(q: u32, d4: u32) -> vec4f {
  if (q >= QUERIES) { return vec4f(); }
  return query(q, d4);
}

fn pick(v: vec4f, c: u32) -> f32 { return select(select(v.x, v.y, c == 1u), select(v.z, v.w, c == 3u), c >= 2u); }

// Cells of vec4 number i of a unit.
fn cells_of(unit: vec4u, i: u32) -> vec4f {
  if (FORMAT == 2u) { return unpack_i8(unit[i & 3u]); }
  return unpack_cells(unit, i);
}

// What load_v leaves packed: of a unit only the words that hold vec4 number d4, in front.
fn load_v(unit: u32, d4: u32) -> vec4u {
  if (FORMAT == 0u) { return page_unit(unit); }
  if (FORMAT == 1u) {
    let w = 2u * (d4 & 1u);
    return vec4u(page_word(unit, w), page_word(unit, w + 1u), 0u, 0u);
  }
  return vec4u(page_word(unit, d4 & 3u), 0u, 0u, 0u);
}

// Last key that each query of a quad sees.
fn limits(position: u32, quad: u32) -> vec4u { return position + (quad * 4u + vec4u(0u, 1u, 2u, 3u)) / GROUP; }

// One unit of each of a lane's keys; keys that a lane does not have stay zero.
struct Units { first: vec4u, second: vec4u, third: vec4u, fourth: vec4u }

fn units_of(u: u32) -> Units {
  var units: Units;
  units.first = page_unit(from_k[0] + u * PAGE);
  if (OWN > 1u) { units.second = page_unit(from_k[min(1u, OWN - 1u)] + u * PAGE); }
  if (OWN > 2u) {
    units.third = page_unit(from_k[min(2u, OWN - 1u)] + u * PAGE);
    units.fourth = page_unit(from_k[min(3u, OWN - 1u)] + u * PAGE);
  }
  return units;
}

fn score_units(u: u32, units: Units) {
  score_cells(u * CELLS4, units, 0u);
  if (CELLS4 > 1u) { score_cells(u * CELLS4 + 1u, units, 1u); }
  if (CELLS4 > 2u) {
    score_cells(u * CELLS4 + 2u, units, 2u);
    score_cells(u * CELLS4 + 3u, units, 3u);
  }
}

// Vec4 number d4 of the head, which is number i of the units.
fn score_cells(d4: u32, units: Units, i: u32) {
  for (var quad = 0u; quad < QUADS; quad++) {
    let at = d4 * 4u * QUADS + quad;
    let x = mat4x4f(queries[at], queries[at + QUADS], queries[at + 2u * QUADS], queries[at + 3u * QUADS]);
    score_key(quad, x, cells_of(units.first, i));
    if (OWN > 1u) { score_key(min(1u, OWN - 1u) * QUADS + quad, x, cells_of(units.second, i)); }
    if (OWN > 2u) {
      score_key(min(2u, OWN - 1u) * QUADS + quad, x, cells_of(units.third, i));
      score_key(min(3u, OWN - 1u) * QUADS + quad, x, cells_of(units.fourth, i));
    }
  }
}

fn score_key(at: u32, x: mat4x4f, k: vec4f) {
  s[at] = fma(x[3], vec4f(k.w), fma(x[2], vec4f(k.z), fma(x[1], vec4f(k.y), fma(x[0], vec4f(k.x), s[at]))));
}

// q · k of this lane's keys (slot, slot + SHARE …) for every query. Keys past the last are read as the last.
fn score_keys(chunk: u32, slot: u32, position: u32, last: u32) {
  var scale: array<f32, OWN>;
  for (var k = 0u; k < OWN; k++) {
    let key = min(chunk + slot + k * SHARE, last);
    let block = block_of(key);
    let t = key % PAGE;
    from_k[k] = block + t;
    blocks[slot + k * SHARE] = block;
    if (FORMAT == 2u) {
      let word = k_scale_word(t);
      scale[k] = bitcast<f32>(page_word(block + word / 4u, word % 4u));
      let word_v = v_scale_word(t);
      scales[slot + k * SHARE] = bitcast<f32>(page_word(block + word_v / 4u, word_v % 4u));
    }
  }
  for (var u = 0u; u < HEAD_UNITS; u += STEP) {
    // every load comes before the first sum, each in a name of its own: an array might end up in memory
    let a = units_of(u);
    var b: Units;
    var c: Units;
    var d: Units;
    if (STEP > 1u) { b = units_of(u + 1u); }
    if (STEP > 2u) {
      c = units_of(u + 2u);
      d = units_of(u + 3u);
    }
    score_units(u, a);
    if (STEP > 1u) { score_units(u + 1u, b); }
    if (STEP > 2u) {
      score_units(u + 2u, c);
      score_units(u + 3u, d);
    }
  }
  for (var quad = 0u; quad < QUADS; quad++) {
    for (var k = 0u; k < OWN; k++) {
      if (FORMAT == 2u) { s[k * QUADS + quad] *= scale[k]; }
      let hidden = vec4u(chunk + slot + k * SHARE) > limits(position, quad);
      s[k * QUADS + quad] = select(s[k * QUADS + quad], vec4f(LOWEST), hidden);
    }
  }
}

// Packed V of key j + i of a tile, the last one's past the last.
fn load_key(first: u32, last: u32, slot: u32, j: u32, i: u32, d4: u32) -> vec4u {
  let block = blocks[slot + select(0u, i, PAGE < AHEAD)]; // else all are in one page
  return load_v(block + v_unit(min(first + j + i, last) % PAGE, d4), d4);
}

fn add_key(slot: u32, task: u32, packed: vec4u) {
  var v = cells_of(packed, 0u); // load_v put the words in front
  if (FORMAT == 2u) { v *= scales[slot]; }
  for (var quad = 0u; quad < QUADS; quad++) {
    let p = shared4[slot * QUADS + quad];
    let at = task * QUADS + quad;
    sum[at] += p;
    value[at * 4u] = fma(vec4f(p.x), v, value[at * 4u]);
    value[at * 4u + 1u] = fma(vec4f(p.y), v, value[at * 4u + 1u]);
    value[at * 4u + 2u] = fma(vec4f(p.z), v, value[at * 4u + 2u]);
    value[at * 4u + 3u] = fma(vec4f(p.w), v, value[at * 4u + 3u]);
  }
}

// V of one tile of the chunk for one (quarter, d4), behind what `value` and `sum` hold already.
fn add_values(tile: u32, first: u32, last: u32, task: u32, quarter: u32, d4: u32) {
  for (var j = quarter * 16u; j < quarter * 16u + 16u; j += AHEAD) {
    if (first + j > last) { break; }
    let slot = tile * KEYS + j;
    // as in score_keys: loads first, each in a name of its own
    let v0 = load_key(first, last, slot, j, 0u, d4);
    let v1 = load_key(first, last, slot, j, 1u, d4);
    let v2 = load_key(first, last, slot, j, 2u, d4);
    let v3 = load_key(first, last, slot, j, 3u, d4);
    var v4: vec4u;
    var v5: vec4u;
    var v6: vec4u;
    var v7: vec4u;
    var v8: vec4u;
    var v9: vec4u;
    var v10: vec4u;
    var v11: vec4u;
    var v12: vec4u;
    var v13: vec4u;
    var v14: vec4u;
    var v15: vec4u;
    if (AHEAD > 4u) {
      v4 = load_key(first, last, slot, j, 4u, d4);
      v5 = load_key(first, last, slot, j, 5u, d4);
      v6 = load_key(first, last, slot, j, 6u, d4);
      v7 = load_key(first, last, slot, j, 7u, d4);
    }
    if (AHEAD > 8u) {
      v8 = load_key(first, last, slot, j, 8u, d4);
      v9 = load_key(first, last, slot, j, 9u, d4);
      v10 = load_key(first, last, slot, j, 10u, d4);
      v11 = load_key(first, last, slot, j, 11u, d4);
      v12 = load_key(first, last, slot, j, 12u, d4);
      v13 = load_key(first, last, slot, j, 13u, d4);
      v14 = load_key(first, last, slot, j, 14u, d4);
      v15 = load_key(first, last, slot, j, 15u, d4);
    }
    add_key(slot + 0u, task, v0);
    add_key(slot + 1u, task, v1);
    add_key(slot + 2u, task, v2);
    add_key(slot + 3u, task, v3);
    if (AHEAD > 4u) {
      add_key(slot + 4u, task, v4);
      add_key(slot + 5u, task, v5);
      add_key(slot + 6u, task, v6);
      add_key(slot + 7u, task, v7);
    }
    if (AHEAD > 8u) {
      add_key(slot + 8u, task, v8);
      add_key(slot + 9u, task, v9);
      add_key(slot + 10u, task, v10);
      add_key(slot + 11u, task, v11);
      add_key(slot + 12u, task, v12);
      add_key(slot + 13u, task, v13);
      add_key(slot + 14u, task, v14);
      add_key(slot + 15u, task, v15);
    }
  }
}

// The partition that starts at key `first`. Row r sees keys up to position + r; `last` is the last row's. All
// lanes must call it with the same arguments but `lane`.
fn attend(lane: u32, first: u32, position: u32, last: u32) {
  let own_tile = lane / SHARE;
  let slot = own_tile * KEYS + lane % SHARE;
  for (var quad = 0u; quad < QUADS; quad++) { peak[quad] = vec4f(LOWEST); }
  for (var i = 0u; i < TASKS * QUADS; i++) { sum[i] = vec4f(); }
  for (var i = 0u; i < TASKS * QUADS * 4u; i++) { value[i] = vec4f(); }
  for (var chunk = first; chunk <= min(last, first + PARTITION - 1u); chunk += CHUNK) {
    let tiles = min(TILES, (last - chunk) / KEYS + 1u);
    let visible = own_tile < tiles;
    for (var i = 0u; i < OWN * QUADS; i++) { s[i] = vec4f(select(LOWEST, 0.0, visible)); }
    if (visible) { score_keys(chunk, slot, position, last); }
    for (var quad = 0u; quad < QUADS; quad++) {
      var most = s[quad];
      for (var k = 1u; k < OWN; k++) { most = max(most, s[k * QUADS + quad]); }
      tops[lane * QUADS + quad] = most;
    }
    workgroupBarrier();
    if (lane < tiles * QUADS) {
      let from_top = lane / QUADS * SHARE * QUADS + lane % QUADS;
      var most = tops[from_top];
      for (var i = 1u; i < SHARE; i++) { most = max(most, tops[from_top + i * QUADS]); }
      peaks[lane] = most;
    }
    workgroupBarrier();
    if (visible) {
      for (var quad = 0u; quad < QUADS; quad++) {
        var now = peak[quad];
        for (var tile = 0u; tile <= own_tile; tile++) { now = max(now, peaks[tile * QUADS + quad]); }
        for (var k = 0u; k < OWN; k++) {
          let hidden = vec4u(chunk + slot + k * SHARE) > limits(position, quad);
          shared4[(slot + k * SHARE) * QUADS + quad] = select(exp(s[k * QUADS + quad] - now), vec4f(), hidden);
        }
      }
    }
    workgroupBarrier();
    for (var tile = 0u; tile < tiles; tile++) {
      for (var quad = 0u; quad < QUADS; quad++) {
        let now = max(peak[quad], peaks[tile * QUADS + quad]);
        let shrink = exp(peak[quad] - now);
        peak[quad] = now;
        for (var task = 0u; task < TASKS; task++) {
          let at = task * QUADS + quad;
          sum[at] *= shrink;
          value[at * 4u] *= shrink.x;
          value[at * 4u + 1u] *= shrink.y;
          value[at * 4u + 2u] *= shrink.z;
          value[at * 4u + 3u] *= shrink.w;
        }
      }
      for (var task = 0u; task < TASKS; task++) {
        let i = lane + task * LANES;
        if (i < 4u * D4) { add_values(tile, chunk + tile * KEYS, last, task, i / D4, i % D4); }
      }
    }
    workgroupBarrier(); // the next chunk, or what meets, takes the place of this one's
  }
  for (var quad = 0u; quad < QUADS; quad++) { meet(lane, quad); }
}

// The quarters of a quad's queries meet: each lane takes one vec4 of one query, a task.
fn meet(lane: u32, quad: u32) {
  for (var task = 0u; task < TASKS; task++) {
    let i = lane + task * LANES;
    if (i < 4u * D4) {
      let at = task * QUADS + quad;
      for (var c = 0u; c < 4u; c++) { shared4[c * 4u * D4 + i] = value[at * 4u + c]; }
      if (i % D4 == 0u) { sums[quad * 4u + i / D4] = sum[at]; }
    }
  }
  workgroupBarrier();
  for (var task = 0u; task < TASKS; task++) {
    let i = min(lane + task * LANES, 4u * D4 - 1u);
    let c = i / D4;
    let at = c * 4u * D4 + i % D4;
    let all = ((sums[quad * 4u] + sums[quad * 4u + 1u]) + sums[quad * 4u + 2u]) + sums[quad * 4u + 3u];
    part_peak[task * QUADS + quad] = pick(peak[quad], c);
    part_sum[task * QUADS + quad] = pick(all, c);
    part_value[task * QUADS + quad] = ((shared4[at] + shared4[at + D4]) + shared4[at + 2u * D4]) + shared4[at + 3u * D4];
  }
  workgroupBarrier();
}
