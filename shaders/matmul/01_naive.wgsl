// @title Naive
// @change One invocation computes one cell of c, reading a row of a and a column of b from memory.
// @why The baseline: everything below is measured against it.
// @result baseline
// @reduction k-sequential
// @pass main [ceil(n / WG_X), ceil(m / WG_Y)]

struct Dims { m: u32, n: u32, k: u32 }

@group(0) @binding(0) var<storage, read> a: array<Elem>; // [m, k] row-major, rows padded to 4 cells
@group(0) @binding(1) var<storage, read> b: array<Elem>; // [k, n] row-major, rows padded to 4 cells
@group(0) @binding(2) var<storage, read_write> c: array<Elem>; // [m, n] row-major, rows padded to 4 cells
@group(1) @binding(0) var<uniform> dims: Dims;

alias Elem = f32; // @param f32 f16
override WG_X: u32 = 8u; // @param 8 16 32
override WG_Y: u32 = 8u; // @param 4 8 16

fn pitch(columns: u32) -> u32 { return (columns + 3u) / 4u * 4u; }

@compute @workgroup_size(WG_X, WG_Y)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let row = id.y;
  let column = id.x;
  if (row >= dims.m || column >= dims.n) { return; }
  var sum = 0.0;
  for (var k = 0u; k < dims.k; k++) {
    sum = fma(f32(a[row * pitch(dims.k) + k]), f32(b[k * pitch(dims.n) + column]), sum);
  }
  c[row * pitch(dims.n) + column] = Elem(sum);
}
