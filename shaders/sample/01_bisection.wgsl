// @title Bisection
// @change A workgroup a row: finds the top-k and top-p thresholds bit by bit, then the largest noisy score.
// @why Sorting 100,000 logits to cut a tail is waste: 32 sweeps over a row that fits a cache find the cut.
// @result not measured on a GPU yet
// @reduction sample-256
// @lib hash
// @pass main [m]

struct Dims { m: u32, vocab: u32 }

@group(0) @binding(0) var<storage, read> logits: array<f32>; // [m, vocab], rows padded to 4 cells
@group(0) @binding(1) var<storage, read> settings: array<u32>; // [m, 8] temperature, k, p, seed, position, slot
@group(0) @binding(2) var<storage, read_write> sampled: array<u32>; // [slots] ids that the next step may read
@group(0) @binding(3) var<storage, read_write> ids: array<u32>; // [m] the same ids, for reading back
@group(1) @binding(0) var<uniform> dims: Dims;

const LANES: u32 = 256u; // @param 64 256
const SIDE: u32 = select(8u, 16u, LANES == 256u); // reductions have two levels of this many

struct Settings { temperature: f32, k: u32, p: f32, noise: u32 }

var<workgroup> lane_values: array<f32, LANES>; // 1 KiB
var<workgroup> lane_ids: array<u32, LANES>; // 1 KiB
var<private> row_start: u32;

// Keys that order as the floats do.
fn key_of(x: f32) -> u32 {
  let bits = bitcast<u32>(x);
  return select(bits | 0x80000000u, ~bits, bits >= 0x80000000u);
}

// Sum over the workgroup in a fixed order; every lane must call it.
fn sum_lanes(lane: u32, value: f32) -> f32 {
  lane_values[lane] = value;
  workgroupBarrier();
  if (lane < SIDE) {
    var sum = 0.0;
    for (var i = 0u; i < SIDE; i++) { sum += lane_values[i * SIDE + lane]; }
    lane_values[lane] = sum; // nobody else reads this cell: lane reads i · SIDE + lane
  }
  workgroupBarrier();
  var total = 0.0;
  for (var i = 0u; i < SIDE; i++) { total += lane_values[i]; }
  workgroupBarrier();
  return total;
}

struct Best { value: f32, id: u32 }

fn better(a: Best, b: Best) -> Best {
  if (b.value > a.value || (b.value == a.value && b.id < a.id)) { return b; }
  return a;
}

// Greatest value over the workgroup and the lowest id that has it; every lane must call it.
fn best_of_lanes(lane: u32, own: Best) -> Best {
  lane_values[lane] = own.value;
  lane_ids[lane] = own.id;
  workgroupBarrier();
  if (lane < SIDE) {
    var best = own;
    for (var i = 1u; i < SIDE; i++) {
      best = better(best, Best(lane_values[i * SIDE + lane], lane_ids[i * SIDE + lane]));
    }
    lane_values[lane] = best.value;
    lane_ids[lane] = best.id;
  }
  workgroupBarrier();
  var best = Best(lane_values[0], lane_ids[0]);
  for (var i = 1u; i < SIDE; i++) { best = better(best, Best(lane_values[i], lane_ids[i])); }
  workgroupBarrier();
  return best;
}

// Weight of logits whose key is at least `cut`: how many (counting) or their share of probability.
fn weight_above(lane: u32, cut: u32, counting: bool, peak: f32, temperature: f32) -> f32 {
  var sum = 0.0;
  for (var i = lane; i < dims.vocab; i += LANES) {
    let x = logits[row_start + i];
    if (key_of(x) >= cut) { sum += select(exp((x - peak) / temperature), 1.0, counting); }
  }
  return sum_lanes(lane, sum);
}

// The highest cut above which at least `target_weight` lies.
fn highest_cut(lane: u32, target_weight: f32, floor_cut: u32, counting: bool, peak: f32, temperature: f32) -> u32 {
  var cut = 0u;
  for (var bit = 0x80000000u; bit > 0u; bit >>= 1u) {
    let weight = weight_above(lane, max(cut | bit, floor_cut), counting, peak, temperature);
    if (weight >= target_weight) { cut |= bit; }
  }
  return max(cut, floor_cut);
}

// Standard Gumbel noise of one token id. 1 − u is drawn, so that the logarithm of u near 1 keeps its digits.
fn gumbel(noise: u32, id: u32) -> f32 {
  let w = (f32(hash32(noise ^ hash32(id)) >> 8u) + 0.5) / 16777216.0;
  let series = w * (1.0 + w * (0.5 + w * (0.33333334 + w * 0.25)));
  return -log(select(-log(1.0 - w), series, w < 0.015625));
}

fn settings_of(row: u32) -> Settings {
  let seeded = hash32(0x9e3779b9u ^ hash32(settings[row * 8u + 3u]));
  return Settings(bitcast<f32>(settings[row * 8u]), settings[row * 8u + 1u], bitcast<f32>(settings[row * 8u + 2u]),
                  hash32(seeded ^ hash32(settings[row * 8u + 4u])));
}

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = group.x;
  row_start = row * ((dims.vocab + 3u) / 4u * 4u);
  let chosen = settings_of(row);
  var best = Best(LOWEST, 0u);
  for (var i = lane; i < dims.vocab; i += LANES) {
    let x = logits[row_start + i];
    if (x > best.value) { best = Best(x, i); }
  }
  best = best_of_lanes(lane, best);
  if (chosen.temperature > 0.0) {
    let peak = best.value;
    let t = chosen.temperature;
    var cut = 0u;
    if (chosen.k > 0u && chosen.k < dims.vocab) { cut = highest_cut(lane, f32(chosen.k), 0u, true, peak, t); }
    if (chosen.p < 1.0) {
      let mass = weight_above(lane, cut, false, peak, t);
      cut = highest_cut(lane, chosen.p * mass, cut, false, peak, t);
    }
    best = Best(LOWEST, 0u);
    for (var i = lane; i < dims.vocab; i += LANES) {
      let x = logits[row_start + i];
      let noisy = (x - peak) / t + gumbel(chosen.noise, i);
      if (key_of(x) >= cut && noisy > best.value) { best = Best(noisy, i); }
    }
    best = best_of_lanes(lane, best);
  }
  if (lane == 0u) {
    sampled[settings[row * 8u + 5u]] = best.id;
    ids[row] = best.id;
  }
}

const LOWEST: f32 = -3.0e38;
