// Owns buffers: every one has a label and an owner, and disposing a scope frees all it holds. What would
// not fit is refused here, before the driver sees it.

import type { Failure, Result } from '../core/result.ts';
import { err, failure, ok } from '../core/result.ts';
import type { Gpu } from './device.ts';
import { type DeviceFailure, watchErrors } from './error-scopes.ts';
import { usage } from './usage.ts';

export type AllocationFailure = Failure<'over-limit' | 'over-budget'>;

const mib = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

const storage = usage.storage | usage.copyDst | usage.copySrc;
const uniform = usage.uniform | usage.copyDst;

/** Bytes that a buffer of `size` is given. */
export const allocatedBytes = (size: number): number => Math.max(16, Math.ceil(size / 4) * 4);

/** Bytes that one storage binding may have. */
export const largestStorage = (limits: GPUSupportedLimits): number =>
  Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize);

export class Scope {
  readonly #owned = new Map<GPUBuffer, number>();
  readonly gpu: Gpu;
  readonly label: string;

  constructor(gpu: Gpu, label: string) {
    this.gpu = gpu;
    this.label = label;
  }

  /** Bytes of the buffers that this scope holds now. */
  get liveBytes(): number {
    let sum = 0;
    for (const size of this.#owned.values()) sum += size;
    return sum;
  }

  /** A buffer of `size` bytes (rounded up to 4), refused when it passes a limit or the cap. Whether memory was left is told later (`fill`). */
  buffer(label: string, size: number, flags: number): Result<GPUBuffer, AllocationFailure> {
    const { device, memory, cap } = this.gpu;
    const bytes = allocatedBytes(size);
    const name = `${this.label}/${label}`;
    const most = flags & usage.storage ? largestStorage(device.limits) : device.limits.maxBufferSize;
    if (bytes > most) {
      return err(
        failure(
          'over-limit',
          `${name} needs ${mib(bytes)}; this device allows ${mib(most)} a buffer.`,
          'Choose a smaller shape.',
        ),
      );
    }
    if (memory.live + bytes > cap) {
      return err(
        failure(
          'over-budget',
          `${name} needs ${mib(bytes)}; ${mib(cap - memory.live)} are left of the ${mib(cap)} that Lockstep takes at most.`,
          'Choose a smaller shape, or free what is loaded.',
        ),
      );
    }
    const buffer = device.createBuffer({ label: name, size: bytes, usage: flags });
    this.#owned.set(buffer, bytes);
    memory.live += bytes;
    return ok(buffer);
  }

  /** A storage buffer that can be copied from and to. */
  storage(label: string, size: number): Result<GPUBuffer, AllocationFailure> {
    return this.buffer(label, size, storage);
  }

  /** A storage buffer that holds `data`. */
  upload(label: string, data: ArrayBuffer): Result<GPUBuffer, AllocationFailure> {
    const made = this.storage(label, data.byteLength);
    if (made.ok) this.gpu.device.queue.writeBuffer(made.value, 0, data);
    return made;
  }

  /** A uniform buffer that holds `data`. */
  uniform(label: string, data: ArrayBuffer): Result<GPUBuffer, AllocationFailure> {
    const made = this.buffer(label, data.byteLength, uniform);
    if (made.ok && data.byteLength > 0) this.gpu.device.queue.writeBuffer(made.value, 0, data);
    return made;
  }

  /** Frees one buffer of this scope. */
  free(buffer: GPUBuffer): void {
    const size = this.#owned.get(buffer);
    if (size === undefined) return;
    this.#owned.delete(buffer);
    this.gpu.memory.live -= size;
    buffer.destroy();
  }

  /** Frees everything. The scope may be used again. */
  dispose(): void {
    for (const buffer of [...this.#owned.keys()]) this.free(buffer);
  }

  /** Runs `body` to fill `scope`, which is freed unless that succeeds; what the device says against it is a failure. */
  static async fill<T, E>(
    scope: Scope,
    body: () => Promise<Result<T, E>>,
  ): Promise<Result<T, E | DeviceFailure>> {
    let filled = false;
    try {
      const made = await watchErrors(scope.gpu.device, scope.label, body);
      filled = made.ok;
      return made;
    } finally {
      if (!filled) scope.dispose();
    }
  }

  /** Runs `body` with a scope of its own, freed at the end however it ends. */
  static async with<T>(gpu: Gpu, label: string, body: (scope: Scope) => Promise<T>): Promise<T> {
    const scope = new Scope(gpu, label);
    try {
      return await body(scope);
    } finally {
      scope.dispose();
    }
  }
}
