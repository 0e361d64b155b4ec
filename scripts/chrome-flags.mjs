// Chrome's flags for WebGPU, for whoever starts one: npm start, the bench commands, the tests.

/**
 * SwiftShader, a CPU. Where it is asked through Vulkan to zero workgroup memory, compiling takes longer the more of it a kernel
 * has: linear's columns kernel took 4.9 s, and 0.7 s with Dawn's own zeroing loop (Chromium 156, on a busy machine).
 */
export const swiftShader = [
  '--use-webgpu-adapter=swiftshader',
  '--disable-dawn-features=use_vulkan_zero_initialize_workgroup_memory_extension',
];

/**
 * Linux gives a GPU's WebGPU only behind Vulkan, and Dawn offers no shader-f16 on NVIDIA's driver without asking (seen with
 * Chromium 156 and driver 580 on an H200, which has it). What it computes is checked against the references like everything else.
 */
export const linuxGpu = ['--enable-features=Vulkan', '--enable-dawn-features=vulkan_enable_f16_on_nvidia'];

/** A GPU without a display. */
export const headlessLinuxGpu = [...linuxGpu, '--use-angle=vulkan', '--disable-vulkan-surface'];
