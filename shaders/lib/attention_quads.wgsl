// Queries by fours, for workgroups of LANES lanes that take TILES tiles of keys at once: four queries make a vec4, so that one read of
// workgroup memory serves all four. What attention_wide and attention_units share: queries, what a tile's scores leave for V, and the
// tiles' peaks.
//
// The kernel declares HEAD_DIM, GROUP, ROWS, PAGE, FORMAT, LANES, TILES, UNITS, AHEAD (LANES / TILES of 16 to 64), includes
// weights, unpack, kv_page, attention_item and attention_fold, and defines
//   block_of(key) -> u32      first unit of the block that holds a key's page and head
//   page_unit(i) -> vec4u     unit i of the pages
//   page_word(i, w) -> u32    word w of that unit

const QUERIES: u32 = ROWS * GROUP;
const QUADS: u32 = (QUERIES + 3u) / 4u;
const CHUNK: u32 = TILES * KEYS;
const SHARE: u32 = LANES / TILES; // lanes a tile
const OWN: u32 = KEYS / SHARE; // keys a lane

var<workgroup> queries: array<vec4f, HEAD_DIM * QUADS>; // [d][quad] of 4 queries: 16 B · HEAD_DIM · QUADS
var<workgroup> tops: array<vec4f, LANES * QUADS>; // [lane][quad] largest score of the lane's keys
var<workgroup> peaks: array<vec4f, TILES * QUADS>; // [tile][quad] largest score of a tile
var<workgroup> blocks: array<u32, CHUNK>; // [key]
var<workgroup> scales: array<f32, select(1u, CHUNK, FORMAT == 2u)>; // [key] of V

// One lane's registers. Kept private instead of being passed: some compilers copy an array cell by cell.
var<private> s: array<vec4f, OWN * QUADS>; // scores of this lane's keys

fn stage_queries(lane: u32) {
  for (var i = lane; i < QUADS * D4; i += LANES) {
    let quad = i / D4;
    let d4 = i % D4;
    let cells = transpose(mat4x4f(query_or_none(quad * 4u, d4), query_or_none(quad * 4u + 1u, d4),
                                  query_or_none(quad * 4u + 2u, d4), query_or_none(quad * 4u + 3u, d4)));
    let out = d4 * 4u * QUADS + quad;
    queries[out] = cells[0];
    queries[out + QUADS] = cells[1];
    queries[out + 2u * QUADS] = cells[2];
    queries[out + 3u * QUADS] = cells[3];
  }
  workgroupBarrier();
}

fn query_or_none(q: u32, d4: u32) -> vec4f {
  if (q >= QUERIES) { return vec4f(); }
  return query(q, d4);
}

fn pick(v: vec4f, c: u32) -> f32 { return select(select(v.x, v.y, c == 1u), select(v.z, v.w, c == 3u), c >= 2u); }

// Last key that each query of a quad sees.
fn limits(position: u32, quad: u32) -> vec4u { return position + (quad * 4u + vec4u(0u, 1u, 2u, 3u)) / GROUP; }

// The largest score of each of the first `tiles` tiles, to `peaks`. All lanes must call it.
fn find_peaks(lane: u32, tiles: u32) {
  for (var quad = 0u; quad < QUADS; quad++) {
    var most = s[quad];
    for (var k = 1u; k < OWN; k++) { most = max(most, s[k * QUADS + quad]); }
    tops[lane * QUADS + quad] = most;
  }
  workgroupBarrier();
  if (lane < tiles * QUADS) {
    let from_top = lane / QUADS * SHARE * QUADS + lane % QUADS;
    var most = tops[from_top];
    for (var i = 1u; i < SHARE; i++) { most = max(most, tops[from_top + i * QUADS]); }
    peaks[lane] = most;
  }
  workgroupBarrier();
}

// exp(s − peak) of this lane's keys (key, key + SHARE …) of one quad, to `shared4`.
fn share_quad(key: u32, slot: u32, quad: u32, now: vec4f, position: u32) {
  for (var k = 0u; k < OWN; k++) {
    let hidden = vec4u(key + k * SHARE) > limits(position, quad);
    shared4[(slot + k * SHARE) * QUADS + quad] = select(exp(s[k * QUADS + quad] - now), vec4f(), hidden);
  }
}
