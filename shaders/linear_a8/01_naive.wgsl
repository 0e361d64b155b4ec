// @title Naive
// @change One invocation computes one cell of y, walking a row of x and a row of w.
// @why The baseline, in the order in which every linear layer sums: 32 products one after another, then those sums.
// @result baseline
// @reduction k32
// @lib unpack weights
// @pass main [ceil(n / 64), m]

struct Dims { m: u32, n: u32, k: u32 }

@group(0) @binding(0) var<storage, read> x: array<u32>; // [m, k / 4] packed, rows padded to 16 bytes
@group(0) @binding(1) var<storage, read> x_scales: array<f32>; // [m]
@group(0) @binding(2) var<storage, read> w: array<vec4u>; // [n, units], see lib/weights.wgsl
@group(0) @binding(3) var<storage, read_write> y: array<f32>; // [m, n], rows padded to 4 cells
@group(1) @binding(0) var<uniform> dims: Dims;

const FORMAT: u32 = 0u; // @dim format

fn load_x(row: u32, i: u32) -> vec4f { return unpack_i8(x[row * ((dims.k + 15u) / 16u * 4u) + i]) * x_scales[row]; }

fn load_w(row: u32, i: u32) -> vec4f {
  let units = (dims.k + CELLS - 1u) / CELLS;
  return unpack_cells(w[row * units + i * 4u / CELLS], i);
}

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
      let a = load_x(row, i);
      let b = load_w(column, i);
      sum = fma(a.x, b.x, sum);
      sum = fma(a.y, b.y, sum);
      sum = fma(a.z, b.z, sum);
      sum = fma(a.w, b.w, sum);
    }
    total += sum;
  }
  y[row * ((dims.n + 3u) / 4u * 4u) + column] = total;
}
