// @title Naive
// @change One invocation walks a whole row twice.
// @why The baseline: neighbouring lanes read addresses a row apart.
// @result baseline
// @reduction row-sequential
// @pass main [ceil(m / 64)]

struct Dims { m: u32, n: u32, epsilon: f32 }

@group(0) @binding(0) var<storage, read> x: array<vec4f>; // [m, n / 4], gaps are zero
@group(0) @binding(1) var<storage, read> weight: array<vec4f>; // [n / 4]
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>; // [m, n / 4]
@group(1) @binding(0) var<uniform> dims: Dims;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= dims.m) { return; }
  let n4 = (dims.n + 3u) / 4u;
  let row = id.x * n4;
  var sum = vec4f();
  for (var i = 0u; i < n4; i++) { sum = fma(x[row + i], x[row + i], sum); }
  let total = (sum.x + sum.y) + (sum.z + sum.w);
  let scale = inverseSqrt(total / f32(dims.n) + dims.epsilon);
  for (var i = 0u; i < n4; i++) { y[row + i] = x[row + i] * scale * weight[i]; }
}
