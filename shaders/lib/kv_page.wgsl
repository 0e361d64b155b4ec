// How K and V lie in a page: for each KV head a block of 16-byte units, K as [unit][token], V as [token][unit],
// then (i8) one f32 scale a token for K and for V. K is laid out for lanes that hold neighbouring tokens, V for
// lanes along the head. The kernel declares FORMAT, HEAD_DIM and PAGE and includes lib/weights.wgsl; the
// host's side is src/kernels/packing.ts.

const D4: u32 = HEAD_DIM / 4u; // vec4s of a head
const HEAD_UNITS: u32 = HEAD_DIM / CELLS;
const SCALE_UNITS: u32 = select(0u, PAGE / 2u, FORMAT == 2u);
const BLOCK_UNITS: u32 = 2u * PAGE * HEAD_UNITS + SCALE_UNITS;

// Unit that holds vec4 number d4 of token t, from the start of the head's block.
fn k_unit(t: u32, d4: u32) -> u32 { return d4 * 4u / CELLS * PAGE + t; }
fn v_unit(t: u32, d4: u32) -> u32 { return PAGE * HEAD_UNITS + t * HEAD_UNITS + d4 * 4u / CELLS; }
// Word that holds the scale of token t, from the start of the block.
fn k_scale_word(t: u32) -> u32 { return 8u * PAGE * HEAD_UNITS + t; }
fn v_scale_word(t: u32) -> u32 { return 8u * PAGE * HEAD_UNITS + PAGE + t; }
