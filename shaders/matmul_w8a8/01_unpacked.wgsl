// @title Unpacked
// @change One invocation computes one cell and unpacks every byte with bit arithmetic.
// @why The baseline, and what runs where WGSL has no packed dot product.
// @result baseline
// @reduction i32-groups
// @peak dot4i8
// @pass main [ceil(n / WG_X), ceil(m / WG_Y)]

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

fn unpack(word: u32) -> vec4i { return vec4i(vec4u(word << 24u, word << 16u, word << 8u, word)) >> vec4u(24u); }

fn dot4(x: u32, y: u32) -> i32 {
  let products = unpack(x) * unpack(y);
  return products.x + products.y + products.z + products.w;
}

@compute @workgroup_size(WG_X, WG_Y)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.y >= dims.m || id.x >= dims.n) { return; }
  let words = (dims.k + 15u) / 16u * 4u;
  let group_words = (dims.group + 3u) / 4u;
  var total = 0.0;
  for (var g = 0u; g < dims.groups; g++) {
    var sum = 0;
    for (var i = g * group_words; i < min(words, (g + 1u) * group_words); i++) {
      sum += dot4(a[id.y * words + i], w[id.x * words + i]);
    }
    total = fma(f32(sum), w_scales[id.x * dims.groups + g], total);
  }
  c[id.y * ((dims.n + 3u) / 4u * 4u) + id.x] = Elem(total * a_scales[id.y]);
}
