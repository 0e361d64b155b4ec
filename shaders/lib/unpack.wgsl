// Four int8 cells of a word, the first in its lowest byte, as floats. No integer conversion: biased by 128, a cell is the low
// bits of a float near 2^23, or bits 8 to 15 of one near 2^15, whose steps are 2^-8. GPUs convert at a fraction of the rate
// at which they add, and mask and flip bits in one operation: nine of them for a word.
fn unpack_i8(word: u32) -> vec4f {
  let high = word >> 16u;
  let biased = (vec4u(word, word, high, high) & vec4u(0xffu, 0xff00u, 0xffu, 0xff00u))
             ^ vec4u(0x4b000080u, 0x47008000u, 0x4b000080u, 0x47008000u);
  return bitcast<vec4f>(biased) - vec4f(8388736.0, 32896.0, 8388736.0, 32896.0);
}
