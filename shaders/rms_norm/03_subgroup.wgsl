// @title Subgroup sums
// @change The lanes of a subgroup add by subgroupAdd; only the subgroups' sums meet in workgroup memory.
// @why One barrier instead of two. Its order of summation depends on the subgroup's size and on the
// driver, so it shares no reduction id with the others and serves no model by default.
// @result not measured on a GPU yet
// @reduction row-subgroup
// @needs subgroups
// @pass main [m]

enable subgroups;

struct Dims { m: u32, n: u32, epsilon: f32 }

@group(0) @binding(0) var<storage, read> x: array<vec4f>; // [m, n / 4], gaps are zero
@group(0) @binding(1) var<storage, read> weight: array<vec4f>; // [n / 4]
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>; // [m, n / 4]
@group(1) @binding(0) var<uniform> dims: Dims;

var<workgroup> sums: array<f32, 64>; // 256 B: a subgroup's sum in the cell of its first lane, elsewhere zero

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_index) lane: u32,
  @builtin(subgroup_invocation_id) place: u32,
) {
  let n4 = (dims.n + 3u) / 4u;
  let row = group.x * n4;
  var sum = vec4f();
  for (var i = lane; i < n4; i += 64u) { sum = fma(x[row + i], x[row + i], sum); }
  let part = subgroupAdd((sum.x + sum.y) + (sum.z + sum.w));
  // WGSL does not say which lanes share a subgroup, so nothing here depends on it
  sums[lane] = select(0.0, part, place == 0u);
  workgroupBarrier();
  var total = 0.0;
  for (var i = 0u; i < 64u; i++) { total += sums[i]; }
  let scale = inverseSqrt(total / f32(dims.n) + dims.epsilon);
  for (var i = lane; i < n4; i += 64u) { y[row + i] = x[row + i] * scale * weight[i]; }
}
