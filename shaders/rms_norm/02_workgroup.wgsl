// @title Workgroup a row
// @change 64 lanes share a row: each sums every 64th vec4, then the lanes' sums are added in a fixed order.
// @why Neighbouring lanes read neighbouring cells, and one long row keeps 64 lanes busy.
// @result not measured on a GPU yet
// @reduction row-64
// @lib row_sum
// @pass main [m]

struct Dims { m: u32, n: u32, epsilon: f32 }

@group(0) @binding(0) var<storage, read> x: array<vec4f>; // [m, n / 4], gaps are zero
@group(0) @binding(1) var<storage, read> weight: array<vec4f>; // [n / 4]
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>; // [m, n / 4]
@group(1) @binding(0) var<uniform> dims: Dims;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let n4 = (dims.n + 3u) / 4u;
  let row = group.x * n4;
  var sum = vec4f();
  for (var i = lane; i < n4; i += 64u) { sum = fma(x[row + i], x[row + i], sum); }
  let total = row_sum(lane, (sum.x + sum.y) + (sum.z + sum.w));
  let scale = inverseSqrt(total / f32(dims.n) + dims.epsilon);
  for (var i = lane; i < n4; i += 64u) { y[row + i] = x[row + i] * scale * weight[i]; }
}
