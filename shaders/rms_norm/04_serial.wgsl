// @title Serial
// @change One invocation a row, adding in the order of the workgroup: 64 strided sums, eight of them strided again, then
// left to right. No workgroup memory, no barrier.
// @why On a CPU adapter a barrier costs more than a row. The order is that of the workgroup, so the bits are too.
// @result on SwiftShader (a CPU), in a step of nano: a tenth of the workgroup version’s time at 8×64, under a fiftieth at
// 512×64; not measured on a GPU yet
// @reduction row-64
// @lib row_sum_serial
// @pass main [ceil(m / 4)]

struct Dims { m: u32, n: u32, epsilon: f32 }

@group(0) @binding(0) var<storage, read> x: array<vec4f>; // [m, n / 4], gaps are zero
@group(0) @binding(1) var<storage, read> weight: array<vec4f>; // [n / 4]
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>; // [m, n / 4]
@group(1) @binding(0) var<uniform> dims: Dims;

@compute @workgroup_size(4)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= dims.m) { return; }
  let n4 = (dims.n + 3u) / 4u;
  let row = id.x * n4;
  for (var lane = 0u; lane < min(64u, n4); lane++) {
    var sum = vec4f();
    for (var i = lane; i < n4; i += 64u) { sum = fma(x[row + i], x[row + i], sum); }
    add_lane(lane, (sum.x + sum.y) + (sum.z + sum.w));
  }
  let scale = inverseSqrt(sum_of_lanes() / f32(dims.n) + dims.epsilon);
  for (var i = 0u; i < n4; i++) { y[row + i] = x[row + i] * scale * weight[i]; }
}
