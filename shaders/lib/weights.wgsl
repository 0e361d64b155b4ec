// Weight rows in 16-byte units: f32 (FORMAT 0, 4 cells a unit), f16 (1, 8 cells), i8 (2, 16 cells, with scales
// kept beside). The kernel declares `const FORMAT` and includes lib/unpack.wgsl. The host's side is src/kernels/packing.ts.

const CELLS: u32 = select(select(4u, 8u, FORMAT == 1u), 16u, FORMAT == 2u);

// Four cells out of a unit: those of vec4 number `i` of the row. i8 cells come unscaled.
fn unpack_cells(unit: vec4u, i: u32) -> vec4f {
  if (FORMAT == 0u) { return bitcast<vec4f>(unit); }
  if (FORMAT == 1u) {
    let half = select(unit.xy, unit.zw, (i & 1u) == 1u);
    return vec4f(unpack2x16float(half.x), unpack2x16float(half.y));
  }
  return unpack_i8(unit[i & 3u]);
}
