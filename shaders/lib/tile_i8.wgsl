// Register tiles of int8 products with sums in i32: exact in any order, so no reduction id depends on them.

// Four rows of four columns.
struct Tile { r0: vec4i, r1: vec4i, r2: vec4i, r3: vec4i }

// Four k (one word) of one row with four columns.
fn dot_columns(sum: vec4i, x: u32, y: vec4u) -> vec4i {
  return sum + vec4i(dot4I8Packed(x, y.x), dot4I8Packed(x, y.y), dot4I8Packed(x, y.z), dot4I8Packed(x, y.w));
}

// Four k of four rows (x) with four columns (y).
fn dot_outer(c: Tile, x: vec4u, y: vec4u) -> Tile {
  return Tile(dot_columns(c.r0, x.x, y), dot_columns(c.r1, x.y, y), dot_columns(c.r2, x.z, y), dot_columns(c.r3, x.w, y));
}

// Sixteen k of two packed rows.
fn dot16(x: vec4u, y: vec4u) -> i32 {
  return dot4I8Packed(x.x, y.x) + dot4I8Packed(x.y, y.y) + dot4I8Packed(x.z, y.z) + dot4I8Packed(x.w, y.w);
}

// total + c · scales, the scales by column.
fn add_scaled(total: mat4x4f, c: Tile, scales: vec4f) -> mat4x4f {
  return mat4x4f(
    fma(vec4f(c.r0), scales, total[0]),
    fma(vec4f(c.r1), scales, total[1]),
    fma(vec4f(c.r2), scales, total[2]),
    fma(vec4f(c.r3), scales, total[3]));
}
