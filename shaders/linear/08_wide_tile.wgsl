// @title Wide tile
// @change 64 lanes make a 64×64 tile of y, 8×8 cells each, adding every product to one sum a cell.
// @why Twice the tile halves the reads of x and w, and one sum a cell leaves the registers for it: with sums kept apart a
// segment, 8×8 cells would need 128. Another order of summation: for fast numerics only.
// @result on an H200 (a run that was not recorded), f16 2048×3072×576: 1.87 times as fast as the register tile; 64 rows: a third as fast
// @reduction k-sequential
// @lib weights unpack linear linear_tile
// @pass main [ceil(n / 64), ceil(m / 64)]
// @for m > 32

struct Dims { m: u32, n: u32, k: u32, y_n: u32, y_0: u32, group: u32, groups: u32 }

@group(0) @binding(0) var<storage, read> x: array<vec4f>; // [m, k / 4], gaps are zero
@group(0) @binding(1) var<storage, read> w: array<vec4u>; // [n, units], see lib/weights.wgsl
@group(0) @binding(2) var<storage, read> scales: array<f32>; // [n, groups] i8 only
@group(0) @binding(3) var<storage, read_write> y: array<f32>; // [m, y_n], rows padded to 4 cells
@group(1) @binding(0) var<uniform> dims: Dims;

const FORMAT: u32 = 0u; // @dim format
const TILE: u32 = 64u;
const TILE_K: u32 = 16u;

var<workgroup> tile_x: array<vec4f, 256>; // [16 k][16 vec4 of rows], 4 KiB
var<workgroup> tile_w: array<vec4f, 256>; // [16 k][16 vec4 of columns], 4 KiB

fn load_w(row: u32, i: u32, k4: u32) -> vec4f {
  if (row >= dims.n || i >= k4) { return vec4f(); }
  return scaled_w(row, i);
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let k4 = (dims.k + 3u) / 4u;
  let first_row = group.y * TILE;
  let first_column = group.x * TILE;
  // rows ty · 4 … and 32 + ty · 4 …, columns likewise: neighbouring lanes read neighbouring vec4s of the tiles
  let tx = lane % 8u;
  let ty = lane / 8u;
  var left = array<vec4f, 8>(); // [row] of four columns of the left half
  var right = array<vec4f, 8>();
  for (var first = 0u; first < k4; first += TILE_K / 4u) {
    stage(lane, first_row, first_column, first, k4);
    workgroupBarrier();
    for (var k = 0u; k < TILE_K; k++) {
      let a = array<vec4f, 2>(tile_x[k * 16u + ty], tile_x[k * 16u + 8u + ty]);
      let b = tile_w[k * 16u + tx];
      let c = tile_w[k * 16u + 8u + tx];
      for (var r = 0u; r < 4u; r++) {
        left[r] = fma(vec4f(a[0][r]), b, left[r]);
        left[4u + r] = fma(vec4f(a[1][r]), b, left[4u + r]);
        right[r] = fma(vec4f(a[0][r]), c, right[r]);
        right[4u + r] = fma(vec4f(a[1][r]), c, right[4u + r]);
      }
    }
    workgroupBarrier();
  }
  for (var r = 0u; r < 8u; r++) {
    let row = first_row + r / 4u * 32u + ty * 4u + r % 4u;
    store_columns(row, first_column + tx * 4u, left[r]);
    store_columns(row, first_column + 32u + tx * 4u, right[r]);
  }
}
