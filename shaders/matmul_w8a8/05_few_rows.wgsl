// @title Few rows
// @change LANES neighbours read neighbouring 16-byte units of one row of w and keep four rows' sums; COLUMNS rows of w
//   share a workgroup. With groups, the lanes leave each unit's exact sum in workgroup memory, and one lane a cell adds the
//   groups up from left to right.
// @why With few rows w is read once: only bandwidth counts, so whole cache lines and many loads in flight. Integer sums
//   are exact however they are divided, so the split changes no bit.
// @result not measured yet
// @reduction i32-groups
// @needs packed_4x8_integer_dot_product
// @peak dot4i8
// @lib tile_i8
// @shared 64 * LANES * COLUMNS
// @require LANES * COLUMNS <= 256
// @pass main [ceil(n / COLUMNS), ceil(m / 4)]
// @for m <= 16

requires packed_4x8_integer_dot_product;

struct Dims { m: u32, n: u32, k: u32, group: u32, groups: u32 }

@group(0) @binding(0) var<storage, read> a: array<vec4u>; // [m, k / 16] packed
@group(0) @binding(1) var<storage, read> a_scales: array<f32>; // [m]
@group(0) @binding(2) var<storage, read> w: array<vec4u>; // [n, k / 16] packed
@group(0) @binding(3) var<storage, read> w_scales: array<f32>; // [n, groups]
@group(0) @binding(4) var<storage, read_write> c: array<Elem>; // [m, n] row-major, rows padded to 4 cells
@group(1) @binding(0) var<uniform> dims: Dims;

alias Elem = f32; // @param f32 f16
const LANES: u32 = 32u; // @param 8 16 32 64
const COLUMNS: u32 = 4u; // @param 2 4 8
const ROUND: u32 = 4u * LANES; // units of a row that the lanes leave before a barrier

// Sums of four rows of a: of one lane, or with groups of one unit; 8 KiB at 4×128
var<workgroup> sums: array<array<vec4i, ROUND>, COLUMNS>;

fn units() -> u32 { return (dims.k + 15u) / 16u; }

// Four rows of a, rows past the end clamped, with one row of w at one unit.
fn dots(row: u32, column: u32, unit: u32) -> vec4i {
  let x = w[column * units() + unit];
  let start = min(vec4u(row) + vec4u(0u, 1u, 2u, 3u), vec4u(dims.m - 1u)) * units() + vec4u(unit);
  return vec4i(dot16(x, a[start.x]), dot16(x, a[start.y]), dot16(x, a[start.z]), dot16(x, a[start.w]));
}

// One scale a row: every lane sums its units, then the lanes' sums are added.
fn sum_row(row: u32, column: u32, local: vec2u) -> vec4f {
  var mine = vec4i();
  for (var unit = local.x; unit < units(); unit += LANES) { mine += dots(row, column, unit); }
  sums[local.y][local.x] = mine;
  workgroupBarrier();
  var all = vec4i();
  if (local.x == 0u) {
    for (var lane = 0u; lane < LANES; lane++) { all += sums[local.y][lane]; }
  }
  return fma(vec4f(all), vec4f(w_scales[column * dims.groups]), vec4f());
}

// A scale a group: the same order as every other version, group by group.
fn sum_groups(row: u32, column: u32, local: vec2u) -> vec4f {
  let group_units = dims.group / 16u;
  var total = vec4f();
  var group = vec4i();
  for (var first = 0u; first < units(); first += ROUND) {
    for (var i = local.x; i < min(ROUND, units() - first); i += LANES) {
      sums[local.y][i] = dots(row, column, first + i);
    }
    workgroupBarrier();
    if (local.x == 0u) {
      for (var i = 0u; i < min(ROUND, units() - first); i++) {
        let unit = first + i;
        group += sums[local.y][i];
        if ((unit + 1u) % group_units == 0u || unit + 1u == units()) {
          total = fma(vec4f(group), vec4f(w_scales[column * dims.groups + unit / group_units]), total);
          group = vec4i();
        }
      }
    }
    workgroupBarrier(); // the sums are no longer read
  }
  return total;
}

@compute @workgroup_size(LANES, COLUMNS)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_id) local: vec3u) {
  let column = workgroup.x * COLUMNS + local.y;
  let clamped = min(column, dims.n - 1u);
  let row = 4u * workgroup.y;
  var total: vec4f;
  if (dims.groups == 1u) { total = sum_row(row, clamped, local.xy); } else { total = sum_groups(row, clamped, local.xy); }
  if (local.x > 0u || column >= dims.n) { return; }
  let pitch = (dims.n + 3u) / 4u * 4u;
  for (var i = 0u; i < min(4u, dims.m - row); i++) { c[(row + i) * pitch + column] = Elem(total[i] * a_scales[row + i]); }
}
