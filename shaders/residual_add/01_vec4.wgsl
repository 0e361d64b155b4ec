// @title vec4
// @change One invocation adds four cells.
// @why The plain form: rms_norm_residual does this on its way, and saves the dispatch and one sweep over x.
// @result not measured on a GPU yet
// @reduction none
// @pass main [ceil(ceil(n / 4) / 64), m]

struct Dims { m: u32, n: u32 }

@group(0) @binding(0) var<storage, read> residual: array<vec4f>; // [m, n / 4]
@group(0) @binding(1) var<storage, read_write> x: array<vec4f>; // [m, n / 4]
@group(1) @binding(0) var<uniform> dims: Dims;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let n4 = (dims.n + 3u) / 4u;
  if (id.x >= n4) { return; }
  x[id.y * n4 + id.x] += residual[id.y * n4 + id.x];
}
