// What fixes the order of summation beside a tile's quarters: tiles and partitions are counted from position 0 whatever the page
// size, and partitions' results fold from left to right. All attention kernels of one reduction id take it from here.

const KEYS: u32 = 64u; // of a tile
const PARTITION: u32 = 512u; // keys
const LOWEST: f32 = -3.0e38; // stands for −∞, which WGSL may assume absent

struct Folded { peak: f32, sum: f32, value: vec4f }

fn fold(a: Folded, peak: f32, sum: f32, value: vec4f) -> Folded {
  let now = max(a.peak, peak);
  let left = exp(a.peak - now);
  let right = exp(peak - now);
  return Folded(now, fma(a.sum, left, sum * right), fma(a.value, vec4f(left), value * right));
}
