// @title Row block
// @change One invocation makes 8 rows × 4 columns of y in registers, straight from memory: no workgroup memory, no
// barrier.
// @why A row of w is read once for eight rows of x, and a row of x unpacked once for four columns.
// @result a third of the naive’s time at 8×2048×2048 on SwiftShader (a CPU); not measured on a GPU yet
// @reduction k32
// @lib unpack weights tile
// @pass main [ceil(n / (4 * LANES)), ceil(m / 8)]
// @for m > 1

struct Dims { m: u32, n: u32, k: u32 }

@group(0) @binding(0) var<storage, read> x: array<u32>; // [m, k / 4] packed, rows padded to 16 bytes
@group(0) @binding(1) var<storage, read> x_scales: array<f32>; // [m]
@group(0) @binding(2) var<storage, read> w: array<vec4u>; // [n, units], see lib/weights.wgsl
@group(0) @binding(3) var<storage, read_write> y: array<f32>; // [m, n], rows padded to 4 cells
@group(1) @binding(0) var<uniform> dims: Dims;

const FORMAT: u32 = 0u; // @dim format
override LANES: u32 = 8u; // @param 4 8 16 32 64

fn load_w(row: u32, i: u32) -> vec4f {
  let units = (dims.k + CELLS - 1u) / CELLS;
  return unpack_cells(w[min(row, dims.n - 1u) * units + i * 4u / CELLS], i);
}

fn load_x(row: u32, i: u32) -> vec4f {
  let r = min(row, dims.m - 1u);
  return unpack_i8(x[r * ((dims.k + 15u) / 16u * 4u) + i]) * x_scales[r];
}

@compute @workgroup_size(LANES)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let k4 = (dims.k + 3u) / 4u;
  let column = id.x * 4u;
  let row = id.y * 8u;
  if (column >= dims.n) { return; }
  var t0 = vec4f(); var t1 = vec4f(); var t2 = vec4f(); var t3 = vec4f();
  var t4 = vec4f(); var t5 = vec4f(); var t6 = vec4f(); var t7 = vec4f();
  for (var segment = 0u; segment * 8u < k4; segment++) {
    var s0 = vec4f(); var s1 = vec4f(); var s2 = vec4f(); var s3 = vec4f();
    var s4 = vec4f(); var s5 = vec4f(); var s6 = vec4f(); var s7 = vec4f();
    for (var i = segment * 8u; i < min(segment * 8u + 8u, k4); i++) {
      let b = transpose(mat4x4f(load_w(column, i), load_w(column + 1u, i), load_w(column + 2u, i), load_w(column + 3u, i)));
      s0 = row4(s0, load_x(row, i), b);
      s1 = row4(s1, load_x(row + 1u, i), b);
      s2 = row4(s2, load_x(row + 2u, i), b);
      s3 = row4(s3, load_x(row + 3u, i), b);
      s4 = row4(s4, load_x(row + 4u, i), b);
      s5 = row4(s5, load_x(row + 5u, i), b);
      s6 = row4(s6, load_x(row + 6u, i), b);
      s7 = row4(s7, load_x(row + 7u, i), b);
    }
    t0 += s0; t1 += s1; t2 += s2; t3 += s3;
    t4 += s4; t5 += s5; t6 += s6; t7 += s7;
  }
  store_y(row, column, t0); store_y(row + 1u, column, t1);
  store_y(row + 2u, column, t2); store_y(row + 3u, column, t3);
  store_y(row + 4u, column, t4); store_y(row + 5u, column, t5);
  store_y(row + 6u, column, t6); store_y(row + 7u, column, t7);
}

fn store_y(row: u32, column: u32, total: vec4f) {
  if (row >= dims.m) { return; }
  let out = row * ((dims.n + 3u) / 4u * 4u) + column;
  y[out] = total.x;
  if (column + 1u < dims.n) { y[out + 1u] = total.y; }
  if (column + 2u < dims.n) { y[out + 2u] = total.z; }
  if (column + 3u < dims.n) { y[out + 3u] = total.w; }
}
