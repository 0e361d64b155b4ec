// @title vec4 copy
// @change One vec4 after another, neighbours in neighbouring invocations.
// @why The fastest way to touch every byte twice.
// @result shown beside reading; bounds are held against reading, so a perfect copy does not reach 100 % of them
// @reduction none
// @pass main [min(ceil(n / 1024), 2048)]

struct Dims { n: u32 }

@group(0) @binding(0) var<storage, read> x: array<vec4u>; // [n / 4]
@group(0) @binding(1) var<storage, read_write> y: array<vec4u>; // [n / 4]
@group(1) @binding(0) var<uniform> dims: Dims;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  for (var i = id.x; i < dims.n / 4u; i += groups.x * 256u) {
    y[i] = x[i];
  }
}
