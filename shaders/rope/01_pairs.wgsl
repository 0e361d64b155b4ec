// @title Pairs
// @change One invocation turns four pairs of one head.
// @why The plain form of what rope_kv_append fuses: two loads, two stores, and the table from cache.
// @result not measured on a GPU yet
// @reduction none
// @pass main [ceil(heads * head_dim / 8 / 64), t]

struct Dims { heads: u32, head_dim: u32 }

@group(0) @binding(0) var<storage, read> rotations: array<vec4f>; // [window, 2, head_dim / 8] cosines, sines
@group(0) @binding(1) var<storage, read> positions: array<u32>; // [t]
@group(0) @binding(2) var<storage, read_write> x: array<vec4f>; // [t, heads, head_dim / 4]
@group(1) @binding(0) var<uniform> dims: Dims;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let half = dims.head_dim / 8u;
  let head = id.x / half;
  let i = id.x % half;
  if (head >= dims.heads) { return; }
  let at = (id.y * dims.heads + head) * 2u * half + i;
  let turn = positions[id.y] * 2u * half + i;
  let low = x[at];
  let high = x[at + half];
  x[at] = fma(low, rotations[turn], -(high * rotations[turn + half]));
  x[at + half] = fma(high, rotations[turn], low * rotations[turn + half]);
}
