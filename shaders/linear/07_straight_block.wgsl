// @title Straight block
// @change The row block without segments: each cell adds all its products one after another, in half the registers.
// @why A block that keeps 32-cell sums apart holds two sums a cell. Another order of summation: for fast numerics only.
// @result not measured on a GPU yet
// @reduction k-sequential
// @lib weights unpack tile linear
// @pass main [ceil(n / (4 * LANES)), ceil(m / 8)]
// @for m <= 16

struct Dims { m: u32, n: u32, k: u32, y_n: u32, y_0: u32, group: u32, groups: u32 }

@group(0) @binding(0) var<storage, read> x: array<vec4f>; // [m, k / 4], gaps are zero
@group(0) @binding(1) var<storage, read> w: array<vec4u>; // [n, units], see lib/weights.wgsl
@group(0) @binding(2) var<storage, read> scales: array<f32>; // [n, groups] i8 only
@group(0) @binding(3) var<storage, read_write> y: array<f32>; // [m, y_n], rows padded to 4 cells
@group(1) @binding(0) var<uniform> dims: Dims;

const FORMAT: u32 = 0u; // @dim format
override LANES: u32 = 4u; // @param 4 8 16 32 64

// Past the last row, the last: what it makes is not stored.
fn load_w(row: u32, i: u32) -> vec4f { return scaled_w(min(row, dims.n - 1u), i); }

@compute @workgroup_size(LANES)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let k4 = (dims.k + 3u) / 4u;
  let column = id.x * 4u;
  let row = id.y * 8u;
  if (column >= dims.n) { return; }
  var s0 = vec4f(); var s1 = vec4f(); var s2 = vec4f(); var s3 = vec4f();
  var s4 = vec4f(); var s5 = vec4f(); var s6 = vec4f(); var s7 = vec4f();
  for (var i = 0u; i < k4; i++) {
    let b = transpose(mat4x4f(load_w(column, i), load_w(column + 1u, i), load_w(column + 2u, i), load_w(column + 3u, i)));
    s0 = row4(s0, load_x_or_last(row, i, k4), b);
    s1 = row4(s1, load_x_or_last(row + 1u, i, k4), b);
    s2 = row4(s2, load_x_or_last(row + 2u, i, k4), b);
    s3 = row4(s3, load_x_or_last(row + 3u, i, k4), b);
    s4 = row4(s4, load_x_or_last(row + 4u, i, k4), b);
    s5 = row4(s5, load_x_or_last(row + 5u, i, k4), b);
    s6 = row4(s6, load_x_or_last(row + 6u, i, k4), b);
    s7 = row4(s7, load_x_or_last(row + 7u, i, k4), b);
  }
  store_columns(row, column, s0); store_columns(row + 1u, column, s1);
  store_columns(row + 2u, column, s2); store_columns(row + 3u, column, s3);
  store_columns(row + 4u, column, s4); store_columns(row + 5u, column, s5);
  store_columns(row + 6u, column, s6); store_columns(row + 7u, column, s7);
}
