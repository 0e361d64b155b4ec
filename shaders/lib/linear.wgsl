// What the kernels of `linear` read of x and w, and where they write y. The kernel declares the op's bindings and FORMAT, and
// includes lib/weights.wgsl.

// Vec4 number `i` of a row of x; zero past the last row, and past a row's end.
fn load_x(row: u32, i: u32, k4: u32) -> vec4f {
  if (row >= dims.m || i >= k4) { return vec4f(); }
  return x[row * k4 + i];
}

// Past the last row, the last: what it makes is not stored.
fn load_x_or_last(row: u32, i: u32, k4: u32) -> vec4f { return x[min(row, dims.m - 1u) * k4 + i]; }

// Vec4 number `i` of a row that w has; i8 cells come unscaled.
fn cells_of_w(row: u32, i: u32) -> vec4f {
  let units = (dims.k + CELLS - 1u) / CELLS;
  return unpack_cells(w[row * units + i * 4u / CELLS], i);
}

// The same cells, scaled.
fn scaled_w(row: u32, i: u32) -> vec4f {
  let cells = cells_of_w(row, i);
  if (FORMAT == 2u) { return cells * scales[row * dims.groups + i * 4u / dims.group]; }
  return cells;
}

// Unit number `i` of a row of w; zero past the last row, and past a row's end: what follows may be anything.
fn load_unit(row: u32, i: u32) -> vec4u {
  let units = (dims.k + CELLS - 1u) / CELLS;
  if (row >= dims.n || i >= units) { return vec4u(); }
  return w[row * units + i];
}

// Scale (i8) of a segment of 32 cells of a row of w.
fn scale_of(row: u32, segment: u32) -> f32 { return scales[row * dims.groups + segment * 32u / dims.group]; }

// Scales of four columns of y, rows of w; 1 unless i8.
fn scales_of(column: u32, segment: u32) -> vec4f {
  if (FORMAT != 2u) { return vec4f(1.0); }
  let last = dims.n - 1u;
  return vec4f(scale_of(min(column, last), segment), scale_of(min(column + 1u, last), segment),
               scale_of(min(column + 2u, last), segment), scale_of(min(column + 3u, last), segment));
}

fn y_at(row: u32, column: u32) -> u32 { return row * ((dims.y_n + 3u) / 4u * 4u) + dims.y_0 + column; }

// Four columns of a row of y.
fn store_columns(row: u32, column: u32, total: vec4f) {
  if (row >= dims.m || column >= dims.n) { return; }
  let out = y_at(row, column);
  y[out] = total.x;
  if (column + 1u < dims.n) { y[out + 1u] = total.y; }
  if (column + 2u < dims.n) { y[out + 2u] = total.z; }
  if (column + 3u < dims.n) { y[out + 3u] = total.w; }
}

// Four rows of a column of y.
fn store_rows(row: u32, column: u32, total: vec4f) {
  if (column >= dims.n) { return; }
  for (var r = 0u; r < 4u; r++) {
    if (row + r < dims.m) { y[y_at(row + r, column)] = total[r]; }
  }
}
