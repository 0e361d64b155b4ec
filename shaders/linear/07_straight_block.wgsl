// @title Straight block
// @change The row block without segments: each cell adds all its products one after another, in half the registers.
// @why A block that keeps 32-cell sums apart holds two sums a cell. Another order of summation: for fast numerics only.
// @result not measured on a GPU yet
// @reduction k-sequential
// @lib weights
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

fn load_x(row: u32, i: u32, k4: u32) -> vec4f { return x[min(row, dims.m - 1u) * k4 + i]; }

// Four cells of row `row` of w, scaled.
fn load_w(row: u32, i: u32) -> vec4f {
  let units = (dims.k + CELLS - 1u) / CELLS;
  let at = min(row, dims.n - 1u);
  let cells = unpack_cells(w[at * units + i * 4u / CELLS], i);
  if (FORMAT == 2u) { return cells * scales[at * dims.groups + i * 4u / dims.group]; }
  return cells;
}

// Adds four cells of one row of x times four columns of w, one k after another.
fn products(a: vec4f, b: mat4x4f, sum: vec4f) -> vec4f {
  return fma(vec4f(a.w), b[3], fma(vec4f(a.z), b[2], fma(vec4f(a.y), b[1], fma(vec4f(a.x), b[0], sum))));
}

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
    s0 = products(load_x(row, i, k4), b, s0);
    s1 = products(load_x(row + 1u, i, k4), b, s1);
    s2 = products(load_x(row + 2u, i, k4), b, s2);
    s3 = products(load_x(row + 3u, i, k4), b, s3);
    s4 = products(load_x(row + 4u, i, k4), b, s4);
    s5 = products(load_x(row + 5u, i, k4), b, s5);
    s6 = products(load_x(row + 6u, i, k4), b, s6);
    s7 = products(load_x(row + 7u, i, k4), b, s7);
  }
  store_y(row, column, s0); store_y(row + 1u, column, s1);
  store_y(row + 2u, column, s2); store_y(row + 3u, column, s3);
  store_y(row + 4u, column, s4); store_y(row + 5u, column, s5);
  store_y(row + 6u, column, s6); store_y(row + 7u, column, s7);
}

fn store_y(row: u32, column: u32, total: vec4f) {
  if (row >= dims.m) { return; }
  let out = row * ((dims.y_n + 3u) / 4u * 4u) + dims.y_0 + column;
  y[out] = total.x;
  if (column + 1u < dims.n) { y[out + 1u] = total.y; }
  if (column + 2u < dims.n) { y[out + 2u] = total.z; }
  if (column + 3u < dims.n) { y[out + 3u] = total.w; }
}
