// @title Few rows
// @change For m up to 16: an invocation makes four rows of four columns over one segment of 256 k; LANES neighbours
//   read neighbouring columns, SPLIT groups of them take the segments in turn, and their sums meet in workgroup memory,
//   from left to right.
// @why With few rows b is read once and hardly reused, so only memory bandwidth counts: many loads in flight and
//   whole cache lines, not tiles. Staging b would add a round trip and win nothing. Row blocks come first in the grid:
//   those that read the same columns run side by side and share them in the cache.
// @result lost on SwiftShader (a CPU): naive is 3.8× as fast at 1×4096×1024 (f32), barriers and unused rows cost too
//   much there; not measured on a GPU yet
// @reduction k256
// @lib tile matmul
// @require LANES * SPLIT <= 256
// @pass main [ceil(m / 4), ceil(n / (4 * LANES))]
// @for m <= 16

struct Dims { m: u32, n: u32, k: u32 }

@group(0) @binding(0) var<storage, read> a: array<vec4<Elem>>; // [m, k / 4] row-major
@group(0) @binding(1) var<storage, read> b: array<vec4<Elem>>; // [k, n / 4] row-major
@group(0) @binding(2) var<storage, read_write> c: array<vec4<Elem>>; // [m, n / 4] row-major
@group(1) @binding(0) var<uniform> dims: Dims;

alias Elem = f32; // @param f32 f16
const LANES: u32 = 16u; // @param 4 8 16 32
const SPLIT: u32 = 16u; // @param 4 8 16 32
const SEGMENT: u32 = 256u; // part of the reduction id

var<workgroup> partial: array<array<mat4x4f, LANES>, SPLIT>; // [segment][lane], 16 KiB at 16×16

// Zeros past the end of the rows, where the next ones begin.
fn load_a(start: vec4u, k4: u32) -> mat4x4f {
  if (k4 >= vec4s(dims.k)) { return mat4x4f(); }
  return mat4x4f(
    vec4f(a[start.x + k4]), vec4f(a[start.y + k4]), vec4f(a[start.z + k4]), vec4f(a[start.w + k4]));
}

@compute @workgroup_size(LANES, SPLIT)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_id) local: vec3u) {
  let column = workgroup.y * LANES + local.x;
  let column0 = min(column, vec4s(dims.n) - 1u);
  let row = 4u * workgroup.x;
  let rows = starts(row);
  var total = mat4x4f();
  for (var first = 0u; first < dims.k; first += SPLIT * SEGMENT) {
    let start = first + SEGMENT * local.y;
    var sums = mat4x4f();
    for (var k = start; k < min(dims.k, start + SEGMENT); k += 8u) {
      let b0 = columns_of_b(k, column0); // eight loads in flight
      let b1 = columns_of_b(k + 4u, column0);
      sums = block4(block4(sums, load_a(rows, k / 4u), b0), load_a(rows, k / 4u + 1u), b1);
    }
    workgroupBarrier(); // the sums before are no longer read
    partial[local.y][local.x] = sums;
    workgroupBarrier();
    if (local.y == 0u) {
      for (var s = 0u; s < SPLIT; s++) { total += partial[s][local.x]; }
    }
  }
  if (local.y == 0u) { store_c(row, column, total); }
}
