// @title Split-K
// @change Workgroups also divide k: each makes 8×8 sums an invocation over one segment of 256 k and leaves them in
//   a scratch buffer; a second pass adds the segments from left to right.
// @why A small c with a long k gives too few workgroups to fill a large GPU. Fixed segments, not a fixed number of
//   them, so that a cell's sum does not depend on how the work was divided.
// @result as fast as registers-only 8×8 at 256³ on SwiftShader (a CPU; f32), which has too few cores to need it; not
//   measured on a GPU yet
// @reduction k256
// @lib tile matmul
// @scratch partial f32 [ceil(k / 256), m, 4 * ceil(n / 4)]
// @pass main [ceil(n / (8 * WG_X)), ceil(m / (8 * WG_Y)), ceil(k / 256)]
// @pass combine [ceil(n / 256), m]
// @for m * n <= 262144 && k >= 1024

struct Dims { m: u32, n: u32, k: u32 }

@group(0) @binding(0) var<storage, read> a: array<vec4<Elem>>; // [m, k / 4] row-major
@group(0) @binding(1) var<storage, read> b: array<vec4<Elem>>; // [k, n / 4] row-major
@group(0) @binding(2) var<storage, read_write> c: array<vec4<Elem>>; // [m, n / 4] row-major
@group(0) @binding(3) var<storage, read_write> partial: array<vec4f>; // [segment, m, n / 4]
@group(1) @binding(0) var<uniform> dims: Dims;

alias Elem = f32; // @param f32 f16
override WG_X: u32 = 8u; // @param 4 8 16
override WG_Y: u32 = 8u; // @param 4 8 16
const SEGMENT: u32 = 256u; // part of the reduction id

fn load_a(start: vec4u, k4: u32) -> mat4x4f {
  return mat4x4f(
    vec4f(a[start.x + k4]), vec4f(a[start.y + k4]), vec4f(a[start.z + k4]), vec4f(a[start.w + k4]));
}

fn store_partial(segment: u32, row: u32, column4: u32, sums: mat4x4f) {
  if (column4 >= vec4s(dims.n)) { return; }
  for (var i = 0u; i < min(4u, dims.m - min(row, dims.m)); i++) {
    partial[(segment * dims.m + row + i) * vec4s(dims.n) + column4] = sums[i];
  }
}

@compute @workgroup_size(WG_X, WG_Y)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let row = 8u * id.y;
  let column = 2u * id.x;
  let column0 = min(column, vec4s(dims.n) - 1u);
  let column1 = min(column + 1u, vec4s(dims.n) - 1u);
  let rows0 = starts(row);
  let rows1 = starts(row + 4u);
  var c00 = mat4x4f();
  var c01 = mat4x4f();
  var c10 = mat4x4f();
  var c11 = mat4x4f();
  for (var k = SEGMENT * id.z; k < min(dims.k, SEGMENT * (id.z + 1u)); k += 4u) {
    let b0 = columns_of_b(k, column0);
    let b1 = columns_of_b(k, column1);
    let a0 = load_a(rows0, k / 4u);
    let a1 = load_a(rows1, k / 4u);
    c00 = block4(c00, a0, b0);
    c01 = block4(c01, a0, b1);
    c10 = block4(c10, a1, b0);
    c11 = block4(c11, a1, b1);
  }
  store_partial(id.z, row, column, c00);
  store_partial(id.z, row, column + 1u, c01);
  store_partial(id.z, row + 4u, column, c10);
  store_partial(id.z, row + 4u, column + 1u, c11);
}

@compute @workgroup_size(64)
fn combine(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= vec4s(dims.n)) { return; }
  let cell = id.y * vec4s(dims.n) + id.x;
  var total = vec4f();
  for (var k = 0u; k < dims.k; k += SEGMENT) { total += partial[k / SEGMENT * dims.m * vec4s(dims.n) + cell]; }
  c[cell] = vec4<Elem>(total);
}
