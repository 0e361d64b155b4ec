// @title Workgroup a row
// @change The lanes of a workgroup gate a row, find its largest cell, gate it again and round it.
// @why The gated row is only read to be rounded: a second exp is cheaper than storing and loading it, and one dispatch is
// saved. The scale is a whole row's, so that a row cannot be cut among workgroups.
// @result not measured on a GPU yet
// @reduction amax
// @lib row_max quantize
// @pass main [m]

struct Dims { m: u32, n: u32 }

@group(0) @binding(0) var<storage, read> x: array<vec4f>; // [m, 2, n / 4] gate, then up
@group(0) @binding(1) var<storage, read_write> q: array<u32>; // [m, n / 4] packed, rows padded to 16 bytes
@group(0) @binding(2) var<storage, read_write> scales: array<f32>; // [m]
@group(1) @binding(0) var<uniform> dims: Dims;

const LANES: u32 = 256u; // @param 64 128 256

fn gated(row: u32, i: u32, n4: u32) -> vec4f {
  let gate = x[row * 2u * n4 + i];
  let up = x[(row * 2u + 1u) * n4 + i];
  return finite(gate / (1.0 + exp(-gate)) * up);
}

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let n4 = (dims.n + 3u) / 4u;
  let words = (dims.n + 15u) / 16u * 4u;
  var amax = 0.0;
  for (var i = lane; i < n4; i += LANES) { amax = max(amax, largest(gated(group.x, i, n4))); }
  let quantum = scale_of(row_max(lane, amax));
  for (var i = lane; i < n4; i += LANES) { q[group.x * words + i] = quantize(gated(group.x, i, n4), quantum); }
  if (lane < words - n4) { q[group.x * words + n4 + lane] = 0u; }
  if (lane == 0u) { scales[group.x] = quantum; }
}
