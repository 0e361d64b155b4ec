// @title 8×8 through workgroup memory
// @change Both tiles are staged as floats, transposed, the weights unpacked on the way in; then as matmul's 8×8.
// @why A weight is unpacked once a tile instead of once for every eight rows. Scales are applied to sums, once in
//   32 k, not to weights: fewer products, and the sums of a segment stay free of their rounding.
// @result 2.8× naive on SwiftShader (a CPU; 128×512×512 f32), half of registers only; not measured on a GPU yet
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
const WG_X: u32 = 16u; // @param 8 16
const WG_Y: u32 = 16u; // @param 8 16
const TILE_K: u32 = 16u; // @param 8 16 32
const TILE_M4: u32 = 2u * WG_Y; // vec4s of rows
const TILE_N4: u32 = 2u * WG_X; // vec4s of columns
const TILE_K4: u32 = TILE_K / 4u;
const TILE_4: u32 = TILE_M4 + TILE_N4;
const INVOCATIONS: u32 = WG_X * WG_Y;

// [k][a's rows / 4, then w's rows / 4], 16 KiB at 128×128×16
var<workgroup> tile: array<array<vec4f, TILE_4>, TILE_K>;

fn vec4s() -> u32 { return (dims.k + 3u) / 4u; }

fn load_a(row: u32, i: u32) -> mat4x4f {
  let start = four(row, dims.m) * vec4s() + vec4u(i);
  return mat4x4f(vec4f(a[start.x]), vec4f(a[start.y]), vec4f(a[start.z]), vec4f(a[start.w]));
}

fn load_w(row: u32, i: u32) -> mat4x4f {
  let start = four(row, dims.n) * ((dims.k + 15u) / 16u * 4u) + vec4u(i);
  return mat4x4f(unpack_i8(w[start.x]), unpack_i8(w[start.y]), unpack_i8(w[start.z]), unpack_i8(w[start.w]));
}

// Four k of the four matrix rows at `x` of the tile; zeros from vec4 `end` on.
fn load_block(x: u32, i: u32, end: u32, row0: u32, column0: u32) -> mat4x4f {
  if (i >= end) { return mat4x4f(); }
  if (x < TILE_M4) { return transpose(load_a(row0 + 4u * x, i)); }
  return transpose(load_w(column0 + 4u * (x - TILE_M4), i));
}

fn stage(k: u32, x: u32, block: mat4x4f) {
  tile[k][x] = block[0];
  tile[k + 1u][x] = block[1];
  tile[k + 2u][x] = block[2];
  tile[k + 3u][x] = block[3];
}

fn store_c(row: u32, column: u32, sums: mat4x4f) {
  if (column >= dims.n) { return; }
  let pitch = (dims.n + 3u) / 4u;
  if (row < dims.m) { c[row * pitch + column / 4u] = vec4<Elem>(sums[0]); }
  if (row + 1u < dims.m) { c[(row + 1u) * pitch + column / 4u] = vec4<Elem>(sums[1]); }
  if (row + 2u < dims.m) { c[(row + 2u) * pitch + column / 4u] = vec4<Elem>(sums[2]); }
  if (row + 3u < dims.m) { c[(row + 3u) * pitch + column / 4u] = vec4<Elem>(sums[3]); }
}

@compute @workgroup_size(WG_X, WG_Y)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(local_invocation_id) local: vec3u,
  @builtin(local_invocation_index) index: u32,
) {
  let row0 = workgroup.y * 4u * TILE_M4;
  let column0 = workgroup.x * 4u * TILE_N4;
  let y = local.y;
  let x = TILE_M4 + local.x;
  let row = row0 + 4u * local.y;
  let column = column0 + 4u * local.x;
  let segment = min(dims.group, 32u); // part of the reduction id
  var t00 = mat4x4f(); // the segments before: rows y, columns x
  var t01 = mat4x4f(); // rows y, columns half a tile further
  var t10 = mat4x4f();
  var t11 = mat4x4f();
  for (var k0 = 0u; k0 < dims.k; k0 += segment) {
    var c00 = mat4x4f();
    var c01 = mat4x4f();
    var c10 = mat4x4f();
    var c11 = mat4x4f();
    let end = min(vec4s(), (k0 + segment + 3u) / 4u);
    for (var i0 = k0 / 4u; i0 < end; i0 += TILE_K4) {
      workgroupBarrier(); // the tile before is no longer read
      // neighbours read along a row, whose k lie together
      for (var i = index; i < TILE_4 * TILE_K4; i += INVOCATIONS) {
        stage(i % TILE_K4 * 4u, i / TILE_K4, load_block(i / TILE_K4, i0 + i % TILE_K4, end, row0, column0));
      }
      workgroupBarrier();
      for (var k = 0u; k < TILE_K; k++) {
        let rows0 = tile[k][y];
        let rows1 = tile[k][y + WG_Y];
        let columns0 = tile[k][x];
        let columns1 = tile[k][x + WG_X];
        c00 = outer(c00, rows0, columns0);
        c01 = outer(c01, rows0, columns1);
        c10 = outer(c10, rows1, columns0);
        c11 = outer(c11, rows1, columns1);
      }
    }
    let scales0 = scales_of(column, k0 / dims.group);
    let scales1 = scales_of(column + 4u * WG_X, k0 / dims.group);
    t00 = add_scaled(t00, c00, scales0);
    t01 = add_scaled(t01, c01, scales1);
    t10 = add_scaled(t10, c10, scales0);
    t11 = add_scaled(t11, c11, scales1);
  }
  store_c(row, column, t00);
  store_c(row, column + 4u * WG_X, t01);
  store_c(row + 4u * WG_Y, column, t10);
  store_c(row + 4u * WG_Y, column + 4u * WG_X, t11);
}
