// @title Wide partitions
// @change As the partitions, with the tiles of the wide walk; folding loads several partitions before it folds the first.
// @why A few sequences keep every multiprocessor busy, each with many loads under way.
// @result on an H200, 8×32768 f32: 0.281 ms cold, 90 % of the read bandwidth (f16 77 %; int8 33 %, by unpacking)
// @reduction tile64-part512
// @lib weights unpack kv_page attention_wide attention_fold
// @scratch partial f32 [items, kv_heads, partitions, item_tokens * group * (head_dim + 4)]
// @pass partials [items, kv_heads, partitions]
// @pass combine [items, kv_heads, ceil(item_tokens * group * head_dim / 256)]
// @require LANES / TILES >= 16
// @require LANES / TILES <= 64
// @for partitions > 1

struct Dims { heads: u32, kv_heads: u32, width: u32, partitions: u32 }

@group(0) @binding(0) var<storage, read> q: array<vec4f>; // [t, heads, head_dim / 4]
@group(0) @binding(1) var<storage, read> pages: array<vec4u>; // [pages, kv_heads, BLOCK_UNITS]
@group(0) @binding(2) var<storage, read> tables: array<u32>; // [rows, width] page ids
@group(0) @binding(3) var<storage, read> items: array<vec4u>; // [items] first token, tokens, table row, position
@group(0) @binding(4) var<storage, read_write> y: array<vec4f>; // [t, heads, head_dim / 4]
@group(0) @binding(5) var<storage, read_write> partial: array<vec4f>; // [items, kv_heads, partitions, queries, D4 + 1]
@group(1) @binding(0) var<uniform> dims: Dims;

const HEAD_DIM: u32 = 64u; // @dim head_dim
const GROUP: u32 = 2u; // @dim group
const PAGE: u32 = 16u; // @dim page
const FORMAT: u32 = 0u; // @dim format
const ROWS: u32 = 1u; // @dim item_tokens
const LANES: u32 = 64u; // @param 64 128 256
const TILES: u32 = 4u; // @param 2 4 8
const UNITS: u32 = 4u; // @param 2 4
const AHEAD: u32 = 16u; // @param 4 8 16
const FOLDS: u32 = 8u; // partitions whose loads are under way

var<private> item: vec4u;
var<private> kv_head: u32;

fn query(i: u32, d4: u32) -> vec4f {
  if (i / GROUP >= item.y) { return vec4f(); }
  let scale = 1.0 / sqrt(f32(HEAD_DIM));
  return q[((item.x + i / GROUP) * dims.heads + kv_head * GROUP + i % GROUP) * D4 + d4] * scale;
}

fn block_of(key: u32) -> u32 {
  return (tables[item.z * dims.width + key / PAGE] * dims.kv_heads + kv_head) * BLOCK_UNITS;
}

fn page_unit(i: u32) -> vec4u { return pages[i]; }
fn page_word(i: u32, w: u32) -> u32 { return pages[i][w]; }

fn partial_at(item_index: u32, p: u32, i: u32) -> u32 {
  return (((item_index * dims.kv_heads + kv_head) * dims.partitions + p) * QUERIES + i) * (D4 + 1u);
}

@compute @workgroup_size(LANES)
fn partials(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let here = items[group.x];
  item = here; // for the loads; control flow uses `here`, which the compiler knows to be uniform
  kv_head = group.y;
  let last = here.w + here.y - 1u;
  let first = group.z * PARTITION;
  if (first > last) { return; }
  stage_queries(lane);
  attend(lane, first, here.w, last);
  for (var i = 0u; i < TASKS * QUADS; i++) {
    let n = lane + i / QUADS * LANES;
    let query = i % QUADS * 4u + n / D4;
    if (n < 4u * D4 && query < QUERIES) {
      let out = partial_at(group.x, group.z, query);
      partial[out + n % D4] = part_value[i];
      if (n % D4 == 0u) { partial[out + D4] = vec4f(part_peak[i], part_sum[i], 0.0, 0.0); }
    }
  }
}

@compute @workgroup_size(64)
fn combine(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let here = items[group.x];
  item = here;
  kv_head = group.y;
  let parts = (here.w + here.y - 1u) / PARTITION + 1u;
  let task = group.z * 64u + lane;
  if (task >= here.y * GROUP * D4) { return; }
  let i = task / D4;
  let d4 = task % D4;
  var total = Folded(LOWEST, 0.0, vec4f());
  for (var p = 0u; p < parts; p += FOLDS) {
    // loads first, many under way at once
    var head: array<vec4f, FOLDS>;
    var part: array<vec4f, FOLDS>;
    for (var n = 0u; n < FOLDS; n++) {
      let from_part = partial_at(group.x, min(p + n, parts - 1u), i);
      head[n] = partial[from_part + D4];
      part[n] = partial[from_part + d4];
    }
    for (var n = 0u; n < FOLDS; n++) {
      if (p + n < parts) { total = fold(total, head[n].x, head[n].y, part[n]); }
    }
  }
  let out = (item.x + i / GROUP) * dims.heads + kv_head * GROUP + i % GROUP;
  y[out * D4 + d4] = total.value / total.sum;
}
