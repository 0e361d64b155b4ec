// @title Register tile
// @change 64 lanes make a 32×32 tile of y, 4×4 cells each, from 32-cell slabs of x and w in workgroup memory.
// @why In prefill every weight meets many rows: staged once, it is used 32 times. The slab is one k32 segment,
// so the tile adds its sums in the same order as the few-rows version.
// @result on SwiftShader (a CPU), 8×128×64, where 24 of 32 rows are idle: three times the naive's time; not measured on
// a GPU yet
// @reduction k32
// @lib weights unpack linear linear_tile
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
const TILE_K: u32 = 32u;

var<workgroup> tile_x: array<vec4f, 256>; // [32 k][8 vec4 of rows], 4 KiB
var<workgroup> tile_w: array<vec4f, 256>; // [32 k][8 vec4 of columns], 4 KiB

fn load_w(row: u32, i: u32, k4: u32) -> vec4f {
  if (row >= dims.n || i >= k4) { return vec4f(); }
  return cells_of_w(row, i);
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
    stage(lane, first_row, first_column, segment * 8u, k4);
    workgroupBarrier();
    var sum = array<vec4f, 4>(); // spelled out: without it Chromium 156 kept the last round's sums
    for (var k = 0u; k < TILE_K; k++) {
      let a = tile_x[k * 8u + ty];
      let b = tile_w[k * 8u + tx];
      sum[0] = fma(vec4f(a.x), b, sum[0]);
      sum[1] = fma(vec4f(a.y), b, sum[1]);
      sum[2] = fma(vec4f(a.z), b, sum[2]);
      sum[3] = fma(vec4f(a.w), b, sum[3]);
    }
    let scale = scales_of(column, segment);
    for (var r = 0u; r < 4u; r++) {
      if (FORMAT == 2u) { total[r] = fma(sum[r], scale, total[r]); } else { total[r] += sum[r]; }
    }
    workgroupBarrier();
  }
  for (var r = 0u; r < 4u; r++) { store_columns(first_row + ty * 4u + r, column, total[r]); }
}
