// What kernels of `matmul` do at the edges, where rows are padded to whole vec4s. The kernel declares the op's bindings and Elem.

fn vec4s(columns: u32) -> u32 { return (columns + 3u) / 4u; }

// Where four rows of a start. Rows past the end are clamped: what they make is not stored.
fn starts(row: u32) -> vec4u {
  return min(vec4u(row) + vec4u(0u, 1u, 2u, 3u), vec4u(dims.m - 1u)) * vec4s(dims.k);
}

// Four columns of a row of b; zero past the last row, where anything may be.
fn row_of_b(k: u32, column4: u32) -> vec4f {
  let cells = vec4f(b[k * vec4s(dims.n) + column4]);
  return select(vec4f(), cells, k < dims.k);
}

fn columns_of_b(k: u32, column4: u32) -> mat4x4f {
  return mat4x4f(row_of_b(k, column4), row_of_b(k + 1u, column4), row_of_b(k + 2u, column4), row_of_b(k + 3u, column4));
}

// Four rows of four columns.
fn store_c(row: u32, column4: u32, sums: mat4x4f) {
  if (column4 >= vec4s(dims.n)) { return; }
  let first = row * vec4s(dims.n) + column4;
  if (row < dims.m) { c[first] = vec4<Elem>(sums[0]); }
  if (row + 1u < dims.m) { c[first + vec4s(dims.n)] = vec4<Elem>(sums[1]); }
  if (row + 2u < dims.m) { c[first + 2u * vec4s(dims.n)] = vec4<Elem>(sums[2]); }
  if (row + 3u < dims.m) { c[first + 3u * vec4s(dims.n)] = vec4<Elem>(sums[3]); }
}
