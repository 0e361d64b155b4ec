// @title Few rows
// @change LANES_K invocations share one row of w, a 32-cell segment each; a lane multiplies its weights with
// ROWS rows of x. Segment sums meet in workgroup memory and are added from left to right.
// @why In decode each weight is used once a row: reading w once for all rows is what counts, and splitting k
// keeps enough lanes busy when n is small.
// @result not measured on a GPU yet
// @reduction k32
// @lib weights
// @pass main [ceil(n * LANES_K / 64), ceil(m / ROWS)]
// @for m <= 16

struct Dims { m: u32, n: u32, k: u32, y_n: u32, y_0: u32, group: u32, groups: u32 }

@group(0) @binding(0) var<storage, read> x: array<vec4f>; // [m, k / 4], gaps are zero
@group(0) @binding(1) var<storage, read> w: array<vec4u>; // [n, units], see lib/weights.wgsl
@group(0) @binding(2) var<storage, read> scales: array<f32>; // [n, groups] i8 only
@group(0) @binding(3) var<storage, read_write> y: array<f32>; // [m, y_n], rows padded to 4 cells
@group(1) @binding(0) var<uniform> dims: Dims;

const FORMAT: u32 = 0u; // @dim format
const ROWS: u32 = 8u; // @param 1 4 8
const LANES_K: u32 = 8u; // @param 1 2 4 8 16
const COLUMNS: u32 = 64u / LANES_K;

var<workgroup> partial: array<f32, 64u * ROWS>; // [row][column][lane], 256 B a row

fn load_w(row: u32, i: u32) -> vec4f {
  let units = (dims.k + CELLS - 1u) / CELLS;
  return unpack_cells(w[row * units + i * 4u / CELLS], i);
}

fn scale_of(row: u32, segment: u32) -> f32 { return scales[row * dims.groups + segment * 32u / dims.group]; }

// Sums of one segment of row `column` of w with every row of x; rows past the last repeat it.
fn segment_sums(column: u32, segment: u32, first_row: u32, k4: u32) -> array<f32, ROWS> {
  var sums: array<f32, ROWS>;
  for (var i = segment * 8u; i < min(segment * 8u + 8u, k4); i++) {
    let b = load_w(column, i);
    for (var r = 0u; r < ROWS; r++) {
      let a = x[min(first_row + r, dims.m - 1u) * k4 + i];
      sums[r] = fma(a.x, b.x, sums[r]);
      sums[r] = fma(a.y, b.y, sums[r]);
      sums[r] = fma(a.z, b.z, sums[r]);
      sums[r] = fma(a.w, b.w, sums[r]);
    }
  }
  return sums;
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let k4 = (dims.k + 3u) / 4u;
  let column = group.x * COLUMNS + lane / LANES_K;
  let first_row = group.y * ROWS;
  // lane l adds up cells l, l + 64, … of [row][column]
  var totals: array<f32, ROWS>;
  for (var first = 0u; first * 8u < k4; first += LANES_K) {
    let segment = first + lane % LANES_K;
    if (column < dims.n && segment * 8u < k4) {
      let sums = segment_sums(column, segment, first_row, k4);
      for (var r = 0u; r < ROWS; r++) { partial[r * 64u + lane] = sums[r]; }
    }
    workgroupBarrier();
    for (var c = 0u; c * 64u < COLUMNS * ROWS; c++) {
      let cell = c * 64u + lane;
      let last = min(LANES_K, (k4 + 7u) / 8u - first);
      if (cell < COLUMNS * ROWS) { totals[c] = add_segments(cell, group.x * COLUMNS, first, last, totals[c]); }
    }
    workgroupBarrier();
  }
  for (var c = 0u; c * 64u < COLUMNS * ROWS; c++) {
    let cell = c * 64u + lane;
    let row = first_row + cell / COLUMNS;
    let n = group.x * COLUMNS + cell % COLUMNS;
    if (cell < COLUMNS * ROWS && row < dims.m && n < dims.n) {
      y[row * ((dims.y_n + 3u) / 4u * 4u) + dims.y_0 + n] = totals[c];
    }
  }
}

// Adds this round's segment sums of one cell [row][column] to `total`, from left to right.
fn add_segments(cell: u32, first_column: u32, first: u32, count: u32, start: f32) -> f32 {
  let column = cell % COLUMNS;
  let base = (cell / COLUMNS) * 64u + column * LANES_K;
  var total = start;
  if (first_column + column >= dims.n) { return total; }
  for (var s = 0u; s < count; s++) {
    if (FORMAT == 2u) { total = fma(partial[base + s], scale_of(first_column + column, first + s), total); }
    else { total += partial[base + s]; }
  }
  return total;
}
