// @title 4×4 in registers
// @change Each invocation makes 4×4 cells and keeps them in registers.
// @why A value from workgroup memory now feeds four sums instead of one: 8 reads for 16 fma.
// @result 3.4× naive on SwiftShader (a CPU; 256³ f32); 10.2× naive on an H200 at 4096³ (f32)
// @reduction k-sequential
// @lib tile
// @pass main [ceil(n / (4 * WG_X)), ceil(m / (4 * WG_Y))]

struct Dims { m: u32, n: u32, k: u32 }

@group(0) @binding(0) var<storage, read> a: array<Elem>; // [m, k] row-major, rows padded to 4 cells
@group(0) @binding(1) var<storage, read> b: array<Elem>; // [k, n] row-major, rows padded to 4 cells
@group(0) @binding(2) var<storage, read_write> c: array<Elem>; // [m, n] row-major, rows padded to 4 cells
@group(1) @binding(0) var<uniform> dims: Dims;

alias Elem = f32; // @param f32 f16
const WG_X: u32 = 16u; // @param 8 16
const WG_Y: u32 = 16u; // @param 8 16
const TILE_K: u32 = 16u; // @param 8 16 32
const TILE_M: u32 = 4u * WG_Y;
const TILE_N: u32 = 4u * WG_X;
const INVOCATIONS: u32 = WG_X * WG_Y;

var<workgroup> tile_a: array<array<f32, TILE_K>, TILE_M>; // [row][k], 4 KiB at 64×16
var<workgroup> tile_b: array<array<f32, TILE_N>, TILE_K>; // [k][column], 4 KiB at 16×64

fn pitch(columns: u32) -> u32 { return (columns + 3u) / 4u * 4u; }

fn load_a(row: u32, k: u32) -> f32 {
  return select(0.0, f32(a[row * pitch(dims.k) + k]), row < dims.m && k < dims.k);
}

fn load_b(k: u32, column: u32) -> f32 {
  return select(0.0, f32(b[k * pitch(dims.n) + column]), k < dims.k && column < dims.n);
}

fn store_c(row: u32, column: u32, sums: vec4f) {
  if (row >= dims.m) { return; }
  for (var i = 0u; i < min(4u, dims.n - min(column, dims.n)); i++) {
    c[row * pitch(dims.n) + column + i] = Elem(sums[i]);
  }
}

@compute @workgroup_size(WG_X, WG_Y)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(local_invocation_id) local: vec3u,
  @builtin(local_invocation_index) index: u32,
) {
  let row0 = workgroup.y * TILE_M;
  let column0 = workgroup.x * TILE_N;
  let y = 4u * local.y;
  let x = 4u * local.x;
  var sums = mat4x4f();
  for (var k0 = 0u; k0 < dims.k; k0 += TILE_K) {
    workgroupBarrier(); // the tiles before are no longer read
    for (var i = index; i < TILE_M * TILE_K; i += INVOCATIONS) {
      tile_a[i / TILE_K][i % TILE_K] = load_a(row0 + i / TILE_K, k0 + i % TILE_K);
    }
    for (var i = index; i < TILE_K * TILE_N; i += INVOCATIONS) {
      tile_b[i / TILE_N][i % TILE_N] = load_b(k0 + i / TILE_N, column0 + i % TILE_N);
    }
    workgroupBarrier();
    for (var k = 0u; k < TILE_K; k++) {
      let rows = vec4f(tile_a[y][k], tile_a[y + 1u][k], tile_a[y + 2u][k], tile_a[y + 3u][k]);
      let columns = vec4f(tile_b[k][x], tile_b[k][x + 1u], tile_b[k][x + 2u], tile_b[k][x + 3u]);
      sums = outer(sums, rows, columns);
    }
  }
  store_c(row0 + y, column0 + x, sums[0]);
  store_c(row0 + y + 1u, column0 + x, sums[1]);
  store_c(row0 + y + 2u, column0 + x, sums[2]);
  store_c(row0 + y + 3u, column0 + x, sums[3]);
}
