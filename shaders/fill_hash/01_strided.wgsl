// @title Strided
// @change Each invocation writes every 2^18th word.
// @why One grid serves every size, also past 65,535 workgroups.
// @result not a race: it fills buffers before others are timed
// @reduction none
// @lib hash
// @pass main [min(ceil(n / 256), 1024)]

struct Dims { n: u32, seed: u32 }

@group(0) @binding(0) var<storage, read_write> y: array<u32>; // [n]
@group(1) @binding(0) var<uniform> dims: Dims;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  for (var i = id.x; i < dims.n; i += groups.x * 256u) {
    y[i] = hash32(i ^ dims.seed);
  }
}
