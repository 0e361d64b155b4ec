// @title Sixteen cells an invocation
// @change Each invocation reads a 16-byte unit of q and writes four vec4s.
// @why The widest load that WebGPU has, and one scale for all sixteen cells: groups are multiples of 16.
// @result 6× the baseline on SwiftShader (a CPU; 128×4096 by 32, f32); not measured on a GPU yet
// @reduction none
// @lib unpack
// @pass main [ceil(k / (16 * LANES)), m]

struct Dims { m: u32, k: u32, group: u32, groups: u32 }

@group(0) @binding(0) var<storage, read> q: array<vec4u>; // [m, k / 16] packed
@group(0) @binding(1) var<storage, read> scales: array<f32>; // [m, groups]
@group(0) @binding(2) var<storage, read_write> x: array<vec4<Elem>>; // [m, k / 4] row-major
@group(1) @binding(0) var<uniform> dims: Dims;

alias Elem = f32; // @param f32 f16
override LANES: u32 = 64u; // @param 32 64 128 256

@compute @workgroup_size(LANES)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let row = id.y;
  let vec4s = (dims.k + 3u) / 4u;
  let units = (dims.k + 15u) / 16u;
  if (id.x >= units) { return; }
  let unit = q[row * units + id.x];
  let scale = scales[row * dims.groups + 16u * id.x / dims.group];
  let first = row * vec4s + 4u * id.x;
  let cells = vec4s - 4u * id.x; // vec4s left in the row
  x[first] = vec4<Elem>(unpack_i8(unit.x) * scale);
  if (cells > 1u) { x[first + 1u] = vec4<Elem>(unpack_i8(unit.y) * scale); }
  if (cells > 2u) { x[first + 2u] = vec4<Elem>(unpack_i8(unit.z) * scale); }
  if (cells > 3u) { x[first + 3u] = vec4<Elem>(unpack_i8(unit.w) * scale); }
}
