// Rows of x by fours, for kernels of `linear` that have few of them: a vec4 holds one k of four rows, a quad. The kernel
// declares LANES, SEGMENTS, QUADS, tile_x ([segment][quad][k], PITCH a segment) and partial (the segments' sums), and
// includes lib/linear.wgsl.

const PITCH: u32 = 33u * QUADS; // vec4s of a segment of x; one more than 32 a quad keeps segments in different banks

// Stages SEGMENTS segments of x, four rows by four cells a task.
fn stage(lane: u32, first_row: u32, first: u32, k4: u32) {
  for (var task = lane; task < SEGMENTS * 8u * QUADS; task += LANES) {
    let i = task % (SEGMENTS * 8u);
    let quad = task / (SEGMENTS * 8u);
    let row = first_row + quad * 4u;
    let at = first * 8u + i;
    let block = transpose(mat4x4f(load_x(row, at, k4), load_x(row + 1u, at, k4), load_x(row + 2u, at, k4),
                                  load_x(row + 3u, at, k4)));
    let out = i / 8u * PITCH + quad * 33u + i % 8u * 4u;
    tile_x[out] = block[0];
    tile_x[out + 1u] = block[1];
    tile_x[out + 2u] = block[2];
    tile_x[out + 3u] = block[3];
  }
}

// Adds `n` segments' sums of four rows of a column to `start`, from left to right.
fn add_segments(start: vec4f, base: u32, column: u32, first: u32, n: u32) -> vec4f {
  var total = start;
  if (FORMAT != 2u) {
    for (var s = 0u; s < n; s++) { total += partial[base + s]; }
    return total;
  }
  let own = min(column, dims.n - 1u) * dims.groups;
  var scale = scales[own];
  for (var s = 0u; s < n; s++) {
    // a division a segment would cost more than its sum
    if (dims.groups > 1u) { scale = scales[own + (first + s) * 32u / dims.group]; }
    total = fma(partial[base + s], vec4f(scale), total);
  }
  return total;
}
