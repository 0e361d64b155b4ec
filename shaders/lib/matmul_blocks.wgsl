// 4×4 blocks for kernels of `matmul` whose tile holds both matrices, [k][a's rows / 4, then b's columns / 4]; those of a are
// transposed. The kernel declares TILE_M4, TILE_N4, TILE_K4 and includes lib/matmul.wgsl.

fn load_a(row: u32, k4: u32) -> vec4f {
  return select(vec4f(), vec4f(a[min(row, dims.m - 1u) * vec4s(dims.k) + k4]), k4 < vec4s(dims.k));
}

fn load_b(k: u32, column4: u32) -> vec4f {
  return select(vec4f(), vec4f(b[k * vec4s(dims.n) + min(column4, vec4s(dims.n) - 1u)]), k < dims.k);
}

// Which vec4 of the tile, and which four k of it, invocation `i` stages: neighbours read along the rows of a, whose k
// lie together, and along the columns of b.
fn place(i: u32) -> vec2u {
  if (i < TILE_M4 * TILE_K4) { return vec2u(i / TILE_K4, i % TILE_K4 * 4u); }
  let j = i - TILE_M4 * TILE_K4;
  return vec2u(TILE_M4 + j % TILE_N4, j / TILE_N4 * 4u);
}

// Four k of the vec4 at `x` of the tile.
fn load_block(x: u32, k: u32, row0: u32, column0: u32) -> mat4x4f {
  if (x < TILE_M4) {
    let row = row0 + 4u * x;
    let k4 = k / 4u;
    return transpose(mat4x4f(load_a(row, k4), load_a(row + 1u, k4), load_a(row + 2u, k4), load_a(row + 3u, k4)));
  }
  let column4 = column0 + x - TILE_M4;
  return mat4x4f(load_b(k, column4), load_b(k + 1u, column4), load_b(k + 2u, column4), load_b(k + 3u, column4));
}
