// @title Few rows
// @change As one row, with QUADS · 4 rows of x at once: x is staged transposed, so that a lane multiplies each
// cell of w with a vec4 of rows.
// @why Decoding a batch, each weight is used once a row: w is read once for all of them.
// @result on SwiftShader (a CPU), 8×512×64: 1.5 times the naive's time; on an H200, 8 rows, int8 16384×2048: 145 µs
// @reduction k32
// @lib weights unpack linear linear_quads
// @pass main [ceil(n * LANES_K / 64), ceil(m / (4 * QUADS))]
// @for m <= 16

struct Dims { m: u32, n: u32, k: u32, y_n: u32, y_0: u32, group: u32, groups: u32 }

@group(0) @binding(0) var<storage, read> x: array<vec4f>; // [m, k / 4], gaps are zero
@group(0) @binding(1) var<storage, read> w: array<vec4u>; // [n, units], see lib/weights.wgsl
@group(0) @binding(2) var<storage, read> scales: array<f32>; // [n, groups] i8 only
@group(0) @binding(3) var<storage, read_write> y: array<f32>; // [m, y_n], rows padded to 4 cells
@group(1) @binding(0) var<uniform> dims: Dims;

const FORMAT: u32 = 0u; // @dim format
const LANES: u32 = 64u;
const LANES_K: u32 = 8u; // @param 2 4 8
const QUADS: u32 = 2u; // @param 1 2
const COLUMNS: u32 = LANES / LANES_K;
const SEGMENTS: u32 = LANES_K; // of x, staged at once

var<workgroup> tile_x: array<vec4f, SEGMENTS * PITCH>; // [segment][quad][k] of 4 rows, at most 8.25 KiB
var<workgroup> partial: array<vec4f, LANES * QUADS>; // [quad][column][lane], at most 2 KiB

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let k4 = (dims.k + 3u) / 4u;
  let first_row = group.y * 4u * QUADS;
  let column = group.x * COLUMNS + lane / LANES_K;
  // lane c · QUADS + quad holds the totals of column c
  let own = group.x * COLUMNS + lane / QUADS;
  let quad = lane % QUADS;
  let owns = lane < COLUMNS * QUADS && own < dims.n;
  var total = vec4f();
  for (var first = 0u; first * 8u < k4; first += LANES_K) {
    stage(lane, first_row, first, k4);
    workgroupBarrier();
    let segment = first + lane % LANES_K;
    if (column < dims.n && segment * 8u < k4) {
      let from_x = lane % LANES_K * PITCH;
      var low = vec4f();
      var high = vec4f();
      for (var i = 0u; i < min(8u, k4 - segment * 8u); i++) {
        let b = cells_of_w(column, segment * 8u + i);
        let at = from_x + i * 4u;
        low = fma(tile_x[at], vec4f(b.x), low);
        low = fma(tile_x[at + 1u], vec4f(b.y), low);
        low = fma(tile_x[at + 2u], vec4f(b.z), low);
        low = fma(tile_x[at + 3u], vec4f(b.w), low);
        if (QUADS > 1u) {
          high = fma(tile_x[at + 33u], vec4f(b.x), high);
          high = fma(tile_x[at + 34u], vec4f(b.y), high);
          high = fma(tile_x[at + 35u], vec4f(b.z), high);
          high = fma(tile_x[at + 36u], vec4f(b.w), high);
        }
      }
      partial[lane] = low;
      if (QUADS > 1u) { partial[LANES + lane] = high; }
    }
    workgroupBarrier();
    let count = min(LANES_K, (k4 + 7u) / 8u - first);
    if (owns) { total = add_segments(total, quad * LANES + lane / QUADS * LANES_K, own, first, count); }
    workgroupBarrier();
  }
  if (owns) { store_rows(first_row + quad * 4u, own, total); }
}
