// The sums of lib/attention.wgsl, bit for bit, by a workgroup of LANES lanes that takes a tile each of TILES partitions at once. A
// quarter's keys must be added one after another, so a lane that takes all cells of a unit of V (16 of int8, 8 of f16) leaves few
// lanes for a tile: those of other partitions fill the workgroup. Queries are attention_quads', K is
// attention_wide_scores', V attention_wide_values'; attention_combine folds what is left here.

const VECS: u32 = CELLS / 4u; // vec4s of a unit
const RUN: u32 = 4u * HEAD_UNITS; // (quarter, unit) pairs of a partition
const TASKS: u32 = (TILES * RUN + LANES - 1u) / LANES; // of them a lane

var<workgroup> shared4: array<vec4f, TILES * max(KEYS * QUADS, 4u * D4)>; // [key][quad] exp(s − peak); then what meets
var<workgroup> sums: array<vec4f, TILES * 4u>; // [partition][quarter] of a quad
var<workgroup> ends: array<vec4f, TILES>; // [partition] peaks of a quad

var<private> peak: array<vec4f, QUADS>; // of the partition that this lane scores
var<private> held: array<vec4f, TASKS * QUADS>; // of those whose V it adds
var<private> sum: array<vec4f, TASKS * QUADS>;
var<private> value: array<vec4f, TASKS * QUADS * VECS * 4u>; // [task][quad][vec4 of the unit][query]

fn load_v(unit: u32, d4: u32) -> vec4u { return page_unit(unit); }

fn add_key(slot: u32, task: u32, packed: vec4u) {
  for (var quad = 0u; quad < QUADS; quad++) { sum[task * QUADS + quad] += shared4[slot * QUADS + quad]; }
  add_cells(slot, task, packed, 0u);
  if (VECS > 1u) { add_cells(slot, task, packed, min(1u, VECS - 1u)); }
  if (VECS > 2u) {
    add_cells(slot, task, packed, min(2u, VECS - 1u));
    add_cells(slot, task, packed, min(3u, VECS - 1u));
  }
}

// Vec4 number i of the unit.
fn add_cells(slot: u32, task: u32, packed: vec4u, i: u32) {
  var v = unpack_cells(packed, i);
  if (FORMAT == 2u) { v *= scales[slot]; }
  for (var quad = 0u; quad < QUADS; quad++) {
    let p = shared4[slot * QUADS + quad];
    let at = ((task * QUADS + quad) * VECS + i) * 4u;
    value[at] = fma(vec4f(p.x), v, value[at]);
    value[at + 1u] = fma(vec4f(p.y), v, value[at + 1u]);
    value[at + 2u] = fma(vec4f(p.z), v, value[at + 2u]);
    value[at + 3u] = fma(vec4f(p.w), v, value[at + 3u]);
  }
}

// What a task holds, to the peak that its partition's next tile brings.
fn shrink_task(task: u32, tile: u32) {
  for (var quad = 0u; quad < QUADS; quad++) {
    let own = task * QUADS + quad;
    let now = max(held[own], peaks[tile * QUADS + quad]);
    let shrink = exp(held[own] - now);
    held[own] = now;
    sum[own] *= shrink;
    for (var i = own * VECS; i < (own + 1u) * VECS; i++) {
      value[i * 4u] *= shrink.x;
      value[i * 4u + 1u] *= shrink.y;
      value[i * 4u + 2u] *= shrink.z;
      value[i * 4u + 3u] *= shrink.w;
    }
  }
}

// Partitions group.z · TILES … of item group.x, to `partial`.
fn attend_partitions(group: vec3u, lane: u32) {
  let here = take_item(group);
  let position = here.w;
  let last = here.w + here.y - 1u;
  let first = group.z * TILES * PARTITION;
  if (first > last) { return; }
  stage_queries(lane);
  let own_tile = lane / SHARE;
  let slot = own_tile * KEYS + lane % SHARE;
  for (var quad = 0u; quad < QUADS; quad++) { peak[quad] = vec4f(LOWEST); }
  for (var i = 0u; i < TASKS * QUADS; i++) { held[i] = vec4f(LOWEST); sum[i] = vec4f(); }
  for (var i = 0u; i < TASKS * QUADS * VECS * 4u; i++) { value[i] = vec4f(); }
  for (var tile = first; tile <= min(last, first + PARTITION - 1u); tile += KEYS) {
    let own = tile + own_tile * PARTITION; // first key of the tile that this lane scores
    let visible = own <= last;
    let key = own + lane % SHARE;
    for (var i = 0u; i < OWN * QUADS; i++) { s[i] = vec4f(select(LOWEST, 0.0, visible)); }
    if (visible) { score_keys(key, slot, position, last); }
    find_peaks(lane, TILES);
    if (visible) {
      for (var quad = 0u; quad < QUADS; quad++) {
        peak[quad] = max(peak[quad], peaks[own_tile * QUADS + quad]);
        share_quad(key, slot, quad, peak[quad], position);
      }
    }
    workgroupBarrier();
    for (var task = 0u; task < TASKS; task++) {
      let i = lane + task * LANES;
      let n = i / RUN;
      if (n < TILES && tile + n * PARTITION <= last) {
        shrink_task(task, n);
        add_values(n, tile + n * PARTITION, last, task, i % RUN / HEAD_UNITS, i % HEAD_UNITS * VECS);
      }
    }
    workgroupBarrier(); // the next tiles, or what meets, take the place of these
  }
  let parts = min(TILES, (last - first) / PARTITION + 1u);
  for (var quad = 0u; quad < QUADS; quad++) {
    meet(group, lane, parts, quad, 0u);
    meet(group, lane, parts, quad, 1u);
    meet(group, lane, parts, quad, 2u);
    meet(group, lane, parts, quad, 3u);
  }
}

// The quarters of query c of a quad meet, of all partitions.
fn meet(group: vec3u, lane: u32, parts: u32, quad: u32, c: u32) {
  if (quad * 4u + c >= QUERIES) { return; }
  for (var task = 0u; task < TASKS; task++) {
    let i = lane + task * LANES;
    if (i < TILES * RUN) {
      let own = task * QUADS + quad;
      for (var n = 0u; n < VECS; n++) { shared4[i * VECS + n] = value[(own * VECS + n) * 4u + c]; }
      if (c == 0u && i % HEAD_UNITS == 0u) { sums[i / HEAD_UNITS] = sum[own]; }
      if (c == 0u && i % RUN == 0u) { ends[i / RUN] = held[own]; }
    }
  }
  workgroupBarrier();
  for (var i = lane; i < parts * D4; i += LANES) {
    let n = i / D4;
    let d4 = i % D4;
    let out = partial_at(group.x, group.z * TILES + n, quad * 4u + c);
    let at = n * 4u * D4 + d4;
    partial[out + d4] = ((shared4[at] + shared4[at + D4]) + shared4[at + 2u * D4]) + shared4[at + 3u * D4];
    if (d4 == 0u) {
      let all = ((sums[n * 4u] + sums[n * 4u + 1u]) + sums[n * 4u + 2u]) + sums[n * 4u + 3u];
      partial[out + D4] = vec4f(pick(ends[n], c), pick(all, c), 0.0, 0.0);
    }
  }
  workgroupBarrier();
}
