// The item of a workgroup: up to ROWS consecutive tokens of one sequence, and the GROUP query heads that share a KV head. The
// kernel declares q, items and dims, HEAD_DIM, GROUP, and includes lib/kv_page.wgsl.

var<private> item: vec4u; // first token, tokens, table row, position
var<private> kv_head: u32;

// Sets both, for the loads. Control flow uses what it returns, which the compiler knows to be uniform.
fn take_item(group: vec3u) -> vec4u {
  let here = items[group.x];
  item = here;
  kv_head = group.y;
  return here;
}

// Head of query i = row · GROUP + head, counted over all tokens.
fn head_of(i: u32) -> u32 { return (item.x + i / GROUP) * dims.heads + kv_head * GROUP + i % GROUP; }

// Vec4 d4 of a query, scaled; zero for rows past the last.
fn query(i: u32, d4: u32) -> vec4f {
  if (i / GROUP >= item.y) { return vec4f(); }
  let scale = 1.0 / sqrt(f32(HEAD_DIM));
  return q[head_of(i) * D4 + d4] * scale;
}
