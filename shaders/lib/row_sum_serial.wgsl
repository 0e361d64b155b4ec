// The sum of lib/row_sum.wgsl, bit for bit, by one invocation that takes the lanes' values from lane 0 on: eight strided
// sums, then left to right. Only once in a kernel.

var<private> strided_sums: array<f32, 8>;

fn add_lane(lane: u32, value: f32) { strided_sums[lane % 8u] += value; }

fn sum_of_lanes() -> f32 {
  var total = 0.0;
  for (var i = 0u; i < 8u; i++) { total += strided_sums[i]; }
  return total;
}
