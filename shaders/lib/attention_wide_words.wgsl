// V for lib/attention_wide.wgsl, a lane four cells of a key: of a packed unit it loads only the words that it adds.

// What load_v leaves packed: of a unit only the words that hold vec4 number d4, in front.
fn load_v(unit: u32, d4: u32) -> vec4u {
  if (FORMAT == 0u) { return page_unit(unit); }
  if (FORMAT == 1u) {
    let w = 2u * (d4 & 1u);
    return vec4u(page_word(unit, w), page_word(unit, w + 1u), 0u, 0u);
  }
  return vec4u(page_word(unit, d4 & 3u), 0u, 0u, 0u);
}

fn add_key(slot: u32, task: u32, packed: vec4u) {
  var v = unpack_cells(packed, 0u); // load_v put the words in front
  if (FORMAT == 2u) { v *= scales[slot]; }
  for (var quad = 0u; quad < QUADS; quad++) {
    let p = shared4[slot * QUADS + quad];
    let at = task * QUADS + quad;
    sum[at] += p;
    value[at * 4u] = fma(vec4f(p.x), v, value[at * 4u]);
    value[at * 4u + 1u] = fma(vec4f(p.y), v, value[at * 4u + 1u]);
    value[at * 4u + 2u] = fma(vec4f(p.z), v, value[at * 4u + 2u]);
    value[at * 4u + 3u] = fma(vec4f(p.w), v, value[at * 4u + 3u]);
  }
}
