// @title Few rows
// @change For m up to 16: an invocation makes four rows of four columns over one segment; SPLIT lanes take the segments in
//   turn, and their sums meet in workgroup memory, scaled and added from left to right.
// @why With few rows w is read once: only bandwidth counts. A lane reads 16 bytes of each of four rows of w at once, and
//   comes back for the rest of their cache lines in the next steps, while they are still near.
// @result not measured yet
// @reduction k256-groups
// @lib tile unpack
// @shared 64 * LANES * SPLIT
// @require LANES * SPLIT <= 256
// @pass main [ceil(n / (4 * LANES)), ceil(m / 4)]
// @for m <= 16

struct Dims { m: u32, n: u32, k: u32, group: u32, groups: u32 }

@group(0) @binding(0) var<storage, read> a: array<vec4<Elem>>; // [m, k / 4] row-major
@group(0) @binding(1) var<storage, read> w: array<vec4u>; // [n, k / 16] packed
@group(0) @binding(2) var<storage, read> w_scales: array<f32>; // [n, groups]
@group(0) @binding(3) var<storage, read_write> c: array<vec4<Elem>>; // [m, n / 4] row-major
@group(1) @binding(0) var<uniform> dims: Dims;

alias Elem = f32; // @param f32 f16
const LANES: u32 = 4u; // @param 1 2 4 8
const SPLIT: u32 = 16u; // @param 8 16 32 64

var<workgroup> partial: array<array<mat4x4f, SPLIT>, LANES>; // [lane][segment], 4 KiB at 4×16

fn vec4s() -> u32 { return (dims.k + 3u) / 4u; }
fn units() -> u32 { return (dims.k + 15u) / 16u; }

// Rows past the end are clamped: store_c drops what they make.
fn four(first: u32, count: u32) -> vec4u { return min(vec4u(first) + vec4u(0u, 1u, 2u, 3u), vec4u(count - 1u)); }

// Zeros past the end of the rows, where the next ones begin.
fn load_a(start: vec4u, i: u32) -> mat4x4f {
  if (i >= vec4s()) { return mat4x4f(); }
  return mat4x4f(vec4f(a[start.x + i]), vec4f(a[start.y + i]), vec4f(a[start.z + i]), vec4f(a[start.w + i]));
}

// Four k (rows) of four columns of c.
fn columns_of(words: vec4u) -> mat4x4f {
  return transpose(mat4x4f(unpack_i8(words.x), unpack_i8(words.y), unpack_i8(words.z), unpack_i8(words.w)));
}

// Sixteen k of four rows and four columns.
fn step(sums: mat4x4f, rows: vec4u, columns: vec4u, unit: u32) -> mat4x4f {
  let w0 = w[columns.x + unit];
  let w1 = w[columns.y + unit];
  let w2 = w[columns.z + unit];
  let w3 = w[columns.w + unit];
  let s0 = block4(sums, load_a(rows, 4u * unit), columns_of(vec4u(w0.x, w1.x, w2.x, w3.x)));
  let s1 = block4(s0, load_a(rows, 4u * unit + 1u), columns_of(vec4u(w0.y, w1.y, w2.y, w3.y)));
  let s2 = block4(s1, load_a(rows, 4u * unit + 2u), columns_of(vec4u(w0.z, w1.z, w2.z, w3.z)));
  return block4(s2, load_a(rows, 4u * unit + 3u), columns_of(vec4u(w0.w, w1.w, w2.w, w3.w)));
}

fn scales_of(column: u32, g: u32) -> vec4f {
  let at = four(column, dims.n) * dims.groups + vec4u(g);
  return vec4f(w_scales[at.x], w_scales[at.y], w_scales[at.z], w_scales[at.w]);
}

fn store_c(row: u32, column: u32, sums: vec4f) {
  if (row < dims.m && column < dims.n) { c[row * ((dims.n + 3u) / 4u) + column / 4u] = vec4<Elem>(sums); }
}

@compute @workgroup_size(SPLIT, LANES)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_id) local: vec3u) {
  let column = 4u * (workgroup.x * LANES + local.y);
  let row = 4u * workgroup.y;
  let rows = four(row, dims.m) * vec4s();
  let columns = four(column, dims.n) * units();
  let segment = min(dims.group, 256u); // part of the reduction id
  var total = vec4f(); // of row local.x, for the first four lanes
  for (var first = 0u; first < dims.k; first += SPLIT * segment) {
    let start = first + segment * local.x;
    var sums = mat4x4f();
    for (var unit = start / 16u; unit < min(units(), (start + segment + 15u) / 16u); unit++) {
      sums = step(sums, rows, columns, unit);
    }
    workgroupBarrier(); // the sums before are no longer read
    partial[local.y][local.x] = sums;
    workgroupBarrier();
    if (local.x < 4u) {
      for (var s = 0u; s < min(SPLIT, (dims.k - first + segment - 1u) / segment); s++) {
        total = fma(partial[local.y][s][local.x], scales_of(column, (first + s * segment) / dims.group), total);
      }
    }
  }
  if (local.x < 4u) { store_c(row + local.x, column, total); }
}
