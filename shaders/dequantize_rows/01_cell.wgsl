// @title A cell an invocation
// @change Each invocation takes one byte out of its word and scales it.
// @why The baseline: four neighbours read the same word, and each computes its own group.
// @result baseline
// @reduction none
// @pass main [ceil(k / 64), m]

struct Dims { m: u32, k: u32, group: u32, groups: u32 }

@group(0) @binding(0) var<storage, read> q: array<u32>; // [m, k / 4] packed, rows padded to 16 bytes
@group(0) @binding(1) var<storage, read> scales: array<f32>; // [m, groups]
@group(0) @binding(2) var<storage, read_write> x: array<Elem>; // [m, k] rows padded to 4 cells
@group(1) @binding(0) var<uniform> dims: Dims;

alias Elem = f32; // @param f32 f16

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let row = id.y;
  let k = id.x;
  if (k >= dims.k) { return; }
  let word = bitcast<i32>(q[row * ((dims.k + 15u) / 16u * 4u) + k / 4u]);
  let cell = extractBits(word, k % 4u * 8u, 8u);
  let scale = scales[row * dims.groups + k / dims.group];
  x[row * ((dims.k + 3u) / 4u * 4u) + k] = Elem(f32(cell) * scale);
}
