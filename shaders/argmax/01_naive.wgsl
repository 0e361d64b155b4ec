// @title Naive
// @change One invocation walks a row.
// @why The baseline.
// @result baseline
// @reduction none
// @pass main [ceil(m / 64)]

struct Dims { m: u32, n: u32 }

@group(0) @binding(0) var<storage, read> x: array<f32>; // [m, n], rows padded to 4 cells
@group(0) @binding(1) var<storage, read_write> ids: array<u32>; // [m]
@group(1) @binding(0) var<uniform> dims: Dims;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= dims.m) { return; }
  let row = id.x * ((dims.n + 3u) / 4u * 4u);
  var best = 0u;
  for (var i = 1u; i < dims.n; i++) { if (x[row + i] > x[row + best]) { best = i; } }
  ids[id.x] = best;
}
