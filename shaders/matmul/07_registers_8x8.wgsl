// @title 8×8, registers only
// @change No workgroup memory and no barrier: each invocation reads its own rows of a and columns of b as vec4s
//   and multiplies 4×4×4 blocks.
// @why Where workgroup memory is no faster than the cache (CPU adapters, some mobile GPUs), staging only costs.
// @result 13× naive at 256³ and 512³ on SwiftShader (a CPU; f32), about twice as fast as any version with
//   barriers; 16.5× naive on an H200 at 4096³ (f32)
// @reduction k-sequential
// @lib tile matmul
// @pass main [ceil(n / (8 * WG_X)), ceil(m / (8 * WG_Y))]

struct Dims { m: u32, n: u32, k: u32 }

@group(0) @binding(0) var<storage, read> a: array<vec4<Elem>>; // [m, k / 4] row-major
@group(0) @binding(1) var<storage, read> b: array<vec4<Elem>>; // [k, n / 4] row-major
@group(0) @binding(2) var<storage, read_write> c: array<vec4<Elem>>; // [m, n / 4] row-major
@group(1) @binding(0) var<uniform> dims: Dims;

alias Elem = f32; // @param f32 f16
override WG_X: u32 = 8u; // @param 4 8 16
override WG_Y: u32 = 8u; // @param 1 4 8 16

fn load_a(start: vec4u, k4: u32) -> mat4x4f {
  return mat4x4f(
    vec4f(a[start.x + k4]), vec4f(a[start.y + k4]), vec4f(a[start.z + k4]), vec4f(a[start.w + k4]));
}

fn load_b(start: u32, pitch: u32) -> mat4x4f {
  return mat4x4f(
    vec4f(b[start]), vec4f(b[start + pitch]), vec4f(b[start + 2u * pitch]), vec4f(b[start + 3u * pitch]));
}

// Zeroes the rows of b past k; what is read there may be NaN.
fn mask_b(block: mat4x4f, left: u32) -> mat4x4f {
  return mat4x4f(
    block[0],
    select(vec4f(), block[1], left > 1u),
    select(vec4f(), block[2], left > 2u),
    select(vec4f(), block[3], left > 3u));
}

@compute @workgroup_size(WG_X, WG_Y)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let row = 8u * id.y;
  let column = 2u * id.x;
  let pitch = vec4s(dims.n);
  let rows0 = starts(row);
  let rows1 = starts(row + 4u);
  let column0 = min(column, pitch - 1u);
  let column1 = min(column + 1u, pitch - 1u);
  var c00 = mat4x4f();
  var c01 = mat4x4f();
  var c10 = mat4x4f();
  var c11 = mat4x4f();
  let whole = dims.k / 4u;
  for (var k4 = 0u; k4 < whole; k4++) {
    let b0 = load_b(4u * k4 * pitch + column0, pitch);
    let b1 = load_b(4u * k4 * pitch + column1, pitch);
    let a0 = load_a(rows0, k4);
    let a1 = load_a(rows1, k4);
    c00 = block4(c00, a0, b0);
    c01 = block4(c01, a0, b1);
    c10 = block4(c10, a1, b0);
    c11 = block4(c11, a1, b1);
  }
  let left = dims.k % 4u;
  if (left > 0u) {
    let b0 = mask_b(load_b(4u * whole * pitch + column0, pitch), left);
    let b1 = mask_b(load_b(4u * whole * pitch + column1, pitch), left);
    let a0 = load_a(rows0, whole);
    let a1 = load_a(rows1, whole);
    c00 = block4(c00, a0, b0);
    c01 = block4(c01, a0, b1);
    c10 = block4(c10, a1, b0);
    c11 = block4(c11, a1, b1);
  }
  store_c(row, column, c00);
  store_c(row, column + 1u, c01);
  store_c(row + 4u, column, c10);
  store_c(row + 4u, column + 1u, c11);
}
