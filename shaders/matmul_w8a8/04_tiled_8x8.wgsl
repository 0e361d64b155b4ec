// @title 8×8 through workgroup memory
// @change a and w are staged as vec4u, transposed in registers so that one k-word of four rows is one vec4u; each
//   invocation makes 8×8 cells.
// @why Every word in workgroup memory serves 8 packed dot products, 4 vec4 reads serve 64. Loads of 16 bytes instead
//   of 4 are what keeps memory ahead of the dot products. With one scale a row nothing but integers lives in the loop.
// @result 2.7× unpacked on SwiftShader (a CPU; 128×512×512), 0.76 of registers only; not measured on a GPU yet
// @reduction i32-groups
// @needs packed_4x8_integer_dot_product
// @peak dot4i8
// @lib tile_i8 column_scales
// @pass main [ceil(n / (8 * WG_X)), ceil(m / (8 * WG_Y))]

requires packed_4x8_integer_dot_product;

struct Dims { m: u32, n: u32, k: u32, group: u32, groups: u32 }

@group(0) @binding(0) var<storage, read> a: array<vec4u>; // [m, k / 16] packed
@group(0) @binding(1) var<storage, read> a_scales: array<f32>; // [m]
@group(0) @binding(2) var<storage, read> w: array<vec4u>; // [n, k / 16] packed
@group(0) @binding(3) var<storage, read> w_scales: array<f32>; // [n, groups]
@group(0) @binding(4) var<storage, read_write> c: array<vec4<Elem>>; // [m, n / 4] row-major
@group(1) @binding(0) var<uniform> dims: Dims;

alias Elem = f32; // @param f32 f16
const WG_X: u32 = 16u; // @param 8 16
const WG_Y: u32 = 16u; // @param 8 16
const UNITS: u32 = 4u; // @param 1 2 4
const GROUPS: u32 = 1u; // @dim groups
const TILE_M4: u32 = 2u * WG_Y; // vec4s of rows
const TILE_N4: u32 = 2u * WG_X; // vec4s of columns
const TILE_4: u32 = TILE_M4 + TILE_N4;
const WORDS: u32 = 4u * UNITS; // TILE_K / 4
const INVOCATIONS: u32 = WG_X * WG_Y;

// [k / 4][a's rows / 4, then w's rows / 4], 16 KiB at 128×128×64
var<workgroup> tile: array<array<vec4u, TILE_4>, WORDS>;

// Four k-words (rows) of four matrix rows (columns).
struct Block { k0: vec4u, k1: vec4u, k2: vec4u, k3: vec4u }

fn units() -> u32 { return (dims.k + 15u) / 16u; }

fn load_a(row: u32, unit: u32) -> vec4u {
  return select(vec4u(), a[min(row, dims.m - 1u) * units() + unit], unit < units());
}

fn load_w(row: u32, unit: u32) -> vec4u {
  return select(vec4u(), w[min(row, dims.n - 1u) * units() + unit], unit < units());
}

fn transposed(x: vec4u, y: vec4u, z: vec4u, w: vec4u) -> Block {
  return Block(
    vec4u(x.x, y.x, z.x, w.x), vec4u(x.y, y.y, z.y, w.y), vec4u(x.z, y.z, z.z, w.z), vec4u(x.w, y.w, z.w, w.w));
}

// Sixteen k of the four matrix rows at `x` of the tile.
fn load_block(x: u32, unit: u32, row0: u32, column0: u32) -> Block {
  if (x < TILE_M4) {
    let row = row0 + 4u * x;
    return transposed(load_a(row, unit), load_a(row + 1u, unit), load_a(row + 2u, unit), load_a(row + 3u, unit));
  }
  let row = column0 + 4u * (x - TILE_M4);
  return transposed(load_w(row, unit), load_w(row + 1u, unit), load_w(row + 2u, unit), load_w(row + 3u, unit));
}

fn stage(word: u32, x: u32, block: Block) {
  tile[word][x] = block.k0;
  tile[word + 1u][x] = block.k1;
  tile[word + 2u][x] = block.k2;
  tile[word + 3u][x] = block.k3;
}

fn store_c(row: u32, column: u32, sums: mat4x4f) {
  let pitch = (dims.n + 3u) / 4u;
  if (column >= dims.n) { return; }
  if (row < dims.m) { c[row * pitch + column / 4u] = vec4<Elem>(sums[0] * a_scales[row]); }
  if (row + 1u < dims.m) { c[(row + 1u) * pitch + column / 4u] = vec4<Elem>(sums[1] * a_scales[row + 1u]); }
  if (row + 2u < dims.m) { c[(row + 2u) * pitch + column / 4u] = vec4<Elem>(sums[2] * a_scales[row + 2u]); }
  if (row + 3u < dims.m) { c[(row + 3u) * pitch + column / 4u] = vec4<Elem>(sums[3] * a_scales[row + 3u]); }
}

@compute @workgroup_size(WG_X, WG_Y)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(local_invocation_id) local: vec3u,
  @builtin(local_invocation_index) index: u32,
) {
  let row0 = workgroup.y * 4u * TILE_M4;
  let column0 = workgroup.x * 4u * TILE_N4;
  let y = local.y;
  let x = TILE_M4 + local.x;
  let row = row0 + 4u * local.y;
  let column = column0 + 4u * local.x;
  var t00 = mat4x4f(); // groups before this one: rows y, columns x
  var t01 = mat4x4f(); // rows y, columns half a tile further
  var t10 = mat4x4f();
  var t11 = mat4x4f();
  let group_units = (dims.group + 15u) / 16u;
  for (var g = 0u; g < GROUPS; g++) {
    var c00 = Tile();
    var c01 = Tile();
    var c10 = Tile();
    var c11 = Tile();
    let end = min(units(), (g + 1u) * group_units);
    for (var unit0 = g * group_units; unit0 < end; unit0 += UNITS) {
      workgroupBarrier(); // the tile before is no longer read
      // neighbours read along a row, whose units lie together
      for (var i = index; i < TILE_4 * UNITS; i += INVOCATIONS) {
        let unit = i % UNITS;
        let load = select(units(), unit0 + unit, unit0 + unit < end); // past the group: zeros
        stage(4u * unit, i / UNITS, load_block(i / UNITS, load, row0, column0));
      }
      workgroupBarrier();
      for (var word = 0u; word < WORDS; word++) {
        let rows0 = tile[word][y];
        let rows1 = tile[word][y + WG_Y];
        let columns0 = tile[word][x];
        let columns1 = tile[word][x + WG_X];
        c00 = dot_outer(c00, rows0, columns0);
        c01 = dot_outer(c01, rows0, columns1);
        c10 = dot_outer(c10, rows1, columns0);
        c11 = dot_outer(c11, rows1, columns1);
      }
    }
    let scales0 = scales_of(column, g);
    let scales1 = scales_of(column + 4u * WG_X, g);
    t00 = add_scaled(t00, c00, scales0);
    t01 = add_scaled(t01, c01, scales1);
    t10 = add_scaled(t10, c10, scales0);
    t11 = add_scaled(t11, c11, scales1);
  }
  store_c(row, column, t00);
  store_c(row, column + 4u * WG_X, t01);
  store_c(row + 4u * WG_Y, column, t10);
  store_c(row + 4u * WG_Y, column + 4u * WG_X, t11);
}
