// Symmetric int8: x ≈ q · scale with scale = amax / 127. The host's side is quantizeRun in
// src/kernels/packing.ts. Needs no packing built-in, so that it runs where WGSL has none.

// Zero for NaN and ±Inf, by their exponent bits: comparisons with NaN may be optimized away.
fn finite(v: vec4f) -> vec4f {
  return select(vec4f(), v, (bitcast<vec4u>(v) & vec4u(0x7f800000u)) != vec4u(0x7f800000u));
}

fn largest(v: vec4f) -> f32 {
  let a = abs(v);
  return max(max(a.x, a.y), max(a.z, a.w));
}

// Zero where the quotient is no normal f32: devices may flush it, and then nothing could be divided by it.
fn scale_of(amax: f32) -> f32 {
  let scale = amax / 127.0;
  return select(0.0, scale, scale >= 1.1754944e-38);
}

// Four cells to one word, the first in the lowest byte. round() takes halves to even (WGSL).
fn quantize(v: vec4f, scale: f32) -> u32 {
  let cells = vec4i(clamp(round(v / select(1.0, scale, scale > 0.0)), vec4f(-127.0), vec4f(127.0)));
  let bytes = vec4u(select(vec4i(), cells, scale > 0.0) & vec4i(0xff)) << vec4u(0u, 8u, 16u, 24u);
  return bytes.x | bytes.y | bytes.z | bytes.w;
}
