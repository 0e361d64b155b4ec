// @title Gather
// @change One invocation copies four cells of one token's row.
// @why Nothing is computed: neighbouring lanes read neighbouring units, and that is all there is.
// @result not measured on a GPU yet
// @reduction none
// @lib weights unpack
// @pass main [ceil(width / 256), t]

struct Dims { t: u32, width: u32, first: u32, rows: u32, groups: u32, group: u32 }

@group(0) @binding(0) var<storage, read> tokens: array<u32>; // [t] ids, used where source is 0
@group(0) @binding(1) var<storage, read> source: array<u32>; // [t] 0, or 1 + the sample slot that holds the id
@group(0) @binding(2) var<storage, read> sampled: array<u32>; // [slots] ids that never left the GPU
@group(0) @binding(3) var<storage, read> table: array<vec4u>; // [rows, units] rows `first` … of the embedding
@group(0) @binding(4) var<storage, read> scales: array<f32>; // [rows, groups] i8 only
@group(0) @binding(5) var<storage, read_write> y: array<vec4f>; // [t, width / 4]
@group(1) @binding(0) var<uniform> dims: Dims;

const FORMAT: u32 = 0u; // @dim format

fn token_id(t: u32) -> u32 {
  if (source[t] == 0u) { return tokens[t]; }
  return sampled[source[t] - 1u];
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let i = id.x;
  let t = id.y;
  let width4 = (dims.width + 3u) / 4u;
  if (i >= width4 || t >= dims.t) { return; }
  let row = token_id(t) - dims.first; // wraps far past rows for ids of another part of a split table
  if (row >= dims.rows) { return; }
  let units = (dims.width + CELLS - 1u) / CELLS;
  var cells = unpack_cells(table[row * units + i * 4u / CELLS], i);
  if (FORMAT == 2u) { cells *= scales[row * dims.groups + i * 4u / dims.group]; }
  y[t * width4 + i] = cells;
}
