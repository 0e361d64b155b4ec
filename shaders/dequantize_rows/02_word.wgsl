// @title A word an invocation
// @change Each invocation unpacks one word to a vec4.
// @why A quarter of the loads and of the address arithmetic, and stores of 16 bytes.
// @result 4× the baseline on SwiftShader (a CPU; 128×4096 by 32, f32); not measured on a GPU yet
// @reduction none
// @lib unpack
// @pass main [ceil(k / (4 * LANES)), m]

struct Dims { m: u32, k: u32, group: u32, groups: u32 }

@group(0) @binding(0) var<storage, read> q: array<u32>; // [m, k / 4] packed, rows padded to 16 bytes
@group(0) @binding(1) var<storage, read> scales: array<f32>; // [m, groups]
@group(0) @binding(2) var<storage, read_write> x: array<vec4<Elem>>; // [m, k / 4] row-major
@group(1) @binding(0) var<uniform> dims: Dims;

alias Elem = f32; // @param f32 f16
override LANES: u32 = 64u; // @param 32 64 128 256

@compute @workgroup_size(LANES)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let row = id.y;
  let vec4s = (dims.k + 3u) / 4u;
  if (id.x >= vec4s) { return; }
  let word = q[row * ((dims.k + 15u) / 16u * 4u) + id.x];
  let scale = scales[row * dims.groups + 4u * id.x / dims.group];
  x[row * vec4s + id.x] = vec4<Elem>(unpack_i8(word) * scale);
}
