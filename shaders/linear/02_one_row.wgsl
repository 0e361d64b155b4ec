// @title One row
// @change LANES_K invocations share one row of w, a 32-cell segment each; segment sums meet in workgroup memory
// and are added from left to right.
// @why Decoding one sequence, a lane a row of w would leave most of a device idle; splitting k keeps it busy.
// @result on an H200, int8 16384×2048: 51.8 µs
// @reduction k32
// @lib weights unpack linear
// @pass main [ceil(n * LANES_K / 64), m]
// @for m <= 1

struct Dims { m: u32, n: u32, k: u32, y_n: u32, y_0: u32, group: u32, groups: u32 }

@group(0) @binding(0) var<storage, read> x: array<vec4f>; // [m, k / 4], gaps are zero
@group(0) @binding(1) var<storage, read> w: array<vec4u>; // [n, units], see lib/weights.wgsl
@group(0) @binding(2) var<storage, read> scales: array<f32>; // [n, groups] i8 only
@group(0) @binding(3) var<storage, read_write> y: array<f32>; // [m, y_n], rows padded to 4 cells
@group(1) @binding(0) var<uniform> dims: Dims;

const FORMAT: u32 = 0u; // @dim format
const LANES_K: u32 = 8u; // @param 1 2 4 8 16 32
const COLUMNS: u32 = 64u / LANES_K;

var<workgroup> partial: array<f32, 64>; // [column][lane], 256 B

fn segment_sum(row: u32, column: u32, segment: u32, k4: u32) -> f32 {
  var sum = 0.0;
  for (var i = segment * 8u; i < min(segment * 8u + 8u, k4); i++) {
    let a = x[row * k4 + i];
    let b = cells_of_w(column, i);
    sum = fma(a.x, b.x, sum);
    sum = fma(a.y, b.y, sum);
    sum = fma(a.z, b.z, sum);
    sum = fma(a.w, b.w, sum);
  }
  return sum;
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let k4 = (dims.k + 3u) / 4u;
  let first_column = group.x * COLUMNS;
  let column = first_column + lane / LANES_K;
  var total = 0.0; // of column first_column + lane, in lanes below COLUMNS
  for (var first = 0u; first * 8u < k4; first += LANES_K) {
    let segment = first + lane % LANES_K;
    if (column < dims.n && segment * 8u < k4) { partial[lane] = segment_sum(group.y, column, segment, k4); }
    workgroupBarrier();
    if (lane < COLUMNS && first_column + lane < dims.n) {
      for (var s = 0u; s < min(LANES_K, (k4 + 7u) / 8u - first); s++) {
        let sum = partial[lane * LANES_K + s];
        if (FORMAT == 2u) { total = fma(sum, scale_of(first_column + lane, first + s), total); } else { total += sum; }
      }
    }
    workgroupBarrier();
  }
  if (lane < COLUMNS && first_column + lane < dims.n) {
    y[y_at(group.y, first_column + lane)] = total;
  }
}
