// Folds partitions' results from left to right; all attention kernels fold with these lines.

struct Folded { peak: f32, sum: f32, value: vec4f }

fn fold(a: Folded, peak: f32, sum: f32, value: vec4f) -> Folded {
  let now = max(a.peak, peak);
  let left = exp(a.peak - now);
  let right = exp(peak - now);
  return Folded(now, fma(a.sum, left, sum * right), fma(a.value, vec4f(left), value * right));
}
