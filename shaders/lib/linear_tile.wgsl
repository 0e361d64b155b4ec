// Staging for kernels of `linear` that make TILE × TILE cells of y from TILE_K k at a time. The kernel declares both, tile_x and
// tile_w ([k][vec4 of rows or columns]), includes lib/linear.wgsl, and defines
//   load_w(row, i, k4) -> vec4f   vec4 number i of a row of w; zero past the last row, and past a row's end

// Task number `task` of TILE · TILE_K / 16: a 4×4 block of each matrix, transposed. It writes whole vec4s: parts of one
// vector written by several lanes would be a race.
fn stage(task: u32, first_row: u32, first_column: u32, first: u32, k4: u32) {
  let i = task % (TILE_K / 4u);
  let quad = task / (TILE_K / 4u);
  var a: mat4x4f;
  var b: mat4x4f;
  for (var line = 0u; line < 4u; line++) {
    a[line] = load_x(first_row + quad * 4u + line, first + i, k4);
    b[line] = load_w(first_column + quad * 4u + line, first + i, k4);
  }
  let a_columns = transpose(a);
  let b_columns = transpose(b);
  for (var c = 0u; c < 4u; c++) {
    tile_x[(i * 4u + c) * (TILE / 4u) + quad] = a_columns[c];
    tile_w[(i * 4u + c) * (TILE / 4u) + quad] = b_columns[c];
  }
}
