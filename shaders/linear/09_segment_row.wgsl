// @title Segment row
// @change A lane keeps a 32-cell segment of x in registers and walks COLUMNS rows of w: the SEGMENTS lanes of a row read one
// stretch of memory, and each 16-byte unit of w once. Segment sums meet in workgroup memory once for all the rows.
// @why In the one-row version x costs four times the reads of int8 w, units are loaded once a vec4, and two barriers guard eight
// sums; a decode should cost what reading w costs.
// @result on an H200, int8 16384×2048: 19.5 µs cold with 64 segments and 16 rows, 53.8 the one-row version
// @reduction k32
// @lib weights unpack linear
// @pass main [ceil(n / (COLUMNS * (LANES / SEGMENTS))), m]
// @for m <= 1
// @require LANES >= SEGMENTS

struct Dims { m: u32, n: u32, k: u32, y_n: u32, y_0: u32, group: u32, groups: u32 }

@group(0) @binding(0) var<storage, read> x: array<vec4f>; // [m, k / 4], gaps are zero
@group(0) @binding(1) var<storage, read> w: array<vec4u>; // [n, units], see lib/weights.wgsl
@group(0) @binding(2) var<storage, read> scales: array<f32>; // [n, groups] i8 only
@group(0) @binding(3) var<storage, read_write> y: array<f32>; // [m, y_n], rows padded to 4 cells
@group(1) @binding(0) var<uniform> dims: Dims;

const FORMAT: u32 = 0u; // @dim format
const LANES: u32 = 64u; // @param 32 64 128 256
const SEGMENTS: u32 = 32u; // @param 16 32 64 128 256
const COLUMNS: u32 = 4u; // @param 1 2 4 8 16
const ROWS: u32 = COLUMNS * (LANES / SEGMENTS); // of w, in a workgroup
const PITCH: u32 = SEGMENTS + 1u; // one more keeps the rows' sums in different banks
const UNITS: u32 = 32u / CELLS; // of a segment

var<workgroup> partial: array<f32, ROWS * PITCH>; // [row][segment]
var<workgroup> totals: array<f32, ROWS>;

// Vec4 number `i` of a row that x has; zero past its end.
fn cells_of_x(row: u32, i: u32, k4: u32) -> vec4f {
  if (i >= k4) { return vec4f(); }
  return x[row * k4 + i];
}

// Sixteen cells of a row, from half `h` of segment `s`.
fn cells(row: u32, s: u32, h: u32) -> mat4x4f {
  let at = s * UNITS + h * (UNITS / 2u);
  if (FORMAT == 0u) {
    return mat4x4f(bitcast<vec4f>(load_unit(row, at)), bitcast<vec4f>(load_unit(row, at + 1u)),
                   bitcast<vec4f>(load_unit(row, at + 2u)), bitcast<vec4f>(load_unit(row, at + 3u)));
  }
  let a = load_unit(row, at);
  if (FORMAT == 1u) {
    let b = load_unit(row, at + 1u);
    return mat4x4f(vec4f(unpack2x16float(a.x), unpack2x16float(a.y)), vec4f(unpack2x16float(a.z), unpack2x16float(a.w)),
                   vec4f(unpack2x16float(b.x), unpack2x16float(b.y)), vec4f(unpack2x16float(b.z), unpack2x16float(b.w)));
  }
  return mat4x4f(unpack_i8(a.x), unpack_i8(a.y), unpack_i8(a.z), unpack_i8(a.w));
}

fn chain(sum: f32, a: vec4f, b: vec4f) -> f32 { return fma(a.w, b.w, fma(a.z, b.z, fma(a.y, b.y, fma(a.x, b.x, sum)))); }

fn chain16(sum: f32, a: mat4x4f, b: mat4x4f) -> f32 {
  return chain(chain(chain(chain(sum, a[0], b[0]), a[1], b[1]), a[2], b[2]), a[3], b[3]);
}

// Adds `n` segments' sums to `start`, from left to right.
fn add_segments(start: f32, base: u32, row: u32, first: u32, n: u32) -> f32 {
  var total = start;
  if (FORMAT != 2u) {
    for (var j = 0u; j < n; j++) { total += partial[base + j]; }
    return total;
  }
  let own = min(row, dims.n - 1u) * dims.groups;
  var scale = scales[own];
  for (var j = 0u; j < n; j++) {
    // a division a segment would cost more than its sum
    if (dims.groups > 1u) { scale = scales[own + (first + j) * 32u / dims.group]; }
    total = fma(partial[base + j], scale, total);
  }
  return total;
}

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let k4 = (dims.k + 3u) / 4u;
  let count = (k4 + 7u) / 8u;
  let first_row = group.x * ROWS;
  let own = lane / SEGMENTS * COLUMNS; // first of this lane's rows
  for (var i = lane; i < ROWS; i += LANES) { totals[i] = 0.0; }
  for (var first = 0u; first < count; first += SEGMENTS) {
    let s = first + lane % SEGMENTS;
    if (s < count) {
      let at = s * 8u;
      let a = mat4x4f(cells_of_x(group.y, at, k4), cells_of_x(group.y, at + 1u, k4),
                      cells_of_x(group.y, at + 2u, k4), cells_of_x(group.y, at + 3u, k4));
      let b = mat4x4f(cells_of_x(group.y, at + 4u, k4), cells_of_x(group.y, at + 5u, k4),
                      cells_of_x(group.y, at + 6u, k4), cells_of_x(group.y, at + 7u, k4));
      // two rows at once: the loads of both are under way before the first is used
      for (var c = 0u; c < COLUMNS; c += 2u) {
        let row = first_row + own + c;
        let low = cells(row, s, 0u);
        let high = cells(row, s, 1u);
        var next_low: mat4x4f;
        var next_high: mat4x4f;
        if (COLUMNS > 1u) {
          next_low = cells(row + 1u, s, 0u);
          next_high = cells(row + 1u, s, 1u);
        }
        partial[(own + c) * PITCH + lane % SEGMENTS] = chain16(chain16(0.0, a, low), b, high);
        if (COLUMNS > 1u) {
          partial[(own + c + 1u) * PITCH + lane % SEGMENTS] = chain16(chain16(0.0, a, next_low), b, next_high);
        }
      }
    }
    workgroupBarrier();
    for (var i = lane; i < ROWS; i += LANES) {
      let row = first_row + i;
      let total = add_segments(totals[i], i * PITCH, row, first, min(SEGMENTS, count - first));
      totals[i] = total;
      if (first + SEGMENTS >= count && row < dims.n) { y[y_at(group.y, row)] = total; }
    }
    workgroupBarrier();
  }
}
