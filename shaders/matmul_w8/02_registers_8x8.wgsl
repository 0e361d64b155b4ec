// @title 8×8, registers only
// @change Each invocation makes 8×8 cells from 4×4×4 blocks; weights are unpacked in registers, a word at a time.
// @why A word of w is unpacked once for eight rows; no workgroup memory, no barrier.
// @result 6.0× naive on SwiftShader (a CPU; 128×512×512 f32); not measured on a GPU yet
// @reduction k32
// @lib tile unpack column_scales
// @pass main [ceil(n / (8 * WG_X)), ceil(m / (8 * WG_Y))]

struct Dims { m: u32, n: u32, k: u32, group: u32, groups: u32 }

@group(0) @binding(0) var<storage, read> a: array<vec4<Elem>>; // [m, k / 4] row-major
@group(0) @binding(1) var<storage, read> w: array<u32>; // [n, k / 4] packed, rows padded to 16 bytes
@group(0) @binding(2) var<storage, read> w_scales: array<f32>; // [n, groups]
@group(0) @binding(3) var<storage, read_write> c: array<vec4<Elem>>; // [m, n / 4] row-major
@group(1) @binding(0) var<uniform> dims: Dims;

alias Elem = f32; // @param f32 f16
override WG_X: u32 = 8u; // @param 4 8 16
override WG_Y: u32 = 8u; // @param 1 4 8 16

fn vec4s() -> u32 { return (dims.k + 3u) / 4u; }

fn load_a(start: vec4u, i: u32) -> mat4x4f {
  return mat4x4f(vec4f(a[start.x + i]), vec4f(a[start.y + i]), vec4f(a[start.z + i]), vec4f(a[start.w + i]));
}

// Four k (rows) of four columns of c.
fn load_w(start: vec4u, i: u32) -> mat4x4f {
  return transpose(mat4x4f(
    unpack_i8(w[start.x + i]), unpack_i8(w[start.y + i]), unpack_i8(w[start.z + i]), unpack_i8(w[start.w + i])));
}

fn store_c(row: u32, column: u32, sums: mat4x4f) {
  if (column >= dims.n) { return; }
  let pitch = (dims.n + 3u) / 4u;
  for (var i = 0u; i < min(4u, dims.m - min(row, dims.m)); i++) {
    c[(row + i) * pitch + column / 4u] = vec4<Elem>(sums[i]);
  }
}

@compute @workgroup_size(WG_X, WG_Y)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let row = 8u * id.y;
  let column = 8u * id.x;
  let words = (dims.k + 15u) / 16u * 4u;
  let rows0 = four(row, dims.m) * vec4s();
  let rows1 = four(row + 4u, dims.m) * vec4s();
  let columns0 = four(column, dims.n) * words;
  let columns1 = four(column + 4u, dims.n) * words;
  let segment = min(dims.group, 32u); // part of the reduction id
  var t00 = mat4x4f();
  var t01 = mat4x4f();
  var t10 = mat4x4f();
  var t11 = mat4x4f();
  for (var k = 0u; k < dims.k; k += segment) {
    var c00 = mat4x4f();
    var c01 = mat4x4f();
    var c10 = mat4x4f();
    var c11 = mat4x4f();
    for (var i = k / 4u; i < min(vec4s(), (k + segment + 3u) / 4u); i++) {
      let w0 = load_w(columns0, i);
      let w1 = load_w(columns1, i);
      let a0 = load_a(rows0, i);
      let a1 = load_a(rows1, i);
      c00 = block4(c00, a0, w0);
      c01 = block4(c01, a0, w1);
      c10 = block4(c10, a1, w0);
      c11 = block4(c11, a1, w1);
    }
    let scales0 = scales_of(column, k / dims.group);
    let scales1 = scales_of(column + 4u, k / dims.group);
    t00 = add_scaled(t00, c00, scales0);
    t01 = add_scaled(t01, c01, scales1);
    t10 = add_scaled(t10, c10, scales0);
    t11 = add_scaled(t11, c11, scales1);
  }
  store_c(row, column, t00);
  store_c(row, column + 4u, t01);
  store_c(row + 4u, column, t10);
  store_c(row + 4u, column + 4u, t11);
}
