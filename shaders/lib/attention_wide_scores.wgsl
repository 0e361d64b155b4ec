// Scores for lib/attention_wide.wgsl and lib/attention_units.wgsl: q · k of a lane's OWN keys, UNITS units of each under way. They go to `s`; `blocks` and
// `scales` keep what V needs.

const CELLS4: u32 = CELLS / 4u;
const EVEN: u32 = select(1u, 2u, UNITS > 1u && HEAD_UNITS % 2u == 0u);
const STEP: u32 = select(EVEN, UNITS, HEAD_UNITS % UNITS == 0u); // units of K under way, a key: 1, 2 or 4

var<private> from_k: array<u32, OWN>; // first unit of each of a lane's keys

// One unit of each of a lane's keys; keys that a lane does not have stay zero.
struct Units { first: vec4u, second: vec4u, third: vec4u, fourth: vec4u }

fn units_of(u: u32) -> Units {
  var units: Units;
  units.first = page_unit(from_k[0] + u * PAGE);
  if (OWN > 1u) { units.second = page_unit(from_k[min(1u, OWN - 1u)] + u * PAGE); }
  if (OWN > 2u) {
    units.third = page_unit(from_k[min(2u, OWN - 1u)] + u * PAGE);
    units.fourth = page_unit(from_k[min(3u, OWN - 1u)] + u * PAGE);
  }
  return units;
}

fn score_units(u: u32, units: Units) {
  score_cells(u * CELLS4, units, 0u);
  if (CELLS4 > 1u) { score_cells(u * CELLS4 + 1u, units, 1u); }
  if (CELLS4 > 2u) {
    score_cells(u * CELLS4 + 2u, units, 2u);
    score_cells(u * CELLS4 + 3u, units, 3u);
  }
}

// Vec4 number d4 of the head, which is number i of the units.
fn score_cells(d4: u32, units: Units, i: u32) {
  for (var quad = 0u; quad < QUADS; quad++) {
    let at = d4 * 4u * QUADS + quad;
    let x = mat4x4f(queries[at], queries[at + QUADS], queries[at + 2u * QUADS], queries[at + 3u * QUADS]);
    score_key(quad, x, unpack_cells(units.first, i));
    if (OWN > 1u) { score_key(min(1u, OWN - 1u) * QUADS + quad, x, unpack_cells(units.second, i)); }
    if (OWN > 2u) {
      score_key(min(2u, OWN - 1u) * QUADS + quad, x, unpack_cells(units.third, i));
      score_key(min(3u, OWN - 1u) * QUADS + quad, x, unpack_cells(units.fourth, i));
    }
  }
}

fn score_key(at: u32, x: mat4x4f, k: vec4f) {
  s[at] = fma(x[3], vec4f(k.w), fma(x[2], vec4f(k.z), fma(x[1], vec4f(k.y), fma(x[0], vec4f(k.x), s[at]))));
}

// q · k of this lane's keys (first, first + SHARE …), in slots `slot` …, for every query. Keys past the last are read as the last.
fn score_keys(first: u32, slot: u32, position: u32, last: u32) {
  var scale: array<f32, OWN>;
  for (var k = 0u; k < OWN; k++) {
    let key = min(first + k * SHARE, last);
    let block = block_of(key);
    let t = key % PAGE;
    from_k[k] = block + t;
    blocks[slot + k * SHARE] = block;
    if (FORMAT == 2u) {
      let word = k_scale_word(t);
      scale[k] = bitcast<f32>(page_word(block + word / 4u, word % 4u));
      let word_v = v_scale_word(t);
      scales[slot + k * SHARE] = bitcast<f32>(page_word(block + word_v / 4u, word_v % 4u));
    }
  }
  for (var u = 0u; u < HEAD_UNITS; u += STEP) {
    // every load comes before the first sum, each in a name of its own: an array might end up in memory
    let a = units_of(u);
    var b: Units;
    var c: Units;
    var d: Units;
    if (STEP > 1u) { b = units_of(u + 1u); }
    if (STEP > 2u) {
      c = units_of(u + 2u);
      d = units_of(u + 3u);
    }
    score_units(u, a);
    if (STEP > 1u) { score_units(u + 1u, b); }
    if (STEP > 2u) {
      score_units(u + 2u, c);
      score_units(u + 3u, d);
    }
  }
  for (var quad = 0u; quad < QUADS; quad++) {
    for (var k = 0u; k < OWN; k++) {
      if (FORMAT == 2u) { s[k * QUADS + quad] *= scale[k]; }
      let hidden = vec4u(first + k * SHARE) > limits(position, quad);
      s[k * QUADS + quad] = select(s[k * QUADS + quad], vec4f(LOWEST), hidden);
    }
  }
}
