// Sum of one value a lane over a workgroup of 64, always in the same order, so that every version that uses it
// agrees bit for bit: eight strided sums, then left to right; no subgroups. Every lane must call it, and only once
// in a kernel: nothing keeps a second call from overwriting what a slow lane still reads.

var<workgroup> row_sums: array<f32, 64>; // 256 B

fn row_sum(lane: u32, value: f32) -> f32 {
  row_sums[lane] = value;
  workgroupBarrier();
  if (lane < 8u) {
    var sum = 0.0;
    for (var i = 0u; i < 8u; i++) { sum += row_sums[i * 8u + lane]; }
    row_sums[lane] = sum; // nobody else reads this cell before the barrier
  }
  workgroupBarrier();
  var total = 0.0;
  for (var i = 0u; i < 8u; i++) { total += row_sums[i]; }
  return total;
}
