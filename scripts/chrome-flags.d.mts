export const swiftShader: readonly string[];
export const linuxGpu: readonly string[];
export const headlessLinuxGpu: readonly string[];
