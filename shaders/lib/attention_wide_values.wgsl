// V for lib/attention_wide.wgsl and lib/attention_units.wgsl: adds p · v and p of a tile's keys to `value` and `sum`, AHEAD keys under
// way. What a lane takes of a key is attention_wide_words' or attention_units':
//   load_v(unit, d4) -> vec4u       packed, of the unit that holds vec4 number d4
//   add_key(slot, task, packed)     adds it

// Packed V of key i of the AHEAD keys from `slot` on, the first of which is token t of its page; key `left` past that one.
fn load_key(slot: u32, t: u32, left: u32, i: u32, d4: u32) -> vec4u {
  let k = min(i, left);
  if (PAGE >= AHEAD) { return load_v(blocks[slot] + v_unit(t, d4) + k * HEAD_UNITS, d4); } // all are in one page
  return load_v(blocks[slot + i] + v_unit(k % PAGE, d4), d4); // a page begins with the first
}

// V of one quarter of a tile of the chunk, from d4 on, behind what `value` and `sum` hold already.
fn add_values(tile: u32, first: u32, last: u32, task: u32, quarter: u32, d4: u32) {
  for (var j = quarter * 16u; j < quarter * 16u + 16u; j += AHEAD) {
    if (first + j > last) { break; }
    let slot = tile * KEYS + j;
    let t = (first + j) % PAGE;
    let left = last - (first + j);
    // as in score_keys: loads first, each in a name of its own
    let v0 = load_key(slot, t, left, 0u, d4);
    let v1 = load_key(slot, t, left, 1u, d4);
    let v2 = load_key(slot, t, left, 2u, d4);
    let v3 = load_key(slot, t, left, 3u, d4);
    var v4: vec4u;
    var v5: vec4u;
    var v6: vec4u;
    var v7: vec4u;
    var v8: vec4u;
    var v9: vec4u;
    var v10: vec4u;
    var v11: vec4u;
    var v12: vec4u;
    var v13: vec4u;
    var v14: vec4u;
    var v15: vec4u;
    if (AHEAD > 4u) {
      v4 = load_key(slot, t, left, 4u, d4);
      v5 = load_key(slot, t, left, 5u, d4);
      v6 = load_key(slot, t, left, 6u, d4);
      v7 = load_key(slot, t, left, 7u, d4);
    }
    if (AHEAD > 8u) {
      v8 = load_key(slot, t, left, 8u, d4);
      v9 = load_key(slot, t, left, 9u, d4);
      v10 = load_key(slot, t, left, 10u, d4);
      v11 = load_key(slot, t, left, 11u, d4);
      v12 = load_key(slot, t, left, 12u, d4);
      v13 = load_key(slot, t, left, 13u, d4);
      v14 = load_key(slot, t, left, 14u, d4);
      v15 = load_key(slot, t, left, 15u, d4);
    }
    add_key(slot + 0u, task, v0);
    add_key(slot + 1u, task, v1);
    add_key(slot + 2u, task, v2);
    add_key(slot + 3u, task, v3);
    if (AHEAD > 4u) {
      add_key(slot + 4u, task, v4);
      add_key(slot + 5u, task, v5);
      add_key(slot + 6u, task, v6);
      add_key(slot + 7u, task, v7);
    }
    if (AHEAD > 8u) {
      add_key(slot + 8u, task, v8);
      add_key(slot + 9u, task, v9);
      add_key(slot + 10u, task, v10);
      add_key(slot + 11u, task, v11);
      add_key(slot + 12u, task, v12);
      add_key(slot + 13u, task, v13);
      add_key(slot + 14u, task, v14);
      add_key(slot + 15u, task, v15);
    }
  }
}
