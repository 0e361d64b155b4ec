// @title Fused
// @change Adds the residual, normalises and rounds to int8 in one dispatch; only the sum and the int8 row are stored.
// @why Alone, rounding reads the normalised stream once more, and costs one more dispatch.
// @result not measured on a GPU yet
// @reduction row-64
// @lib row_sum row_max quantize
// @pass main [m]

struct Dims { m: u32, n: u32, epsilon: f32 }

@group(0) @binding(0) var<storage, read> residual: array<vec4f>; // [m, n / 4], gaps are zero
@group(0) @binding(1) var<storage, read> weight: array<vec4f>; // [n / 4]
@group(0) @binding(2) var<storage, read_write> x: array<vec4f>; // [m, n / 4]
@group(0) @binding(3) var<storage, read_write> q: array<u32>; // [m, n / 4] packed, rows padded to 16 bytes
@group(0) @binding(4) var<storage, read_write> scales: array<f32>; // [m]
@group(1) @binding(0) var<uniform> dims: Dims;

const LANES: u32 = 64u;

fn normed(cell: u32, i: u32, scale: f32) -> vec4f { return finite(x[cell + i] * scale * weight[i]); }

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let n4 = (dims.n + 3u) / 4u;
  let words = (dims.n + 15u) / 16u * 4u;
  let row = group.x * n4;
  var sum = vec4f();
  for (var i = lane; i < n4; i += LANES) {
    let v = x[row + i] + residual[row + i];
    x[row + i] = v;
    sum = fma(v, v, sum);
  }
  let total = row_sum(lane, (sum.x + sum.y) + (sum.z + sum.w));
  let scale = inverseSqrt(total / f32(dims.n) + dims.epsilon);
  // each lane reads back only what it wrote itself
  var amax = 0.0;
  for (var i = lane; i < n4; i += LANES) { amax = max(amax, largest(normed(row, i, scale))); }
  let quantum = scale_of(row_max(lane, amax));
  for (var i = lane; i < n4; i += LANES) { q[group.x * words + i] = quantize(normed(row, i, scale), quantum); }
  if (lane < words - n4) { q[group.x * words + n4 + lane] = 0u; }
  if (lane == 0u) { scales[group.x] = quantum; }
}
