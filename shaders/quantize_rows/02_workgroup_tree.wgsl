// @title A workgroup a group
// @change The lanes of a workgroup share one group (or row): each takes every LANES-th vec4, and a tree in workgroup
//   memory finds the largest value of all.
// @why Neighbours read neighbouring vec4s, and a long row is read by many lanes at once. Short groups leave lanes
//   without work.
// @result 2× the baseline with one scale a row, 0.01 of it with groups of 32, on SwiftShader (a CPU; 128×4096 f32);
//   not measured on a GPU yet
// @reduction amax
// @lib quantize
// @pass main [groups, m]
// @for group >= 256

struct Dims { m: u32, k: u32, group: u32, groups: u32 }

@group(0) @binding(0) var<storage, read> x: array<vec4<Elem>>; // [m, k / 4] row-major
@group(0) @binding(1) var<storage, read_write> q: array<u32>; // [m, k / 4] packed, rows padded to 16 bytes
@group(0) @binding(2) var<storage, read_write> scales: array<f32>; // [m, groups]
@group(1) @binding(0) var<uniform> dims: Dims;

alias Elem = f32; // @param f32 f16
const LANES: u32 = 64u; // @param 32 64 128 256

var<workgroup> highest: array<f32, LANES>; // 256 bytes at 64

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = workgroup.y;
  let vec4s = (dims.k + 3u) / 4u;
  let words = (dims.k + 15u) / 16u * 4u;
  let first = workgroup.x * dims.group / 4u;
  let last = min(first + (dims.group + 3u) / 4u, vec4s);
  var amax = 0.0;
  for (var i = first + lane; i < last; i += LANES) { amax = max(amax, largest(finite(vec4f(x[row * vec4s + i])))); }
  highest[lane] = amax;
  for (var half = LANES / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lane < half) { highest[lane] = max(highest[lane], highest[lane + half]); }
  }
  workgroupBarrier();
  let scale = scale_of(highest[0]);
  for (var i = first + lane; i < last; i += LANES) {
    q[row * words + i] = quantize(finite(vec4f(x[row * vec4s + i])), scale);
  }
  if (last == vec4s && lane < words - vec4s) { q[row * words + vec4s + lane] = 0u; }
  if (lane == 0u) { scales[row * dims.groups + workgroup.x] = scale; }
}
