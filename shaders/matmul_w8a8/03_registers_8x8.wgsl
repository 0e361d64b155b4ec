// @title 8×8, registers only
// @change Each invocation makes 8×8 cells; it reads 16 k of a row at once, as vec4u, and needs no workgroup memory.
// @why 16 loads of 16 bytes for 256 packed dot products, and no barrier: for devices where workgroup memory is no
//   faster than the cache.
// @result 3.5× unpacked on SwiftShader (a CPU; 128×512×512); not measured on a GPU yet
// @reduction i32-groups
// @needs packed_4x8_integer_dot_product
// @peak dot4i8
// @lib tile_i8 column_scales
// @pass main [ceil(n / (8 * WG_X)), ceil(m / (8 * WG_Y))]

requires packed_4x8_integer_dot_product;

struct Dims { m: u32, n: u32, k: u32, group: u32, groups: u32 }

@group(0) @binding(0) var<storage, read> a: array<vec4u>; // [m, k / 16] packed
@group(0) @binding(1) var<storage, read> a_scales: array<f32>; // [m]
@group(0) @binding(2) var<storage, read> w: array<vec4u>; // [n, k / 16] packed
@group(0) @binding(3) var<storage, read> w_scales: array<f32>; // [n, groups]
@group(0) @binding(4) var<storage, read_write> c: array<vec4<Elem>>; // [m, n / 4] row-major
@group(1) @binding(0) var<uniform> dims: Dims;

alias Elem = f32; // @param f32 f16
override WG_X: u32 = 8u; // @param 4 8 16
override WG_Y: u32 = 8u; // @param 1 4 8 16

// Four rows' units at the same k: u0 is row 0.
struct Units { u0: vec4u, u1: vec4u, u2: vec4u, u3: vec4u }

fn units() -> u32 { return (dims.k + 15u) / 16u; }

fn load_a(start: vec4u, i: u32) -> Units { return Units(a[start.x + i], a[start.y + i], a[start.z + i], a[start.w + i]); }
fn load_w(start: vec4u, i: u32) -> Units { return Units(w[start.x + i], w[start.y + i], w[start.z + i], w[start.w + i]); }

fn row_of(sum: vec4i, x: vec4u, y: Units) -> vec4i {
  return sum + vec4i(dot16(x, y.u0), dot16(x, y.u1), dot16(x, y.u2), dot16(x, y.u3));
}

fn block(c: Tile, x: Units, y: Units) -> Tile {
  return Tile(row_of(c.r0, x.u0, y), row_of(c.r1, x.u1, y), row_of(c.r2, x.u2, y), row_of(c.r3, x.u3, y));
}

fn store_c(row: u32, column: u32, sums: mat4x4f) {
  let pitch = (dims.n + 3u) / 4u;
  if (column >= dims.n) { return; }
  for (var i = 0u; i < min(4u, dims.m - min(row, dims.m)); i++) {
    c[(row + i) * pitch + column / 4u] = vec4<Elem>(sums[i] * a_scales[row + i]);
  }
}

@compute @workgroup_size(WG_X, WG_Y)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let row = 8u * id.y;
  let column = 8u * id.x;
  let rows0 = four(row, dims.m) * units();
  let rows1 = four(row + 4u, dims.m) * units();
  let columns0 = four(column, dims.n) * units();
  let columns1 = four(column + 4u, dims.n) * units();
  let group_units = (dims.group + 15u) / 16u;
  var t00 = mat4x4f();
  var t01 = mat4x4f();
  var t10 = mat4x4f();
  var t11 = mat4x4f();
  for (var g = 0u; g < dims.groups; g++) {
    var c00 = Tile();
    var c01 = Tile();
    var c10 = Tile();
    var c11 = Tile();
    for (var i = g * group_units; i < min(units(), (g + 1u) * group_units); i++) {
      let w0 = load_w(columns0, i);
      let w1 = load_w(columns1, i);
      let a0 = load_a(rows0, i);
      let a1 = load_a(rows1, i);
      c00 = block(c00, a0, w0);
      c01 = block(c01, a0, w1);
      c10 = block(c10, a1, w0);
      c11 = block(c11, a1, w1);
    }
    let scales0 = scales_of(column, g);
    let scales1 = scales_of(column + 4u, g);
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
