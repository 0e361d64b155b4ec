// @title vec4 reads of a tile
// @change Each of 256 invocations walks the tile, one vec4 behind its neighbour.
// @why Tiled kernels feed their multiply-adds from workgroup memory: this is how fast it can feed.
// @result shown beside the others; no bound is held against it
// @reduction none
// @pass main [lanes / 256]

struct Dims { lanes: u32, steps: u32 }

@group(0) @binding(0) var<storage, read_write> y: array<u32>; // [lanes]
@group(1) @binding(0) var<uniform> dims: Dims;

var<workgroup> tile: array<vec4u, 256>; // 4 KiB

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(local_invocation_index) l: u32) {
  tile[l] = vec4u(l) + vec4u(0u, 1u, 2u, 3u);
  workgroupBarrier();
  var a = vec4u();
  var b = vec4u();
  for (var s = 0u; s < dims.steps; s += 4u) {
    a += tile[(l + s) % 256u];
    b += tile[(l + s + 1u) % 256u];
    a += tile[(l + s + 2u) % 256u];
    b += tile[(l + s + 3u) % 256u];
  }
  let sum = a + b;
  y[id.x] = sum.x + sum.y + sum.z + sum.w;
}
