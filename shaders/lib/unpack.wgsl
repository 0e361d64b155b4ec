// Four int8 cells of a word, the first in its lowest byte, as floats. No integer conversion: biased by 128, a cell is
// the low bits of a float near 2^23. GPUs convert at a fraction of the rate at which they add.
fn unpack_i8(word: u32) -> vec4f {
  let biased = (vec4u(word ^ 0x80808080u) >> vec4u(0u, 8u, 16u, 24u)) & vec4u(0xffu);
  return bitcast<vec4f>(biased | vec4u(0x4b000000u)) - vec4f(8388736.0);
}
