// @title A few lanes a group
// @change LANES lanes share a group and a workgroup holds 64 / LANES groups: between one invocation and one workgroup
//   a group.
// @why A group of 32 is 8 vec4s: a workgroup for it would leave most lanes idle, one invocation would read it alone.
// @result 2.2× the baseline with one scale a row, 0.1 of it with groups of 32, on SwiftShader (a CPU; 128×4096 f32);
//   not measured on a GPU yet
// @reduction amax
// @lib quantize
// @pass main [ceil(groups * LANES / 64), m]
// @for group <= 256

struct Dims { m: u32, k: u32, group: u32, groups: u32 }

@group(0) @binding(0) var<storage, read> x: array<vec4<Elem>>; // [m, k / 4] row-major
@group(0) @binding(1) var<storage, read_write> q: array<u32>; // [m, k / 4] packed, rows padded to 16 bytes
@group(0) @binding(2) var<storage, read_write> scales: array<f32>; // [m, groups]
@group(1) @binding(0) var<uniform> dims: Dims;

alias Elem = f32; // @param f32 f16
const LANES: u32 = 8u; // @param 2 4 8 16 32
const GROUPS: u32 = 64u / LANES; // groups a workgroup

var<workgroup> highest: array<array<f32, LANES>, GROUPS>; // 256 bytes

@compute @workgroup_size(LANES, GROUPS)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_id) local: vec3u) {
  let row = workgroup.y;
  let group = workgroup.x * GROUPS + local.y;
  let lane = local.x;
  let vec4s = (dims.k + 3u) / 4u;
  let words = (dims.k + 15u) / 16u * 4u;
  let first = select(vec4s, group * dims.group / 4u, group < dims.groups); // past the last group: nothing to do
  let last = min(first + (dims.group + 3u) / 4u, vec4s);
  var amax = 0.0;
  for (var i = first + lane; i < last; i += LANES) { amax = max(amax, largest(finite(vec4f(x[row * vec4s + i])))); }
  highest[local.y][lane] = amax;
  for (var half = LANES / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lane < half) { highest[local.y][lane] = max(highest[local.y][lane], highest[local.y][lane + half]); }
  }
  workgroupBarrier();
  let scale = scale_of(highest[local.y][0]);
  for (var i = first + lane; i < last; i += LANES) {
    q[row * words + i] = quantize(finite(vec4f(x[row * vec4s + i])), scale);
  }
  if (group + 1u == dims.groups) {
    for (var i = vec4s + lane; i < words; i += LANES) { q[row * words + i] = 0u; }
  }
  if (lane == 0u && group < dims.groups) { scales[row * dims.groups + group] = scale; }
}
