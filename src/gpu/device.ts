// Opens the adapter and the device, with every feature and limit that the adapter has. Says in one of
// a few named failures why there is none. Recovery after a loss is the worker's: it opens a new one.

import type { Failure, Result } from '../core/result.ts';
import { err, failure, ok } from '../core/result.ts';

export type OpenFailure = Failure<'insecure-origin' | 'no-webgpu' | 'no-adapter' | 'device-refused'>;

export interface OpenOptions {
  /** `swiftshader` asks for the fallback adapter; `hardware` refuses one. */
  readonly want: 'auto' | 'hardware' | 'swiftshader';
  readonly power?: GPUPowerPreference;
}

export interface Gpu {
  readonly device: GPUDevice;
  readonly info: GPUAdapterInfo;
  /** True for a CPU adapter such as SwiftShader: its figures are never a GPU's. */
  readonly fallback: boolean;
  /** Bytes that all scopes together may hold: `caps`, not what the device has. */
  readonly cap: number;
  /** Live bytes of all scopes. */
  readonly memory: { live: number };
}

const wanted = ['timestamp-query', 'shader-f16', 'subgroups'] as const;

const limits = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupSizeY',
  'maxComputeWorkgroupSizeZ',
  'maxStorageBuffersPerShaderStage',
] as const;

/**
 * Bytes that Lockstep takes at most, so that a mistake does not fill a machine. WebGPU does not tell how much memory a device has: less
 * than this may be too much for it, which error-scopes.ts reports.
 */
const caps = { gpu: 16 * 2 ** 30, cpu: 2 * 2 ** 30 };

const isFallback = (info: GPUAdapterInfo): boolean =>
  info.isFallbackAdapter === true ||
  /swiftshader|llvmpipe|basic render/i.test(`${info.architecture} ${info.device} ${info.description}`);

/** Opens a device. Never throws for what a user's machine may lack. */
export async function openGpu(options: OpenOptions): Promise<Result<Gpu, OpenFailure>> {
  if (!globalThis.isSecureContext) {
    return err(
      failure(
        'insecure-origin',
        'WebGPU is only given to https pages and to localhost.',
        'Open this page through https://, or on http://localhost.',
      ),
    );
  }
  if (!('gpu' in navigator) || !navigator.gpu) {
    return err(
      failure(
        'no-webgpu',
        'This browser has no WebGPU.',
        'Use a current Chrome or Edge (tested: 156); on Linux, start it with --enable-unsafe-webgpu --enable-features=Vulkan.',
      ),
    );
  }
  const adapter = await navigator.gpu.requestAdapter({
    forceFallbackAdapter: options.want === 'swiftshader',
    ...(options.power && { powerPreference: options.power }),
  });
  if (!adapter || (options.want === 'hardware' && isFallback(adapter.info))) {
    return err(
      failure(
        'no-adapter',
        adapter
          ? `The only adapter is ${adapter.info.architecture || 'a fallback'}, which runs on the CPU.`
          : 'The browser found no GPU adapter.',
        'Look at chrome://gpu: switch on hardware acceleration in Settings → System, update the driver, or start Chrome with --ignore-gpu-blocklist.',
      ),
    );
  }
  const requiredLimits = Object.fromEntries(limits.map((name) => [name, adapter.limits[name]]));
  try {
    const device = await adapter.requestDevice({
      label: 'lockstep',
      requiredFeatures: wanted.filter((feature) => adapter.features.has(feature)),
      requiredLimits,
    });
    const fallback = isFallback(adapter.info);
    return ok({
      device,
      info: adapter.info,
      fallback,
      cap: fallback ? caps.cpu : caps.gpu,
      memory: { live: 0 },
    });
  } catch (error) {
    return err(
      failure(
        'device-refused',
        `The adapter refused a device: ${String(error)}.`,
        'Reload the page; if it stays so, restart the browser.',
      ),
    );
  }
}
