// @title Columns
// @change As few rows, with COLUMNS rows of w a lane: a vec4 of x out of workgroup memory meets 4 · COLUMNS cells of w, and each
// 16-byte unit of w is loaded once.
// @why The few-rows version reads as much from workgroup memory as it multiplies: that is what bounds it on a GPU.
// @result on an H200, 8 rows, int8 16384×2048: 53 µs with 128 lanes and 4 columns, 145 for few rows; 64×576×1536 f16: 22 for 49
// @reduction k32
// @lib weights unpack linear linear_quads
// @pass main [ceil(n / (COLUMNS * (LANES / SEGMENTS))), ceil(m / (4 * QUADS))]
// @for m > 1 && m <= 64

struct Dims { m: u32, n: u32, k: u32, y_n: u32, y_0: u32, group: u32, groups: u32 }

@group(0) @binding(0) var<storage, read> x: array<vec4f>; // [m, k / 4], gaps are zero
@group(0) @binding(1) var<storage, read> w: array<vec4u>; // [n, units], see lib/weights.wgsl
@group(0) @binding(2) var<storage, read> scales: array<f32>; // [n, groups] i8 only
@group(0) @binding(3) var<storage, read_write> y: array<f32>; // [m, y_n], rows padded to 4 cells
@group(1) @binding(0) var<uniform> dims: Dims;

const FORMAT: u32 = 0u; // @dim format
const LANES: u32 = 64u; // @param 64 128 256
const SEGMENTS: u32 = 8u; // @param 4 8 16
const COLUMNS: u32 = 2u; // @param 1 2 4
const QUADS: u32 = 2u; // @param 1 2
const ROWS: u32 = COLUMNS * (LANES / SEGMENTS); // of w, in a workgroup
const UNITS: u32 = 32u / CELLS; // of a segment
const VECS: u32 = CELLS / 4u; // vec4s of a unit

var<workgroup> tile_x: array<vec4f, SEGMENTS * PITCH>; // [segment][quad][k] of 4 rows
var<workgroup> partial: array<vec4f, QUADS * ROWS * SEGMENTS>; // [quad][row of w][segment]
var<workgroup> totals: array<vec4f, QUADS * ROWS>; // [quad][row of w]

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let k4 = (dims.k + 3u) / 4u;
  let count = (k4 + 7u) / 8u;
  let first_row = group.y * 4u * QUADS;
  let first_column = group.x * ROWS;
  let own = lane / SEGMENTS * COLUMNS; // first of this lane's rows of w
  let place = lane % SEGMENTS;
  for (var i = lane; i < QUADS * ROWS; i += LANES) { totals[i] = vec4f(); }
  for (var first = 0u; first < count; first += SEGMENTS) {
    stage(lane, first_row, first, k4);
    workgroupBarrier();
    if (first + place < count) {
      var low = array<vec4f, COLUMNS>();
      var high = array<vec4f, COLUMNS>();
      for (var u = 0u; u < UNITS; u++) {
        var units: array<vec4u, COLUMNS>;
        for (var c = 0u; c < COLUMNS; c++) {
          units[c] = load_unit(first_column + own + c, (first + place) * UNITS + u);
        }
        for (var i = 0u; i < VECS; i++) {
          var b: array<vec4f, COLUMNS>;
          for (var c = 0u; c < COLUMNS; c++) { b[c] = unpack_cells(units[c], i); }
          let at = place * PITCH + (u * VECS + i) * 4u;
          for (var t = 0u; t < 4u; t++) {
            let a = tile_x[at + t];
            for (var c = 0u; c < COLUMNS; c++) { low[c] = fma(a, vec4f(b[c][t]), low[c]); }
            if (QUADS > 1u) {
              let a1 = tile_x[at + 33u + t];
              for (var c = 0u; c < COLUMNS; c++) { high[c] = fma(a1, vec4f(b[c][t]), high[c]); }
            }
          }
        }
      }
      for (var c = 0u; c < COLUMNS; c++) {
        partial[(own + c) * SEGMENTS + place] = low[c];
        if (QUADS > 1u) { partial[(ROWS + own + c) * SEGMENTS + place] = high[c]; }
      }
    }
    workgroupBarrier();
    for (var i = lane; i < QUADS * ROWS; i += LANES) {
      let total = add_segments(totals[i], i * SEGMENTS, first_column + i % ROWS, first, min(SEGMENTS, count - first));
      totals[i] = total;
      if (first + SEGMENTS >= count) { store_rows(first_row + i / ROWS * 4u, first_column + i % ROWS, total); }
    }
    workgroupBarrier();
  }
}
