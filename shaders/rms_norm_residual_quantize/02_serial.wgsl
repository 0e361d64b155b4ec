// @title Serial
// @change One invocation a row, adding in the order of the workgroup: 64 strided sums, eight of them strided again, then
// left to right. No workgroup memory, no barrier.
// @why On a CPU adapter a barrier costs more than a row. The order is that of the workgroup, so the bits are too.
// @result a third of the workgroup version’s time at 8×2048 on SwiftShader (a CPU); not measured on a GPU yet
// @reduction row-64
// @lib row_sum_serial quantize
// @pass main [ceil(m / 4)]

struct Dims { m: u32, n: u32, epsilon: f32 }

@group(0) @binding(0) var<storage, read> residual: array<vec4f>; // [m, n / 4], gaps are zero
@group(0) @binding(1) var<storage, read> weight: array<vec4f>; // [n / 4]
@group(0) @binding(2) var<storage, read_write> x: array<vec4f>; // [m, n / 4]
@group(0) @binding(3) var<storage, read_write> q: array<u32>; // [m, n / 4] packed, rows padded to 16 bytes
@group(0) @binding(4) var<storage, read_write> scales: array<f32>; // [m]
@group(1) @binding(0) var<uniform> dims: Dims;

fn normed(cell: u32, i: u32, scale: f32) -> vec4f { return finite(x[cell + i] * scale * weight[i]); }

@compute @workgroup_size(4)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= dims.m) { return; }
  let n4 = (dims.n + 3u) / 4u;
  let words = (dims.n + 15u) / 16u * 4u;
  let row = id.x * n4;
  for (var lane = 0u; lane < min(64u, n4); lane++) {
    var sum = vec4f();
    for (var i = lane; i < n4; i += 64u) {
      let v = x[row + i] + residual[row + i];
      x[row + i] = v;
      sum = fma(v, v, sum);
    }
    add_lane(lane, (sum.x + sum.y) + (sum.z + sum.w));
  }
  let scale = inverseSqrt(sum_of_lanes() / f32(dims.n) + dims.epsilon);
  var amax = 0.0;
  for (var i = 0u; i < n4; i++) { amax = max(amax, largest(normed(row, i, scale))); }
  let quantum = scale_of(amax);
  for (var i = 0u; i < n4; i++) { q[id.x * words + i] = quantize(normed(row, i, scale), quantum); }
  for (var i = n4; i < words; i++) { q[id.x * words + i] = 0u; }
  scales[id.x] = quantum;
}
