// @title vec4 loads, four in flight
// @change Neighbouring invocations read neighbouring vec4s; each keeps four loads in flight.
// @why Bandwidth needs many outstanding loads; xor keeps every load needed and costs nothing.
// @result the ceiling that memory-bound kernels are measured against
// @reduction none
// @pass main [lanes / 256]

struct Dims { n: u32, lanes: u32 }

@group(0) @binding(0) var<storage, read> x: array<vec4u>; // [n / 4]
@group(0) @binding(1) var<storage, read_write> y: array<u32>; // [lanes]
@group(1) @binding(0) var<uniform> dims: Dims;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let count = dims.n / 4u;
  let stride = dims.lanes;
  var a = vec4u();
  var b = vec4u();
  var c = vec4u();
  var d = vec4u();
  var i = id.x;
  for (; i + 3u * stride < count; i += 4u * stride) {
    a ^= x[i];
    b ^= x[i + stride];
    c ^= x[i + 2u * stride];
    d ^= x[i + 3u * stride];
  }
  for (; i < count; i += stride) {
    a ^= x[i];
  }
  let all = a ^ b ^ c ^ d;
  y[id.x] = all.x ^ all.y ^ all.z ^ all.w;
}
