// @title Few rows
// @change For m up to 16: an invocation makes four rows of four columns over one segment of 32 k, its neighbours the
//   segments beside it; a waits in workgroup memory, and the segments meet there, scaled and added from left to right.
// @why With few rows w is read once: only bandwidth counts. Two units of 16 bytes a row of w are one sector, and
//   neighbours read neighbouring sectors. a is four times as wide as w: read directly, a vec4 a lane 128 bytes apart,
//   it would take more cache traffic than w; staged once, with a gap after each segment against bank conflicts, it
//   serves 16 columns.
// @result lost on SwiftShader (a CPU): naive is 6× as fast at 1×4096×1024 (f32), barriers cost too much there; not
//   measured on a GPU yet
// @reduction k32
// @lib tile unpack column_scales
// @require LANES * QUADS <= 256
// @pass main [ceil(m / 4), ceil(n / (4 * QUADS))]
// @for m <= 16

struct Dims { m: u32, n: u32, k: u32, group: u32, groups: u32 }

@group(0) @binding(0) var<storage, read> a: array<vec4<Elem>>; // [m, k / 4] row-major
@group(0) @binding(1) var<storage, read> w: array<vec4u>; // [n, k / 16] packed
@group(0) @binding(2) var<storage, read> w_scales: array<f32>; // [n, groups]
@group(0) @binding(3) var<storage, read_write> c: array<vec4<Elem>>; // [m, n / 4] row-major
@group(1) @binding(0) var<uniform> dims: Dims;

alias Elem = f32; // @param f32 f16
const LANES: u32 = 16u; // @param 8 16 32
const QUADS: u32 = 4u; // @param 1 2 4 8
const SEGMENT4: u32 = 8u; // vec4s of a segment; part of the reduction id
const ROUND4: u32 = LANES * SEGMENT4; // vec4s of a row that the lanes take before a barrier

var<workgroup> tile_a: array<array<array<vec4f, SEGMENT4 + 1u>, LANES>, 4>; // [row][segment][k / 4], 9 KiB at 16
var<workgroup> partial: array<array<array<vec4f, LANES>, 4>, QUADS>; // [four columns][row][segment], 4 KiB at 4×16

fn vec4s() -> u32 { return (dims.k + 3u) / 4u; }
fn units() -> u32 { return (dims.k + 15u) / 16u; }

// Zeros past the end of the row, where the next one begins.
fn load_a(row: u32, i: u32) -> vec4f {
  return select(vec4f(), vec4f(a[min(row, dims.m - 1u) * vec4s() + i]), i < vec4s());
}

fn load_w(start: u32, unit: u32) -> vec4u { return select(vec4u(), w[start + unit], unit < units()); }

// Four k (rows) of four columns of c, times four rows of a; a single row skips the other three.
fn step(sums: mat4x4f, lane: u32, i: u32, words: vec4u, several: bool) -> mat4x4f {
  let b = transpose(mat4x4f(unpack_i8(words.x), unpack_i8(words.y), unpack_i8(words.z), unpack_i8(words.w)));
  let first = row4(sums[0], tile_a[0][lane][i], b);
  if (!several) { return mat4x4f(first, sums[1], sums[2], sums[3]); }
  return mat4x4f(
    first,
    row4(sums[1], tile_a[1][lane][i], b),
    row4(sums[2], tile_a[2][lane][i], b),
    row4(sums[3], tile_a[3][lane][i], b));
}

// One segment of four rows and four columns.
fn segment(lane: u32, columns: vec4u, unit0: u32, several: bool) -> mat4x4f {
  var sums = mat4x4f();
  for (var u = 0u; u < 2u; u++) {
    let w0 = load_w(columns.x, unit0 + u);
    let w1 = load_w(columns.y, unit0 + u);
    let w2 = load_w(columns.z, unit0 + u);
    let w3 = load_w(columns.w, unit0 + u);
    sums = step(sums, lane, 4u * u, vec4u(w0.x, w1.x, w2.x, w3.x), several);
    sums = step(sums, lane, 4u * u + 1u, vec4u(w0.y, w1.y, w2.y, w3.y), several);
    sums = step(sums, lane, 4u * u + 2u, vec4u(w0.z, w1.z, w2.z, w3.z), several);
    sums = step(sums, lane, 4u * u + 3u, vec4u(w0.w, w1.w, w2.w, w3.w), several);
  }
  return sums;
}

@compute @workgroup_size(LANES, QUADS)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(local_invocation_id) local: vec3u,
  @builtin(local_invocation_index) index: u32,
) {
  let lane = local.x;
  let quad = local.y;
  let column = 4u * (workgroup.y * QUADS + quad);
  let row = 4u * workgroup.x;
  let columns = four(column, dims.n) * units();
  let several = row + 1u < dims.m;
  var total = vec4f(); // of row `lane`, for the first four lanes
  for (var first = 0u; first < vec4s(); first += ROUND4) {
    for (var i = index; i < select(1u, 4u, several) * ROUND4; i += LANES * QUADS) {
      let i4 = i % ROUND4;
      tile_a[i / ROUND4][i4 / SEGMENT4][i4 % SEGMENT4] = load_a(row + i / ROUND4, first + i4);
    }
    workgroupBarrier();
    let sums = segment(lane, columns, first / 4u + 2u * lane, several);
    partial[quad][0][lane] = sums[0];
    partial[quad][1][lane] = sums[1];
    partial[quad][2][lane] = sums[2];
    partial[quad][3][lane] = sums[3];
    workgroupBarrier(); // also: a is no longer read
    if (lane < 4u) {
      for (var s = 0u; s < min(LANES, (vec4s() - first + SEGMENT4 - 1u) / SEGMENT4); s++) {
        total = fma(partial[quad][lane][s], scales_of(column, (4u * first + 32u * s) / dims.group), total);
      }
    }
  }
  if (lane < min(4u, dims.m - row) && column < dims.n) {
    c[(row + lane) * ((dims.n + 3u) / 4u) + column / 4u] = vec4<Elem>(total);
  }
}
