// @title Few rows
// @change As one row, with QUADS · 4 rows of x at once: x is staged transposed, so that a lane multiplies each
// cell of w with a vec4 of rows.
// @why Decoding a batch, each weight is used once a row: w is read once for all of them.
// @result on SwiftShader (a CPU), 8×512×64: 1.5 times the naive's time; on an H200, 8 rows, int8 16384×2048: 145 µs
// @reduction k32
// @lib weights
// @pass main [ceil(n * LANES_K / 64), ceil(m / (4 * QUADS))]
// @for m <= 16

struct Dims { m: u32, n: u32, k: u32, y_n: u32, y_0: u32, group: u32, groups: u32 }

@group(0) @binding(0) var<storage, read> x: array<vec4f>; // [m, k / 4], gaps are zero
@group(0) @binding(1) var<storage, read> w: array<vec4u>; // [n, units], see lib/weights.wgsl
@group(0) @binding(2) var<storage, read> scales: array<f32>; // [n, groups] i8 only
@group(0) @binding(3) var<storage, read_write> y: array<f32>; // [m, y_n], rows padded to 4 cells
@group(1) @binding(0) var<uniform> dims: Dims;

const FORMAT: u32 = 0u; // @dim format
const LANES_K: u32 = 8u; // @param 2 4 8
const QUADS: u32 = 2u; // @param 1 2
const COLUMNS: u32 = 64u / LANES_K;
const SEGMENT: u32 = 33u * QUADS; // vec4s; one more than 32 a quad keeps segments in different banks

var<workgroup> tile_x: array<vec4f, LANES_K * SEGMENT>; // [segment][quad][k] of 4 rows, at most 8.25 KiB
var<workgroup> partial: array<vec4f, 64u * QUADS>; // [quad][column][lane], at most 2 KiB

fn load_x(row: u32, i: u32, k4: u32) -> vec4f {
  if (row >= dims.m || i >= k4) { return vec4f(); }
  return x[row * k4 + i];
}

fn load_w(row: u32, i: u32) -> vec4f {
  let units = (dims.k + CELLS - 1u) / CELLS;
  return unpack_cells(w[row * units + i * 4u / CELLS], i);
}

fn scale_of(row: u32, segment: u32) -> f32 { return scales[row * dims.groups + segment * 32u / dims.group]; }

// Stages LANES_K segments of x, four rows by four cells a task.
fn stage(lane: u32, first_row: u32, first: u32, k4: u32) {
  for (var task = lane; task < LANES_K * 8u * QUADS; task += 64u) {
    let i = task % (LANES_K * 8u);
    let quad = task / (LANES_K * 8u);
    let row = first_row + quad * 4u;
    let at = first * 8u + i;
    let cells = transpose(mat4x4f(load_x(row, at, k4), load_x(row + 1u, at, k4), load_x(row + 2u, at, k4),
                                  load_x(row + 3u, at, k4)));
    let out = i / 8u * SEGMENT + quad * 33u + i % 8u * 4u;
    tile_x[out] = cells[0];
    tile_x[out + 1u] = cells[1];
    tile_x[out + 2u] = cells[2];
    tile_x[out + 3u] = cells[3];
  }
}

// Adds this round's segment sums of four rows of a column to `total`, from left to right.
fn add_segments(start: vec4f, base: u32, column: u32, first: u32, count: u32) -> vec4f {
  var total = start;
  for (var s = 0u; s < count; s++) {
    let sum = partial[base + s];
    if (FORMAT == 2u) { total = fma(sum, vec4f(scale_of(column, first + s)), total); } else { total += sum; }
  }
  return total;
}

@compute @workgroup_size(64)
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
      let from_x = lane % LANES_K * SEGMENT;
      var low = vec4f();
      var high = vec4f();
      for (var i = 0u; i < min(8u, k4 - segment * 8u); i++) {
        let b = load_w(column, segment * 8u + i);
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
      if (QUADS > 1u) { partial[64u + lane] = high; }
    }
    workgroupBarrier();
    let count = min(LANES_K, (k4 + 7u) / 8u - first);
    if (owns) { total = add_segments(total, quad * 64u + lane / QUADS * LANES_K, own, first, count); }
    workgroupBarrier();
  }
  if (owns) { store_y(first_row + quad * 4u, own, total); }
}

fn store_y(first_row: u32, column: u32, total: vec4f) {
  for (var r = 0u; r < 4u; r++) {
    if (first_row + r < dims.m) { y[(first_row + r) * ((dims.y_n + 3u) / 4u * 4u) + dims.y_0 + column] = total[r]; }
  }
}
