// @title Sixteen chains
// @change Four vec4 accumulators, unrolled sixteen times; scale and shift come from a uniform.
// @why One chain waits for its own result; sixteen hide the latency. Fewer would flatter every
// percentage, and so would the loop's own counting: 256 FMAs a turn make it small.
// @result the ceiling of compute-bound kernels
// @reduction none
// @pass main [lanes / 256]

struct Dims { lanes: u32, steps: u32, scale: f32, shift: f32 }

@group(0) @binding(0) var<storage, read_write> y: array<f32>; // [lanes]
@group(1) @binding(0) var<uniform> dims: Dims;

alias Elem = f32; // @param f32 f16

fn start(lane: u32, j: u32) -> vec4<Elem> {
  let first = vec4u(lane + j) + vec4u(0u, 1u, 2u, 3u);
  return vec4<Elem>(first % 8u);
}

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let s = vec4<Elem>(Elem(dims.scale));
  let t = vec4<Elem>(Elem(dims.shift));
  var a = start(id.x, 0u);
  var b = start(id.x, 4u);
  var c = start(id.x, 8u);
  var d = start(id.x, 12u);
  for (var i = 0u; i < dims.steps; i += 16u) {
    a = fma(a, s, t); b = fma(b, s, t); c = fma(c, s, t); d = fma(d, s, t);
    a = fma(a, s, t); b = fma(b, s, t); c = fma(c, s, t); d = fma(d, s, t);
    a = fma(a, s, t); b = fma(b, s, t); c = fma(c, s, t); d = fma(d, s, t);
    a = fma(a, s, t); b = fma(b, s, t); c = fma(c, s, t); d = fma(d, s, t);
    a = fma(a, s, t); b = fma(b, s, t); c = fma(c, s, t); d = fma(d, s, t);
    a = fma(a, s, t); b = fma(b, s, t); c = fma(c, s, t); d = fma(d, s, t);
    a = fma(a, s, t); b = fma(b, s, t); c = fma(c, s, t); d = fma(d, s, t);
    a = fma(a, s, t); b = fma(b, s, t); c = fma(c, s, t); d = fma(d, s, t);
    a = fma(a, s, t); b = fma(b, s, t); c = fma(c, s, t); d = fma(d, s, t);
    a = fma(a, s, t); b = fma(b, s, t); c = fma(c, s, t); d = fma(d, s, t);
    a = fma(a, s, t); b = fma(b, s, t); c = fma(c, s, t); d = fma(d, s, t);
    a = fma(a, s, t); b = fma(b, s, t); c = fma(c, s, t); d = fma(d, s, t);
    a = fma(a, s, t); b = fma(b, s, t); c = fma(c, s, t); d = fma(d, s, t);
    a = fma(a, s, t); b = fma(b, s, t); c = fma(c, s, t); d = fma(d, s, t);
    a = fma(a, s, t); b = fma(b, s, t); c = fma(c, s, t); d = fma(d, s, t);
    a = fma(a, s, t); b = fma(b, s, t); c = fma(c, s, t); d = fma(d, s, t);
  }
  let sum = vec4f(a) + vec4f(b) + vec4f(c) + vec4f(d);
  y[id.x] = sum.x + sum.y + sum.z + sum.w;
}
