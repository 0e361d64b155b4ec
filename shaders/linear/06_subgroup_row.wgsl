// @title Subgroup row
// @change 64 lanes share four rows of w, neighbouring lanes reading neighbouring units; the lanes of a subgroup add by
// subgroupAdd, and the subgroups' sums meet in workgroup memory.
// @why A lane of the one-row version reads 32 cells in a row, so that its lanes read far apart; here a load of 64 lanes is
// one stretch of memory. The order of summation depends on the subgroup's size: for fast numerics only.
// @result on an H200, int8 16384×2048: 26.4 µs, a half of the one-row version’s; f16 3072×576: 4.0 µs for 7.4
// @reduction subgroup
// @needs subgroups
// @lib weights unpack linear
// @pass main [ceil(n / 4), m]
// @for m <= 1

enable subgroups;

struct Dims { m: u32, n: u32, k: u32, y_n: u32, y_0: u32, group: u32, groups: u32 }

@group(0) @binding(0) var<storage, read> x: array<vec4f>; // [m, k / 4], gaps are zero
@group(0) @binding(1) var<storage, read> w: array<vec4u>; // [n, units], see lib/weights.wgsl
@group(0) @binding(2) var<storage, read> scales: array<f32>; // [n, groups] i8 only
@group(0) @binding(3) var<storage, read_write> y: array<f32>; // [m, y_n], rows padded to 4 cells
@group(1) @binding(0) var<uniform> dims: Dims;

const FORMAT: u32 = 0u; // @dim format

var<workgroup> sums: array<vec4f, 64>; // 1 KiB: a subgroup's sums in the cell of its first lane, elsewhere zero

// Products of one vec4 of x with the same cells of row `row` of w.
fn product(a: vec4f, row: u32, i: u32) -> f32 {
  let at = min(row, dims.n - 1u);
  let sum = dot(a, cells_of_w(at, i));
  if (FORMAT == 2u) { return sum * scales[at * dims.groups + i * 4u / dims.group]; }
  return sum;
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_index) lane: u32,
  @builtin(subgroup_invocation_id) place: u32,
) {
  let k4 = (dims.k + 3u) / 4u;
  let column = group.x * 4u;
  var sum = vec4f();
  for (var i = lane; i < k4; i += 64u) {
    let a = x[group.y * k4 + i];
    sum += vec4f(product(a, column, i), product(a, column + 1u, i), product(a, column + 2u, i), product(a, column + 3u, i));
  }
  let part = subgroupAdd(sum);
  // WGSL does not say which lanes share a subgroup, so nothing here depends on it
  sums[lane] = select(vec4f(), part, place == 0u);
  workgroupBarrier();
  if (lane < 4u && column + lane < dims.n) {
    var total = 0.0;
    for (var i = 0u; i < 64u; i++) { total += sums[i][lane]; }
    y[y_at(group.y, column + lane)] = total;
  }
}
