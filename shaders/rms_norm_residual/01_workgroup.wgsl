// @title Fused
// @change Adds the residual and normalises in one pass over the row; the sum is kept for the next residual.
// @why Alone, the addition reads and writes the whole stream once more, and costs one more dispatch.
// @result not measured on a GPU yet
// @reduction row-64
// @lib row_sum
// @pass main [m]

struct Dims { m: u32, n: u32, epsilon: f32 }

@group(0) @binding(0) var<storage, read> residual: array<vec4f>; // [m, n / 4], gaps are zero
@group(0) @binding(1) var<storage, read> weight: array<vec4f>; // [n / 4]
@group(0) @binding(2) var<storage, read_write> x: array<vec4f>; // [m, n / 4]
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>; // [m, n / 4]
@group(1) @binding(0) var<uniform> dims: Dims;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let n4 = (dims.n + 3u) / 4u;
  let row = group.x * n4;
  var sum = vec4f();
  for (var i = lane; i < n4; i += 64u) {
    let v = x[row + i] + residual[row + i];
    x[row + i] = v;
    sum = fma(v, v, sum);
  }
  let total = row_sum(lane, (sum.x + sum.y) + (sum.z + sum.w));
  let scale = inverseSqrt(total / f32(dims.n) + dims.epsilon);
  // each lane reads back only what it wrote itself
  for (var i = lane; i < n4; i += 64u) { y[row + i] = x[row + i] * scale * weight[i]; }
}
