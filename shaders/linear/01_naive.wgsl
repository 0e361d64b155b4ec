// @title Naive
// @change One invocation computes one cell of y, walking a row of x and a row of w.
// @why The baseline. It already sums as all k32 versions do: 32 products one after another, then those
// sums one after another, so that a product of one row and of a thousand rows agree bit for bit.
// @result baseline
// @reduction k32
// @lib weights unpack linear
// @pass main [ceil(n / 64), m]

struct Dims { m: u32, n: u32, k: u32, y_n: u32, y_0: u32, group: u32, groups: u32 }

@group(0) @binding(0) var<storage, read> x: array<vec4f>; // [m, k / 4], gaps are zero
@group(0) @binding(1) var<storage, read> w: array<vec4u>; // [n, units], see lib/weights.wgsl
@group(0) @binding(2) var<storage, read> scales: array<f32>; // [n, groups] i8 only
@group(0) @binding(3) var<storage, read_write> y: array<f32>; // [m, y_n], rows padded to 4 cells
@group(1) @binding(0) var<uniform> dims: Dims;

const FORMAT: u32 = 0u; // @dim format

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let row = id.y;
  let column = id.x;
  if (column >= dims.n) { return; }
  let k4 = (dims.k + 3u) / 4u;
  var total = 0.0;
  for (var segment = 0u; segment * 8u < k4; segment++) {
    var sum = 0.0;
    for (var i = segment * 8u; i < min(segment * 8u + 8u, k4); i++) {
      let a = x[row * k4 + i];
      let b = cells_of_w(column, i);
      sum = fma(a.x, b.x, sum);
      sum = fma(a.y, b.y, sum);
      sum = fma(a.z, b.z, sum);
      sum = fma(a.w, b.w, sum);
    }
    if (FORMAT == 2u) { total = fma(sum, scale_of(column, segment), total); } else { total += sum; }
  }
  y[y_at(row, column)] = total;
}
