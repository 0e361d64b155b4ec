// @title vec4
// @change One invocation makes four cells.
// @why Nothing is shared between cells: the only work is to move bytes in wide loads.
// @result not measured on a GPU yet
// @reduction none
// @pass main [ceil(ceil(n / 4) / 64), m]

struct Dims { m: u32, n: u32 }

@group(0) @binding(0) var<storage, read> x: array<vec4f>; // [m, 2, n / 4] gate, then up
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>; // [m, n / 4]
@group(1) @binding(0) var<uniform> dims: Dims;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let n4 = (dims.n + 3u) / 4u;
  if (id.x >= n4) { return; }
  let gate = x[id.y * 2u * n4 + id.x];
  let up = x[(id.y * 2u + 1u) * n4 + id.x];
  y[id.y * n4 + id.x] = gate / (1.0 + exp(-gate)) * up;
}
