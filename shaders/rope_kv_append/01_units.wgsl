// @title Fused, one unit an invocation
// @change Adds the bias, rotates Q and K and writes K and V into their pages in one dispatch; an invocation
// makes one pair of Q's vec4s or one 16-byte unit of a page.
// @why Bias, rotation and append touch the same cells: apart they are four dispatches that read Q, K and V again.
// @result not measured on a GPU yet
// @reduction none
// @lib weights unpack kv_page kv_store
// @pass main [ceil((heads * head_dim / 8 + 2 * kv_heads * head_dim / cells) / 64), t]

struct Dims { heads: u32, kv_heads: u32 }

@group(0) @binding(0) var<storage, read> qkv: array<vec4f>; // [t, heads + 2 kv_heads, head_dim / 4]
@group(0) @binding(1) var<storage, read> bias: array<vec4f>; // [heads + 2 kv_heads, head_dim / 4]
@group(0) @binding(2) var<storage, read> rotations: array<vec4f>; // [window, 2, head_dim / 8] cosines, sines
@group(0) @binding(3) var<storage, read> positions: array<u32>; // [t]
@group(0) @binding(4) var<storage, read> slots: array<u32>; // [t] page · PAGE + offset, or NO_SLOT
@group(0) @binding(5) var<storage, read_write> q: array<vec4f>; // [t, heads, head_dim / 4]
@group(0) @binding(6) var<storage, read_write> pages: array<u32>; // [pages, kv_heads, 4 BLOCK_UNITS]
@group(1) @binding(0) var<uniform> dims: Dims;

const FORMAT: u32 = 0u; // @dim format
const HEAD_DIM: u32 = 64u; // @dim head_dim
const PAGE: u32 = 16u; // @dim page
const NO_SLOT: u32 = 0xffffffffu;
const HALF: u32 = HEAD_DIM / 8u; // vec4s in half a head
const TURNED: u32 = 1u;

// Where the cells of one head come from: `position` turns them, where `turned` says so.
struct HeadCells { row: u32, head: u32, position: u32, turned: u32 }

fn plain(source: HeadCells, i: u32) -> vec4f {
  let heads = dims.heads + 2u * dims.kv_heads;
  return qkv[(source.row * heads + source.head) * 2u * HALF + i] + bias[source.head * 2u * HALF + i];
}

// Rotary embedding on halves: cells i and i + head_dim / 2 turn together (Su et al. 2021; GPT-NeoX order).
fn cells_of(source: HeadCells, i: u32) -> vec4f {
  if (source.turned != TURNED) { return plain(source, i); }
  let low = plain(source, i % HALF);
  let high = plain(source, i % HALF + HALF);
  let cosines = rotations[source.position * 2u * HALF + i % HALF];
  let sines = rotations[source.position * 2u * HALF + HALF + i % HALF];
  if (i < HALF) { return fma(low, cosines, -(high * sines)); }
  return fma(high, cosines, low * sines);
}

// Stores unit number `unit` of one head of a token that has a slot.
fn store_k(t: u32, head: u32, unit: u32) {
  let source = HeadCells(t, dims.heads + head, positions[t], TURNED);
  let scale = scale_of_cells(2u * HALF, source);
  let block = (slots[t] / PAGE * dims.kv_heads + head) * BLOCK_UNITS;
  store_unit(block + k_unit(slots[t] % PAGE, unit * CELLS / 4u), pack_unit(source, unit, scale));
  if (FORMAT == 2u && unit == 0u) { pages[block * 4u + k_scale_word(slots[t] % PAGE)] = bitcast<u32>(scale); }
}

fn store_v(t: u32, head: u32, unit: u32) {
  let source = HeadCells(t, dims.heads + dims.kv_heads + head, 0u, 0u);
  let scale = scale_of_cells(2u * HALF, source);
  let block = (slots[t] / PAGE * dims.kv_heads + head) * BLOCK_UNITS;
  store_unit(block + v_unit(slots[t] % PAGE, unit * CELLS / 4u), pack_unit(source, unit, scale));
  if (FORMAT == 2u && unit == 0u) { pages[block * 4u + v_scale_word(slots[t] % PAGE)] = bitcast<u32>(scale); }
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let t = id.y;
  let pairs = dims.heads * HALF;
  let units = dims.kv_heads * HEAD_UNITS;
  if (id.x < pairs) {
    let source = HeadCells(t, id.x / HALF, positions[t], TURNED);
    let first = (t * dims.heads + source.head) * 2u * HALF + id.x % HALF;
    q[first] = cells_of(source, id.x % HALF);
    q[first + HALF] = cells_of(source, id.x % HALF + HALF);
    return;
  }
  let i = id.x - pairs;
  if (slots[t] == NO_SLOT || i >= 2u * units) { return; }
  if (i < units) { store_k(t, i / HEAD_UNITS, i % HEAD_UNITS); }
  else { store_v(t, (i - units) / HEAD_UNITS, (i - units) % HEAD_UNITS); }
}
