// Register tiles in f32. A mat4x4f holds four rows of four columns (its column i is row i of the tile), because
// matrices are indexed by constants only and so stay in registers where an array may not. Each cell's sum goes
// on in ascending k with one fma a term, whichever function is used: kernels built from them agree bit for bit.

// One k: c + x ⊗ y, for four rows (x) and four columns (y).
fn outer(c: mat4x4f, x: vec4f, y: vec4f) -> mat4x4f {
  return mat4x4f(
    fma(vec4f(x.x), y, c[0]),
    fma(vec4f(x.y), y, c[1]),
    fma(vec4f(x.z), y, c[2]),
    fma(vec4f(x.w), y, c[3]));
}

// Four k for one row: a is a[row, k..k+3], b[i] is b[k + i, four columns].
fn row4(c: vec4f, a: vec4f, b: mat4x4f) -> vec4f {
  let c0 = fma(vec4f(a.x), b[0], c);
  let c1 = fma(vec4f(a.y), b[1], c0);
  let c2 = fma(vec4f(a.z), b[2], c1);
  return fma(vec4f(a.w), b[3], c2);
}

// Four k for four rows: a[i] is a[row + i, k..k+3].
fn block4(c: mat4x4f, a: mat4x4f, b: mat4x4f) -> mat4x4f {
  return mat4x4f(row4(c[0], a[0], b), row4(c[1], a[1], b), row4(c[2], a[2], b), row4(c[3], a[3], b));
}

// total + sums · scales, the scales by column.
fn add_scaled(total: mat4x4f, sums: mat4x4f, scales: vec4f) -> mat4x4f {
  return mat4x4f(
    fma(sums[0], scales, total[0]),
    fma(sums[1], scales, total[1]),
    fma(sums[2], scales, total[2]),
    fma(sums[3], scales, total[3]));
}
