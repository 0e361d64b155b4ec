// @title Workgroup a row
// @change 64 lanes make one row, a 16-byte unit each at a time; int8 rows find each group's largest value first.
// @why Weights of a billion parameters are made where they are used, in a blink and without a download.
// @result not a race: it runs once a load
// @reduction none
// @lib hash weights unpack
// @pass main [min(rows, 32768), ceil(rows / 32768)]

struct Dims { rows: u32, columns: u32, first: u32, group: u32, groups: u32, stream: u32, limit: f32 }

@group(0) @binding(0) var<storage, read_write> w: array<vec4u>; // [rows, units]
@group(0) @binding(1) var<storage, read_write> scales: array<f32>; // [rows, groups] i8 only
@group(1) @binding(0) var<uniform> dims: Dims;

const FORMAT: u32 = 0u; // @dim format

var<workgroup> peaks: array<f32, 64>; // 256 B

// Uniform in ±limit, the same number as seededCell in src/kernels/seeded.ts; zero past the row's end.
fn cell(row: u32, column: u32) -> f32 {
  if (column >= dims.columns) { return 0.0; }
  let index = (dims.first + row) * dims.columns + column;
  let u = f32(hash32(dims.stream ^ hash32(index)) >> 8u) / 16777216.0;
  return (u - 0.5) * dims.limit * 2.0;
}

fn cells(row: u32, i: u32) -> vec4f {
  return vec4f(cell(row, i * 4u), cell(row, i * 4u + 1u), cell(row, i * 4u + 2u), cell(row, i * 4u + 3u));
}

fn scale_of(lane: u32, row: u32, group: u32) -> f32 {
  var most = 0.0;
  let end = min((group + 1u) * dims.group, dims.columns);
  for (var c = group * dims.group + lane; c < end; c += 64u) { most = max(most, abs(cell(row, c))); }
  peaks[lane] = most;
  workgroupBarrier();
  if (lane < 8u) {
    for (var i = 1u; i < 8u; i++) { most = max(most, peaks[i * 8u + lane]); }
    peaks[lane] = most;
  }
  workgroupBarrier();
  for (var i = 0u; i < 8u; i++) { most = max(most, peaks[i]); }
  workgroupBarrier();
  return most / 127.0;
}

fn quantize(v: vec4f, scale: f32) -> u32 {
  if (scale == 0.0) { return 0u; }
  let q = vec4u(vec4i(clamp(round(v / scale), vec4f(-127.0), vec4f(127.0)))) & vec4u(255u);
  return q.x | (q.y << 8u) | (q.z << 16u) | (q.w << 24u);
}

fn half_words(v: vec4f) -> vec2u { return vec2u(pack2x16float(v.xy), pack2x16float(v.zw)); }

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = id.y * 32768u + id.x;
  if (row >= dims.rows) { return; }
  let units = (dims.columns + CELLS - 1u) / CELLS;
  if (FORMAT == 2u) {
    // a group is the row, or a multiple of 32 cells: whole units
    for (var group = 0u; group < dims.groups; group++) {
      let scale = scale_of(lane, row, group);
      if (lane == 0u) { scales[row * dims.groups + group] = scale; }
      let end = min(((group + 1u) * dims.group + 15u) / 16u, units);
      for (var u = group * dims.group / 16u + lane; u < end; u += 64u) {
        w[row * units + u] = vec4u(quantize(cells(row, 4u * u), scale), quantize(cells(row, 4u * u + 1u), scale),
                                   quantize(cells(row, 4u * u + 2u), scale), quantize(cells(row, 4u * u + 3u), scale));
      }
    }
    return;
  }
  for (var u = lane; u < units; u += 64u) {
    if (FORMAT == 0u) { w[row * units + u] = bitcast<vec4u>(cells(row, u)); }
    else { w[row * units + u] = vec4u(half_words(cells(row, 2u * u)), half_words(cells(row, 2u * u + 1u))); }
  }
}
