// Largest of one value a lane over a workgroup of LANES, a power of two that the kernel declares. A maximum is exact in any
// order. Every lane must call it, and only once in a kernel, as with row_sum.

var<workgroup> row_maxes: array<f32, LANES>; // 4 bytes a lane

fn row_max(lane: u32, value: f32) -> f32 {
  row_maxes[lane] = value;
  for (var half = LANES / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lane < half) { row_maxes[lane] = max(row_maxes[lane], row_maxes[lane + half]); }
  }
  workgroupBarrier();
  return row_maxes[0];
}
