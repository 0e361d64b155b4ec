// @title Fused gather
// @change Adds the residual and normalises only the rows whose logits are wanted, packing them.
// @why A step of 512 prompt tokens needs one row of logits: gathering first saves the output projection 511.
// @result not measured on a GPU yet
// @reduction row-64
// @lib row_sum
// @pass main [rows]

struct Dims { rows: u32, n: u32, epsilon: f32 }

@group(0) @binding(0) var<storage, read> pick: array<u32>; // [rows] which row of x
@group(0) @binding(1) var<storage, read> x: array<vec4f>; // [m, n / 4], gaps are zero
@group(0) @binding(2) var<storage, read> residual: array<vec4f>; // [m, n / 4], gaps are zero
@group(0) @binding(3) var<storage, read> weight: array<vec4f>; // [n / 4]
@group(0) @binding(4) var<storage, read_write> y: array<vec4f>; // [rows, n / 4]
@group(1) @binding(0) var<uniform> dims: Dims;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let n4 = (dims.n + 3u) / 4u;
  let row = pick[group.x] * n4;
  var sum = vec4f();
  for (var i = lane; i < n4; i += 64u) {
    let v = x[row + i] + residual[row + i];
    y[group.x * n4 + i] = v;
    sum = fma(v, v, sum);
  }
  let total = row_sum(lane, (sum.x + sum.y) + (sum.z + sum.w));
  let scale = inverseSqrt(total / f32(dims.n) + dims.epsilon);
  // each lane reads back only what it wrote itself
  for (var i = lane; i < n4; i += 64u) {
    y[group.x * n4 + i] = y[group.x * n4 + i] * scale * weight[i];
  }
}
