// @title Row block
// @change One invocation makes 8 rows × 4 columns of y in registers, straight from memory: no workgroup memory, no
// barrier.
// @why On a CPU adapter loads and barriers cost far more than arithmetic: a 8×4 block loads three cells for eight
// products, where one column at a time loads two for one.
// @result on SwiftShader (a CPU), 8×512×64: a sixth of the naive's time; not measured on a GPU yet
// @reduction k32
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
override LANES: u32 = 8u; // @param 4 8 16 32 64

// Past the last row, the last: what it makes is not stored.
fn load_w(row: u32, i: u32) -> vec4f { return cells_of_w(min(row, dims.n - 1u), i); }

fn add_segment(sum: vec4f, scale: vec4f, total: vec4f) -> vec4f {
  if (FORMAT == 2u) { return fma(sum, scale, total); }
  return total + sum;
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
      s0 = row4(s0, load_x_or_last(row, i, k4), b);
      s1 = row4(s1, load_x_or_last(row + 1u, i, k4), b);
      s2 = row4(s2, load_x_or_last(row + 2u, i, k4), b);
      s3 = row4(s3, load_x_or_last(row + 3u, i, k4), b);
      s4 = row4(s4, load_x_or_last(row + 4u, i, k4), b);
      s5 = row4(s5, load_x_or_last(row + 5u, i, k4), b);
      s6 = row4(s6, load_x_or_last(row + 6u, i, k4), b);
      s7 = row4(s7, load_x_or_last(row + 7u, i, k4), b);
    }
    let scale = scales_of(column, segment);
    t0 = add_segment(s0, scale, t0); t1 = add_segment(s1, scale, t1);
    t2 = add_segment(s2, scale, t2); t3 = add_segment(s3, scale, t3);
    t4 = add_segment(s4, scale, t4); t5 = add_segment(s5, scale, t5);
    t6 = add_segment(s6, scale, t6); t7 = add_segment(s7, scale, t7);
  }
  store_columns(row, column, t0); store_columns(row + 1u, column, t1);
  store_columns(row + 2u, column, t2); store_columns(row + 3u, column, t3);
  store_columns(row + 4u, column, t4); store_columns(row + 5u, column, t5);
  store_columns(row + 6u, column, t6); store_columns(row + 7u, column, t7);
}
