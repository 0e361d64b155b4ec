// @title Serial
// @change One invocation a row. No workgroup memory, no barrier.
// @why On a CPU adapter a barrier costs more than a row.
// @result a quarter of the workgroup version’s time at 8×8192 on SwiftShader (a CPU); not measured on a GPU yet
// @reduction amax
// @lib quantize
// @pass main [ceil(m / 4)]

struct Dims { m: u32, n: u32 }

@group(0) @binding(0) var<storage, read> x: array<vec4f>; // [m, 2, n / 4] gate, then up
@group(0) @binding(1) var<storage, read_write> q: array<u32>; // [m, n / 4] packed, rows padded to 16 bytes
@group(0) @binding(2) var<storage, read_write> scales: array<f32>; // [m]
@group(1) @binding(0) var<uniform> dims: Dims;

fn gated(row: u32, i: u32, n4: u32) -> vec4f {
  let gate = x[row * 2u * n4 + i];
  let up = x[(row * 2u + 1u) * n4 + i];
  return finite(gate / (1.0 + exp(-gate)) * up);
}

@compute @workgroup_size(4)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= dims.m) { return; }
  let n4 = (dims.n + 3u) / 4u;
  let words = (dims.n + 15u) / 16u * 4u;
  var amax = 0.0;
  for (var i = 0u; i < n4; i++) { amax = max(amax, largest(gated(id.x, i, n4))); }
  let quantum = scale_of(amax);
  for (var i = 0u; i < n4; i++) { q[id.x * words + i] = quantize(gated(id.x, i, n4), quantum); }
  for (var i = n4; i < words; i++) { q[id.x * words + i] = 0u; }
  scales[id.x] = quantum;
}
