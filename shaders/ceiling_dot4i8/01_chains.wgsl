// @title Eight chains
// @change Each chain takes its neighbour as the packed operand; unrolled four times.
// @why With two constant operands a compiler lifts the dot product out of the loop and times additions; the loop's own counting must not be timed either.
// @result the ceiling of W8A8 kernels
// @reduction none
// @needs packed_4x8_integer_dot_product
// @peak dot4i8
// @pass main [lanes / 256]

requires packed_4x8_integer_dot_product;

struct Dims { lanes: u32, steps: u32, w: u32 }

@group(0) @binding(0) var<storage, read_write> y: array<i32>; // [lanes]
@group(1) @binding(0) var<uniform> dims: Dims;

fn step(sum: i32, packed: i32) -> i32 { return sum + dot4I8Packed(u32(packed), dims.w); }

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let l = i32(id.x);
  var a = l; var b = l + 1; var c = l + 2; var d = l + 3;
  var e = l + 4; var f = l + 5; var g = l + 6; var h = l + 7;
  for (var i = 0u; i < dims.steps; i += 4u) {
    a = step(a, b); b = step(b, c); c = step(c, d); d = step(d, e);
    e = step(e, f); f = step(f, g); g = step(g, h); h = step(h, a);
    a = step(a, b); b = step(b, c); c = step(c, d); d = step(d, e);
    e = step(e, f); f = step(f, g); g = step(g, h); h = step(h, a);
    a = step(a, b); b = step(b, c); c = step(c, d); d = step(d, e);
    e = step(e, f); f = step(f, g); g = step(g, h); h = step(h, a);
    a = step(a, b); b = step(b, c); c = step(c, d); d = step(d, e);
    e = step(e, f); f = step(f, g); g = step(g, h); h = step(h, a);
  }
  y[id.x] = a ^ b ^ c ^ d ^ e ^ f ^ g ^ h;
}
