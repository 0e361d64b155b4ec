// @title 16×8 through the subgroup
// @change As registers only, with 16×8 cells an invocation; a subgroup's lanes share the rows of a: each lane loads one
//   of four k and broadcasts it.
// @why Loads bound the version before on CPU adapters. Lanes lie along n, so a is the same for all of them: one load
//   instruction brings four k of a row instead of one. Uses lanes 0 to 3 only, so any subgroup size works.
// @result 18× naive at 256³ and 15× at 512³ on SwiftShader (a CPU; f32), 1.33 and 1.15× the registers-only 8×8;
//   8.7× naive on an H200 at 4096³ (f32)
// @reduction k-sequential
// @needs subgroups
// @lib tile matmul
// @pass main [ceil(n / (8 * WG_X)), ceil(m / 16)]

enable subgroups;

struct Dims { m: u32, n: u32, k: u32 }

@group(0) @binding(0) var<storage, read> a: array<Elem>; // [m, k] row-major, rows padded to 4 cells
@group(0) @binding(1) var<storage, read> b: array<vec4<Elem>>; // [k, n / 4] row-major
@group(0) @binding(2) var<storage, read_write> c: array<vec4<Elem>>; // [m, n / 4] row-major
@group(1) @binding(0) var<uniform> dims: Dims;

alias Elem = f32; // @param f32 f16
override WG_X: u32 = 16u; // @param 8 16 32 64

// Where four rows of a start, for this lane's k. Rows past the end are clamped: store_c drops what they make.
fn lane_starts(row: u32, lane: u32) -> vec4u {
  return min(vec4u(row) + vec4u(0u, 1u, 2u, 3u), vec4u(dims.m - 1u)) * (4u * vec4s(dims.k)) + vec4u(lane % 4u);
}

// This lane's k of four rows.
fn load_a(start: vec4u, k: u32) -> vec4f {
  return vec4f(f32(a[start.x + k]), f32(a[start.y + k]), f32(a[start.z + k]), f32(a[start.w + k]));
}

// Four rows of four k, out of lanes 0 to 3.
fn share(lane_k: vec4f) -> mat4x4f {
  return transpose(mat4x4f(
    subgroupBroadcast(lane_k, 0u), subgroupBroadcast(lane_k, 1u),
    subgroupBroadcast(lane_k, 2u), subgroupBroadcast(lane_k, 3u)));
}

@compute @workgroup_size(WG_X)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(local_invocation_index) index: u32,
  @builtin(subgroup_invocation_id) lane: u32,
) {
  let row = 16u * workgroup.y;
  let column = 2u * (workgroup.x * WG_X + index);
  let column0 = min(column, vec4s(dims.n) - 1u);
  let column1 = min(column + 1u, vec4s(dims.n) - 1u);
  let rows0 = lane_starts(row, lane);
  let rows1 = lane_starts(row + 4u, lane);
  let rows2 = lane_starts(row + 8u, lane);
  let rows3 = lane_starts(row + 12u, lane);
  var c00 = mat4x4f();
  var c01 = mat4x4f();
  var c10 = mat4x4f();
  var c11 = mat4x4f();
  var c20 = mat4x4f();
  var c21 = mat4x4f();
  var c30 = mat4x4f();
  var c31 = mat4x4f();
  for (var k = 0u; k < dims.k; k += 4u) {
    let b0 = columns_of_b(k, column0);
    let b1 = columns_of_b(k, column1);
    let a0 = share(load_a(rows0, k));
    c00 = block4(c00, a0, b0);
    c01 = block4(c01, a0, b1);
    let a1 = share(load_a(rows1, k));
    c10 = block4(c10, a1, b0);
    c11 = block4(c11, a1, b1);
    let a2 = share(load_a(rows2, k));
    c20 = block4(c20, a2, b0);
    c21 = block4(c21, a2, b1);
    let a3 = share(load_a(rows3, k));
    c30 = block4(c30, a3, b0);
    c31 = block4(c31, a3, b1);
  }
  store_c(row, column, c00);
  store_c(row, column + 1u, c01);
  store_c(row + 4u, column, c10);
  store_c(row + 4u, column + 1u, c11);
  store_c(row + 8u, column, c20);
  store_c(row + 8u, column + 1u, c21);
  store_c(row + 12u, column, c30);
  store_c(row + 12u, column + 1u, c31);
}
