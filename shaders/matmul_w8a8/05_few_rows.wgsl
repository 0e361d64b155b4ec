// @title Few rows
// @change LANES neighbours read neighbouring 16-byte units of four rows of w and keep the sums of four rows of a with them.
//   With groups, the lanes leave each unit's exact sums in workgroup memory, and one lane a row adds the groups up from
//   left to right.
// @why With few rows w is read once: only bandwidth counts, so whole cache lines and many loads in flight. A unit of a
//   serves four rows of w, or it would cost as many bytes of cache traffic as w. Integer sums are exact however they
//   are divided, so the split changes no bit.
// @result lost on SwiftShader (a CPU): unpacked is an order of magnitude faster at 1×4096×1024, barriers cost too
//   much there; not measured on a GPU yet
// @reduction i32-groups
// @needs packed_4x8_integer_dot_product
// @peak dot4i8
// @lib tile_i8 column_scales
// @require LANES * QUADS <= 256
// @pass main [ceil(m / 4), ceil(n / (4 * QUADS))]
// @for m <= 16

requires packed_4x8_integer_dot_product;

struct Dims { m: u32, n: u32, k: u32, group: u32, groups: u32 }

@group(0) @binding(0) var<storage, read> a: array<vec4u>; // [m, k / 16] packed
@group(0) @binding(1) var<storage, read> a_scales: array<f32>; // [m]
@group(0) @binding(2) var<storage, read> w: array<vec4u>; // [n, k / 16] packed
@group(0) @binding(3) var<storage, read> w_scales: array<f32>; // [n, groups]
@group(0) @binding(4) var<storage, read_write> c: array<vec4<Elem>>; // [m, n / 4] row-major
@group(1) @binding(0) var<uniform> dims: Dims;

alias Elem = f32; // @param f32 f16
const LANES: u32 = 32u; // @param 8 16 32 64
const QUADS: u32 = 4u; // @param 1 2 4 8

// [four columns][row][lane]: sums of one lane or of one unit for four columns; 8 KiB at 4×4×32
var<workgroup> sums: array<array<array<vec4i, LANES>, 4>, QUADS>;

fn units() -> u32 { return (dims.k + 15u) / 16u; }

// One row of a with four rows of w.
fn dots(x: vec4u, w0: vec4u, w1: vec4u, w2: vec4u, w3: vec4u) -> vec4i {
  return vec4i(dot16(x, w0), dot16(x, w1), dot16(x, w2), dot16(x, w3));
}

// Adds sixteen k. A single row skips the other three: with few rows arithmetic must not outweigh the loads.
fn add_unit(c: Tile, row: u32, rows: vec4u, columns: vec4u, unit: u32) -> Tile {
  let w0 = w[columns.x + unit];
  let w1 = w[columns.y + unit];
  let w2 = w[columns.z + unit];
  let w3 = w[columns.w + unit];
  var sum = c;
  sum.r0 += dots(a[rows.x + unit], w0, w1, w2, w3);
  if (row + 1u < dims.m) {
    sum.r1 += dots(a[rows.y + unit], w0, w1, w2, w3);
    sum.r2 += dots(a[rows.z + unit], w0, w1, w2, w3);
    sum.r3 += dots(a[rows.w + unit], w0, w1, w2, w3);
  }
  return sum;
}

fn leave(local: vec3u, c: Tile) {
  sums[local.y][0][local.x] = c.r0;
  sums[local.y][1][local.x] = c.r1;
  sums[local.y][2][local.x] = c.r2;
  sums[local.y][3][local.x] = c.r3;
}

@compute @workgroup_size(LANES, QUADS)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_id) local: vec3u) {
  let column = 4u * (workgroup.y * QUADS + local.y);
  let row = 4u * workgroup.x;
  let rows = four(row, dims.m) * units();
  let columns = four(column, dims.n) * units();
  let group_units = (dims.group + 15u) / 16u;
  // with one group every lane sums all its units before they are added; with more, one unit at a time
  let stretch = select(LANES, max(LANES, (units() + LANES - 1u) / LANES * LANES), dims.groups == 1u);
  var total = vec4f(); // of row local.x, for the first four lanes
  var group = vec4i();
  for (var first = 0u; first < units(); first += stretch) {
    var c = Tile();
    for (var unit = first + local.x; unit < min(units(), first + stretch); unit += LANES) {
      c = add_unit(c, row, rows, columns, unit);
    }
    leave(local, c);
    workgroupBarrier();
    if (local.x < 4u) {
      for (var i = 0u; i < min(LANES, units() - first); i++) {
        group += sums[local.y][local.x][i];
        let next = first + i + 1u;
        if (dims.groups > 1u && (next % group_units == 0u || next == units())) {
          total = fma(vec4f(group), scales_of(column, (next - 1u) / group_units), total);
          group = vec4i();
        }
      }
    }
    workgroupBarrier(); // the sums are no longer read
  }
  if (dims.groups == 1u) { total = vec4f(group) * scales_of(column, 0u); }
  if (local.x < min(4u, dims.m - row) && column < dims.n) {
    c[(row + local.x) * ((dims.n + 3u) / 4u) + column / 4u] = vec4<Elem>(total * a_scales[row + local.x]);
  }
}
