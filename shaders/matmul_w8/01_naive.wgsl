// @title Naive
// @change One invocation computes one cell, word by word of its row of w; every 32 k are summed from zero
//   and added, scaled, to the total.
// @why The baseline.
// @result baseline
// @reduction k32
// @lib unpack
// @pass main [ceil(n / WG_X), ceil(m / WG_Y)]

struct Dims { m: u32, n: u32, k: u32, group: u32, groups: u32 }

@group(0) @binding(0) var<storage, read> a: array<vec4<Elem>>; // [m, k / 4] row-major
@group(0) @binding(1) var<storage, read> w: array<u32>; // [n, k / 4] packed, rows padded to 16 bytes
@group(0) @binding(2) var<storage, read> w_scales: array<f32>; // [n, groups]
@group(0) @binding(3) var<storage, read_write> c: array<Elem>; // [m, n] row-major, rows padded to 4 cells
@group(1) @binding(0) var<uniform> dims: Dims;

alias Elem = f32; // @param f32 f16
override WG_X: u32 = 8u; // @param 8 16 32
override WG_Y: u32 = 8u; // @param 1 4 8 16

// Four k, in ascending order.
fn dot4(sum: f32, x: vec4f, y: vec4f) -> f32 {
  return fma(x.w, y.w, fma(x.z, y.z, fma(x.y, y.y, fma(x.x, y.x, sum))));
}

@compute @workgroup_size(WG_X, WG_Y)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.y >= dims.m || id.x >= dims.n) { return; }
  let vec4s = (dims.k + 3u) / 4u;
  let words = (dims.k + 15u) / 16u * 4u;
  let segment = min(dims.group, 32u); // part of the reduction id
  var total = 0.0;
  for (var k = 0u; k < dims.k; k += segment) {
    var sum = 0.0;
    for (var i = k / 4u; i < min(vec4s, (k + segment + 3u) / 4u); i++) {
      sum = dot4(sum, vec4f(a[id.y * vec4s + i]), unpack_i8(w[id.x * words + i]));
    }
    total = fma(sum, w_scales[id.x * dims.groups + k / dims.group], total);
  }
  c[id.y * ((dims.n + 3u) / 4u * 4u) + id.x] = Elem(total);
}
