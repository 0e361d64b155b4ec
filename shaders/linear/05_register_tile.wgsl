// @title Register tile
// @change 64 lanes make a 32×32 tile of y, 4×4 cells each, from 32-cell slabs of x and w in workgroup memory.
// @why In prefill every weight meets many rows: staged once, it is used 32 times. The slab is one k32 segment,
// so the tile adds its sums in the same order as the few-rows version.
// @result on SwiftShader (a CPU), 8×128×64, where 24 of 32 rows are idle: three times the naive's time; not measured on
// a GPU yet
// @reduction k32
// @lib weights
// @pass main [ceil(n / 32), ceil(m / 32)]
// @for m > 4

struct Dims { m: u32, n: u32, k: u32, y_n: u32, y_0: u32, group: u32, groups: u32 }

@group(0) @binding(0) var<storage, read> x: array<vec4f>; // [m, k / 4], gaps are zero
@group(0) @binding(1) var<storage, read> w: array<vec4u>; // [n, units], see lib/weights.wgsl
@group(0) @binding(2) var<storage, read> scales: array<f32>; // [n, groups] i8 only
@group(0) @binding(3) var<storage, read_write> y: array<f32>; // [m, y_n], rows padded to 4 cells
@group(1) @binding(0) var<uniform> dims: Dims;

const FORMAT: u32 = 0u; // @dim format

const TILE: u32 = 32u;

var<workgroup> tile_x: array<vec4f, 256>; // [32 k][8 vec4 of rows], 4 KiB
var<workgroup> tile_w: array<vec4f, 256>; // [32 k][8 vec4 of columns], 4 KiB

fn load_x(row: u32, i: u32, k4: u32) -> vec4f {
  if (row >= dims.m || i >= k4) { return vec4f(); }
  return x[row * k4 + i];
}

fn load_w(row: u32, i: u32, k4: u32) -> vec4f {
  if (row >= dims.n || i >= k4) { return vec4f(); }
  let units = (dims.k + CELLS - 1u) / CELLS;
  return unpack_cells(w[row * units + i * 4u / CELLS], i);
}

fn scale_of(row: u32, segment: u32) -> f32 {
  return scales[min(row, dims.n - 1u) * dims.groups + segment * 32u / dims.group];
}

// Stages one slab, transposed: each lane brings a 4×4 block of each matrix, and writes whole vec4s (parts of
// one vector written by several lanes would be a race).
fn stage(lane: u32, first_row: u32, first_column: u32, segment: u32, k4: u32) {
  let i = lane % 8u;
  let quad = lane / 8u;
  var a: mat4x4f;
  var b: mat4x4f;
  for (var line = 0u; line < 4u; line++) {
    a[line] = load_x(first_row + quad * 4u + line, segment * 8u + i, k4);
    b[line] = load_w(first_column + quad * 4u + line, segment * 8u + i, k4);
  }
  let a_columns = transpose(a);
  let b_columns = transpose(b);
  for (var c = 0u; c < 4u; c++) {
    tile_x[(i * 4u + c) * 8u + quad] = a_columns[c];
    tile_w[(i * 4u + c) * 8u + quad] = b_columns[c];
  }
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let k4 = (dims.k + 3u) / 4u;
  let first_row = group.y * TILE;
  let first_column = group.x * TILE;
  let tx = lane % 8u;
  let ty = lane / 8u;
  let column = first_column + tx * 4u;
  var total: array<vec4f, 4>; // [row] of 4 columns
  for (var segment = 0u; segment * 8u < k4; segment++) {
    stage(lane, first_row, first_column, segment, k4);
    workgroupBarrier();
    var sum = array<vec4f, 4>(); // spelled out: without it Chromium 156 kept the last round's sums
    for (var k = 0u; k < TILE; k++) {
      let a = tile_x[k * 8u + ty];
      let b = tile_w[k * 8u + tx];
      sum[0] = fma(vec4f(a.x), b, sum[0]);
      sum[1] = fma(vec4f(a.y), b, sum[1]);
      sum[2] = fma(vec4f(a.z), b, sum[2]);
      sum[3] = fma(vec4f(a.w), b, sum[3]);
    }
    var scale = vec4f(1.0);
    if (FORMAT == 2u) {
      scale = vec4f(scale_of(column, segment), scale_of(column + 1u, segment),
                    scale_of(column + 2u, segment), scale_of(column + 3u, segment));
    }
    for (var r = 0u; r < 4u; r++) {
      if (FORMAT == 2u) { total[r] = fma(sum[r], scale, total[r]); } else { total[r] += sum[r]; }
    }
    workgroupBarrier();
  }
  store_y(first_row + ty * 4u, column, total);
}

fn store_y(first_row: u32, column: u32, total: array<vec4f, 4>) {
  for (var r = 0u; r < 4u; r++) {
    let row = first_row + r;
    for (var c = 0u; c < 4u; c++) {
      if (row < dims.m && column + c < dims.n) {
        y[row * ((dims.y_n + 3u) / 4u * 4u) + dims.y_0 + column + c] = total[r][c];
      }
    }
  }
}
