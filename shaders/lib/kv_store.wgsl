// Rounding K and V into a page's 16-byte units, as src/kernels/packing.ts does. The kernel declares FORMAT and
// pages, includes lib/weights.wgsl, and defines HeadCells and `cells_of(source, i)`: vec4 number i of the head, already rotated.

// The scale of one head's cells (i8): the largest magnitude over 127.
fn scale_of_cells(parts: u32, source: HeadCells) -> f32 {
  if (FORMAT != 2u) { return 1.0; }
  var most = vec4f();
  for (var i = 0u; i < parts; i++) { most = max(most, abs(cells_of(source, i))); }
  return max(max(most.x, most.y), max(most.z, most.w)) / 127.0;
}

fn pack_i8(cells: vec4f, scale: f32) -> u32 {
  if (scale == 0.0) { return 0u; }
  let q = vec4u(vec4i(clamp(round(cells / scale), vec4f(-127.0), vec4f(127.0)))) & vec4u(255u);
  return q.x | (q.y << 8u) | (q.z << 16u) | (q.w << 24u);
}

fn pack_f16(a: vec4f) -> vec2u { return vec2u(pack2x16float(a.xy), pack2x16float(a.zw)); }

// Unit number `unit` of one head's cells.
fn pack_unit(source: HeadCells, unit: u32, scale: f32) -> vec4u {
  if (FORMAT == 0u) { return bitcast<vec4u>(cells_of(source, unit)); }
  if (FORMAT == 1u) {
    return vec4u(pack_f16(cells_of(source, 2u * unit)), pack_f16(cells_of(source, 2u * unit + 1u)));
  }
  let i = 4u * unit;
  return vec4u(pack_i8(cells_of(source, i), scale), pack_i8(cells_of(source, i + 1u), scale),
               pack_i8(cells_of(source, i + 2u), scale), pack_i8(cells_of(source, i + 3u), scale));
}

// Word by word: the scales of neighbouring tokens share a vec4, and parts of one vector written by several
// invocations would be a race.
fn store_unit(unit: u32, words: vec4u) {
  for (var c = 0u; c < 4u; c++) { pages[unit * 4u + c] = words[c]; }
}
