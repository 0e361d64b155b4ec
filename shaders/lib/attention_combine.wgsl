// What partitions leave, and what folds them afterwards. Includes attention_item and attention_fold; the kernel declares y, partial
// and dims.partitions, and QUERIES comes from lib/attention.wgsl or lib/attention_quads.wgsl.

const FOLDS: u32 = 8u; // partitions whose loads are under way, in fold_ahead

fn partial_at(item_index: u32, p: u32, i: u32) -> u32 {
  return (((item_index * dims.kv_heads + kv_head) * dims.partitions + p) * QUERIES + i) * (D4 + 1u);
}

fn store_folded(i: u32, d4: u32, total: Folded) { y[head_of(i) * D4 + d4] = total.value / total.sum; }

// Vec4 d4 of query i, out of all its partitions.
fn fold_partitions(item_index: u32, i: u32, d4: u32) {
  let last = item.w + item.y - 1u;
  var total = Folded(LOWEST, 0.0, vec4f());
  for (var p = 0u; p * PARTITION <= last; p++) {
    let from_part = partial_at(item_index, p, i);
    let head = partial[from_part + D4];
    total = fold(total, head.x, head.y, partial[from_part + d4]);
  }
  store_folded(i, d4, total);
}

// The same, FOLDS partitions' loads before the first is folded.
fn fold_ahead(item_index: u32, i: u32, d4: u32) {
  let parts = (item.w + item.y - 1u) / PARTITION + 1u;
  var total = Folded(LOWEST, 0.0, vec4f());
  for (var p = 0u; p < parts; p += FOLDS) {
    var head: array<vec4f, FOLDS>;
    var part: array<vec4f, FOLDS>;
    for (var n = 0u; n < FOLDS; n++) {
      let from_part = partial_at(item_index, min(p + n, parts - 1u), i);
      head[n] = partial[from_part + D4];
      part[n] = partial[from_part + d4];
    }
    for (var n = 0u; n < FOLDS; n++) {
      if (p + n < parts) { total = fold(total, head[n].x, head[n].y, part[n]); }
    }
  }
  store_folded(i, d4, total);
}
