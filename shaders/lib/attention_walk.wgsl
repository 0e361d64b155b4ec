// An item's partitions one after another, by one workgroup. Includes attention or attention_wide, attention_item and
// attention_fold; the kernel declares y.

var<private> totals: array<Folded, PARTS>;

fn walk(group: vec3u, lane: u32) {
  let here = take_item(group);
  stage_queries(lane);
  let last = here.w + here.y - 1u;
  for (var i = 0u; i < PARTS; i++) { totals[i] = Folded(LOWEST, 0.0, vec4f()); }
  for (var first = 0u; first <= last; first += PARTITION) {
    attend(lane, first, here.w, last);
    for (var i = 0u; i < PARTS; i++) { totals[i] = fold(totals[i], part_peak[i], part_sum[i], part_value[i]); }
  }
  for (var i = 0u; i < PARTS; i++) {
    let at = place_of(lane, i);
    if (at.x < here.y * GROUP) { y[head_of(at.x) * D4 + at.y] = totals[i].value / totals[i].sum; }
  }
}
