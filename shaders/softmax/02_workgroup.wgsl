// @title Workgroup a row, online
// @change 64 lanes share a row; each keeps a running largest cell and a sum that it rescales (Milakov & Gimelshein
// 2018), so that two walks do instead of three; the lanes' results meet in a fixed order.
// @why A row of 100,000 logits needs more than one lane, and every walk reads it from memory again.
// @result not measured on a GPU yet
// @reduction row-64
// @lib row_sum
// @pass main [m]

struct Dims { m: u32, n: u32 }

@group(0) @binding(0) var<storage, read> x: array<f32>; // [m, n], rows padded to 4 cells
@group(0) @binding(1) var<storage, read_write> y: array<f32>; // [m, n], rows padded to 4 cells
@group(1) @binding(0) var<uniform> dims: Dims;

const LOWEST: f32 = -3.4e38;

var<workgroup> peaks: array<f32, 64>; // 256 B

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = group.x * ((dims.n + 3u) / 4u * 4u);
  var peak = LOWEST;
  var sum = 0.0;
  for (var i = lane; i < dims.n; i += 64u) {
    let now = max(peak, x[row + i]);
    sum = fma(sum, exp(peak - now), exp(x[row + i] - now));
    peak = now;
  }
  peaks[lane] = peak;
  workgroupBarrier();
  var top = peaks[0];
  for (var i = 1u; i < 64u; i++) { top = max(top, peaks[i]); }
  let total = row_sum(lane, sum * exp(peak - top));
  for (var i = lane; i < dims.n; i += 64u) { y[row + i] = exp(x[row + i] - top) / total; }
}
