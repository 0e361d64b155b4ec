// @title A group an invocation
// @change One invocation finds the largest value of one group of one row, then rounds the group, word by word.
// @why The baseline: nothing is shared, nothing waits. With one scale a row it leaves most of the device idle, and
//   neighbours read addresses a whole group apart.
// @result baseline
// @reduction amax
// @lib quantize
// @pass main [ceil(groups / 16), ceil(m / 4)]

struct Dims { m: u32, k: u32, group: u32, groups: u32 }

@group(0) @binding(0) var<storage, read> x: array<vec4<Elem>>; // [m, k / 4] row-major
@group(0) @binding(1) var<storage, read_write> q: array<u32>; // [m, k / 4] packed, rows padded to 16 bytes
@group(0) @binding(2) var<storage, read_write> scales: array<f32>; // [m, groups]
@group(1) @binding(0) var<uniform> dims: Dims;

alias Elem = f32; // @param f32 f16

@compute @workgroup_size(16, 4)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let row = id.y;
  if (row >= dims.m || id.x >= dims.groups) { return; }
  let vec4s = (dims.k + 3u) / 4u;
  let words = (dims.k + 15u) / 16u * 4u;
  let first = id.x * dims.group / 4u;
  let last = min(first + (dims.group + 3u) / 4u, vec4s);
  var amax = 0.0;
  for (var i = first; i < last; i++) { amax = max(amax, largest(finite(vec4f(x[row * vec4s + i])))); }
  let scale = scale_of(amax);
  for (var i = first; i < last; i++) { q[row * words + i] = quantize(finite(vec4f(x[row * vec4s + i])), scale); }
  if (last == vec4s) {
    for (var i = vec4s; i < words; i++) { q[row * words + i] = 0u; }
  }
  scales[row * dims.groups + id.x] = scale;
}
