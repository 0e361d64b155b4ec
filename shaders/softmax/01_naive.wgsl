// @title Naive
// @change One invocation walks its row three times: largest cell, sum, quotients.
// @why The baseline; subtracting the largest cell keeps exp from overflowing.
// @result baseline
// @reduction row-sequential
// @pass main [ceil(m / 64)]

struct Dims { m: u32, n: u32 }

@group(0) @binding(0) var<storage, read> x: array<f32>; // [m, n], rows padded to 4 cells
@group(0) @binding(1) var<storage, read_write> y: array<f32>; // [m, n], rows padded to 4 cells
@group(1) @binding(0) var<uniform> dims: Dims;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= dims.m) { return; }
  let row = id.x * ((dims.n + 3u) / 4u * 4u);
  var peak = x[row];
  for (var i = 1u; i < dims.n; i++) { peak = max(peak, x[row + i]); }
  var sum = 0.0;
  for (var i = 0u; i < dims.n; i++) { sum += exp(x[row + i] - peak); }
  for (var i = 0u; i < dims.n; i++) { y[row + i] = exp(x[row + i] - peak) / sum; }
}
