// The capability report: what this device is, in the words that go into every result.

import type { DeviceReport } from '../measure/schema.ts';
import type { Gpu } from './device.ts';

const reported = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupsPerDimension',
  'maxStorageBuffersPerShaderStage',
] as const satisfies readonly (keyof GPUSupportedLimits)[];

interface Brands {
  readonly userAgentData?: {
    readonly brands: readonly { readonly brand: string; readonly version: string }[];
  };
}

/** `Chrome 142.0.7444.60`, from the user agent's full version where the browser still tells it. */
function browserName(): string {
  const agent = navigator.userAgent;
  const brands = (navigator as Navigator & Brands).userAgentData?.brands ?? [];
  const brand =
    brands.find((b) => !/not.?a.?brand|chromium/i.test(b.brand))?.brand ??
    brands.find((b) => b.brand === 'Chromium')?.brand;
  const match = /(?:Headless)?(Chrome|Firefox|Version)\/([\d.]+)/.exec(agent);
  return `${brand ?? (match?.[1] === 'Version' ? 'Safari' : (match?.[1] ?? 'unknown browser'))} ${match?.[2] ?? ''}`.trim();
}

/** Describes the device; `quantumNs` comes from detectQuantum (timing.ts). */
export function describe(gpu: Gpu, quantumNs: number | null): DeviceReport {
  const { device, info, fallback } = gpu;
  const hasSubgroups = device.features.has('subgroups');
  return {
    vendor: info.vendor,
    architecture: info.architecture,
    device: info.device,
    description: info.description,
    fallback,
    browser: browserName(),
    platform: /\(([^)]*)\)/.exec(navigator.userAgent)?.[1] ?? '',
    flags: [],
    features: [...device.features].sort(),
    wgslFeatures: [...navigator.gpu.wgslLanguageFeatures].sort(),
    limits: Object.fromEntries(reported.map((name) => [name, device.limits[name] ?? 0])),
    subgroups: hasSubgroups ? { min: info.subgroupMinSize, max: info.subgroupMaxSize } : null,
    timestampQuantumNs: quantumNs,
    cores: navigator.hardwareConcurrency,
  };
}
