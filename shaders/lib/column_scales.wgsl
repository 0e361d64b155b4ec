// Scales of packed weights [n, k], for kernels that make four columns of c at once. The kernel declares w_scales and dims.

// Four rows of a matrix of `count`. Rows past the end are clamped: what they make is not stored.
fn four(first: u32, count: u32) -> vec4u { return min(vec4u(first) + vec4u(0u, 1u, 2u, 3u), vec4u(count - 1u)); }

fn scales_of(column: u32, g: u32) -> vec4f {
  let at = four(column, dims.n) * dims.groups + vec4u(g);
  return vec4f(w_scales[at.x], w_scales[at.y], w_scales[at.z], w_scales[at.w]);
}
