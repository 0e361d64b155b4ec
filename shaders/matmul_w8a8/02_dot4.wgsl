// @title Packed dot product
// @change The four products of a word are one dot4I8Packed.
// @why One instruction where the hardware has it (DP4a), instead of unpacking eight bytes.
// @result 1.3× unpacked on SwiftShader (a CPU; 128×512×512); not measured on a GPU yet
// @reduction i32-groups
// @needs packed_4x8_integer_dot_product
// @peak dot4i8
// @pass main [ceil(n / WG_X), ceil(m / WG_Y)]

requires packed_4x8_integer_dot_product;

struct Dims { m: u32, n: u32, k: u32, group: u32, groups: u32 }

@group(0) @binding(0) var<storage, read> a: array<u32>; // [m, k / 4] packed, rows padded to 16 bytes
@group(0) @binding(1) var<storage, read> a_scales: array<f32>; // [m]
@group(0) @binding(2) var<storage, read> w: array<u32>; // [n, k / 4] packed, rows padded to 16 bytes
@group(0) @binding(3) var<storage, read> w_scales: array<f32>; // [n, groups]
@group(0) @binding(4) var<storage, read_write> c: array<Elem>; // [m, n] row-major, rows padded to 4 cells
@group(1) @binding(0) var<uniform> dims: Dims;

alias Elem = f32; // @param f32 f16
override WG_X: u32 = 8u; // @param 8 16 32
override WG_Y: u32 = 8u; // @param 1 4 8 16

@compute @workgroup_size(WG_X, WG_Y)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.y >= dims.m || id.x >= dims.n) { return; }
  let words = (dims.k + 15u) / 16u * 4u;
  let group_words = (dims.group + 3u) / 4u;
  var total = 0.0;
  for (var g = 0u; g < dims.groups; g++) {
    var sum = 0;
    for (var i = g * group_words; i < min(words, (g + 1u) * group_words); i++) {
      sum += dot4I8Packed(a[id.y * words + i], w[id.x * words + i]);
    }
    total = fma(f32(sum), w_scales[id.x * dims.groups + g], total);
  }
  c[id.y * ((dims.n + 3u) / 4u * 4u) + id.x] = Elem(total * a_scales[id.y]);
}
