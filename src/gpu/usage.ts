// WebGPU's flags by name (https://www.w3.org/TR/webgpu/#namespacedef-gpubufferusage). Browsers have them as globals, but Node does
// not, and modules that name them are also loaded by tests that run there; a kernel test holds these against the browser's.

/** As GPUBufferUsage. */
export const usage = {
  mapRead: 0x1,
  copySrc: 0x4,
  copyDst: 0x8,
  uniform: 0x40,
  storage: 0x80,
  queryResolve: 0x200,
} as const;

/** GPUMapMode.READ. */
export const mapRead = 0x1;

/** GPUShaderStage.COMPUTE. */
export const computeStage = 0x4;
