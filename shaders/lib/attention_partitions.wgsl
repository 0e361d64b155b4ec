// An item's partitions, a workgroup each. Includes attention or attention_wide, attention_item and attention_combine; the kernel
// declares partial.

// Partition group.z of item group.x, to `partial`.
fn attend_partition(group: vec3u, lane: u32) {
  let here = take_item(group);
  let last = here.w + here.y - 1u;
  let first = group.z * PARTITION;
  if (first > last) { return; }
  stage_queries(lane);
  attend(lane, first, here.w, last);
  for (var i = 0u; i < PARTS; i++) {
    let at = place_of(lane, i);
    if (at.x < QUERIES) {
      let out = partial_at(group.x, group.z, at.x);
      partial[out + at.y] = part_value[i];
      if (at.y == 0u) { partial[out + D4] = vec4f(part_peak[i], part_sum[i], 0.0, 0.0); }
    }
  }
}
