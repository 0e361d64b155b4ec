// @title Page walk
// @change A workgroup takes up to item_tokens consecutive tokens of one sequence and the query heads that share
// a KV head, and walks the sequence's pages: block table, page, unit. Scores and probabilities stay in
// workgroup memory, and each K and V is read once for all its queries.
// @why One launch serves decodes and prefill chunks of any mix of lengths; nothing is gathered or padded.
// @result on SwiftShader (a CPU), 8 sequences of 256 keys, one head of 32 for two: 1.00 to 1.01 times the time of
// contiguous_attention/01_walk; not measured on a GPU yet
// @reduction tile64-part512
// @lib weights kv_page attention attention_fold
// @pass main [items, kv_heads]

struct Dims { heads: u32, kv_heads: u32, width: u32 }

@group(0) @binding(0) var<storage, read> q: array<vec4f>; // [t, heads, head_dim / 4]
@group(0) @binding(1) var<storage, read> pages: array<vec4u>; // [pages, kv_heads, BLOCK_UNITS]
@group(0) @binding(2) var<storage, read> tables: array<u32>; // [rows, width] page ids
@group(0) @binding(3) var<storage, read> items: array<vec4u>; // [items] first token, tokens, table row, position
@group(0) @binding(4) var<storage, read_write> y: array<vec4f>; // [t, heads, head_dim / 4]
@group(1) @binding(0) var<uniform> dims: Dims;

const HEAD_DIM: u32 = 64u; // @dim head_dim
const GROUP: u32 = 2u; // @dim group
const PAGE: u32 = 16u; // @dim page
const FORMAT: u32 = 0u; // @dim format
const ROWS: u32 = 1u; // @dim item_tokens

var<private> item: vec4u;
var<private> kv_head: u32;
var<private> totals: array<Folded, QUERIES>;

fn query(i: u32, d4: u32) -> vec4f {
  if (i / GROUP >= item.y) { return vec4f(); }
  let scale = 1.0 / sqrt(f32(HEAD_DIM));
  return q[((item.x + i / GROUP) * dims.heads + kv_head * GROUP + i % GROUP) * D4 + d4] * scale;
}

fn block_of(key: u32) -> u32 {
  return (tables[item.z * dims.width + key / PAGE] * dims.kv_heads + kv_head) * BLOCK_UNITS;
}

fn page_unit(i: u32) -> vec4u { return pages[i]; }

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let here = items[group.x];
  item = here; // for the loads; control flow uses `here`, which the compiler knows to be uniform
  kv_head = group.y;
  stage_queries(lane);
  let last = here.w + here.y - 1u;
  for (var i = 0u; i < QUERIES; i++) { totals[i] = Folded(LOWEST, 0.0, vec4f()); }
  for (var first = 0u; first <= last; first += PARTITION) {
    attend(lane, first, here.w, last);
    for (var i = 0u; i < QUERIES; i++) { totals[i] = fold(totals[i], peak[i], part_sum[i], part_value[i]); }
  }
  for (var i = 0u; i < item.y * GROUP; i++) {
    if (lane < D4) {
      let head = (item.x + i / GROUP) * dims.heads + kv_head * GROUP + i % GROUP;
      y[head * D4 + lane] = totals[i].value / totals[i].sum;
    }
  }
}
