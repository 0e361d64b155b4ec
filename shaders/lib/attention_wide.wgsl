// The sums of lib/attention.wgsl, bit for bit, by a workgroup of LANES lanes that takes TILES tiles at once, so that many
// loads are under way: scores of all their keys, OWN keys a lane and UNITS units each, then the peaks of the tiles one
// after the other, then V, AHEAD keys at a time, a lane four cells. Queries are attention_quads', K is attention_wide_scores', V
// attention_wide_values' and attention_wide_words'.

const TASKS: u32 = (4u * D4 + LANES - 1u) / LANES; // (quarter, d4) pairs a lane
const PARTS: u32 = TASKS * QUADS; // vec4s of results a lane

var<workgroup> shared4: array<vec4f, max(CHUNK * QUADS, 16u * D4)>; // [key][quad] exp(s − peak); then what meets
var<workgroup> sums: array<vec4f, 4u * QUADS>; // [quad][quarter]

var<private> peak: array<vec4f, QUADS>;
var<private> sum: array<vec4f, TASKS * QUADS>;
var<private> value: array<vec4f, TASKS * QUADS * 4u>; // [task][quad][query]
// What a partition comes to, for the vec4 that place_of tells: its peak, Σ exp(s − peak), and Σ exp(s − peak) · v.
var<private> part_peak: array<f32, PARTS>;
var<private> part_sum: array<f32, PARTS>;
var<private> part_value: array<vec4f, PARTS>;

// Query and d4 of this lane's part i = task · QUADS + quad; QUERIES or more where it has none.
fn place_of(lane: u32, i: u32) -> vec2u {
  let n = lane + i / QUADS * LANES;
  return vec2u(select(QUERIES, i % QUADS * 4u + n / D4, n < 4u * D4), n % D4);
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
    if (visible) { score_keys(chunk + slot, slot, position, last); }
    find_peaks(lane, tiles);
    if (visible) {
      for (var quad = 0u; quad < QUADS; quad++) {
        var now = peak[quad];
        for (var tile = 0u; tile <= own_tile; tile++) { now = max(now, peaks[tile * QUADS + quad]); }
        share_quad(chunk + slot, slot, quad, now, position);
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
