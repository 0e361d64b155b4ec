// @title Workgroup a row
// @change 256 lanes share a row; then halves meet, and of equal cells the lower id wins.
// @why A row of 100,000 logits would keep one lane busy for milliseconds.
// @result not measured on a GPU yet
// @reduction none
// @pass main [m]

struct Dims { m: u32, n: u32 }

@group(0) @binding(0) var<storage, read> x: array<f32>; // [m, n], rows padded to 4 cells
@group(0) @binding(1) var<storage, read_write> ids: array<u32>; // [m]
@group(1) @binding(0) var<uniform> dims: Dims;

const LANES: u32 = 256u; // @param 64 128 256

var<workgroup> best: array<u32, LANES>; // at most 1 KiB

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = group.x * ((dims.n + 3u) / 4u * 4u);
  var own = min(lane, dims.n - 1u);
  for (var i = lane; i < dims.n; i += LANES) { if (x[row + i] > x[row + own]) { own = i; } }
  best[lane] = own;
  workgroupBarrier();
  for (var half = LANES / 2u; half > 0u; half /= 2u) {
    if (lane < half) {
      let a = best[lane];
      let b = best[lane + half];
      let wins = x[row + b] > x[row + a] || (x[row + b] == x[row + a] && b < a);
      best[lane] = select(a, b, wins);
    }
    workgroupBarrier();
  }
  if (lane == 0u) { ids[group.x] = best[0]; }
}
