// The buffers that one step's columns travel in: one GPU buffer with a part for every column and for every role's
// uniform struct, of which what a step uses is written; and the ring of buffers that sampled ids are read back through.

import { ok, type Result } from '../core/result.ts';
import type { AllocationFailure, Scope } from '../gpu/scope.ts';
import { mapRead, usage } from '../gpu/usage.ts';
import type { FlatBatch } from './batch.ts';
import type { RuntimeOptions } from './contract.ts';

export const UNIFORM_SLOT = 256;
export const UNIFORM_SLOTS = 64;
const align = (bytes: number): number => Math.ceil(bytes / 256) * 256;

const names = ['tokens', 'source', 'positions', 'slots', 'items', 'pick', 'settings', 'uniforms'] as const;
export type ColumnName = (typeof names)[number];

/** Bytes of each column, in their order. */
function columnBytes(o: RuntimeOptions): readonly number[] {
  const t = o.maxTokens * 4;
  return [t, t, t, t, t * 4, o.maxLogits * 4, o.maxLogits * 32, UNIFORM_SLOTS * UNIFORM_SLOT];
}

/** Unused bytes between two columns that are sent along: one more write costs as much (about a microsecond of the host). */
const mostGap = 8 * 1024;

/** Bytes of all of them, each aligned as a binding must be. */
export const stepColumnBytes = (o: RuntimeOptions): number =>
  columnBytes(o).reduce((sum, size) => sum + align(size), 0);

/** Bytes of one buffer of the ring. */
export const readbackBytes = (o: RuntimeOptions): number => o.maxLogits * 4;

export class StepBuffers {
  readonly gpuBuffer: GPUBuffer;
  readonly uniforms: DataView;
  readonly #host: ArrayBuffer;
  readonly #columns: Readonly<Record<ColumnName, Uint32Array>>;
  readonly #floats: Float32Array;
  readonly #device: GPUDevice;
  /** Cells of each column that the step uses, from its first. */
  readonly #used = Object.fromEntries(names.map((name) => [name, 0])) as Record<ColumnName, number>;

  private constructor(device: GPUDevice, buffer: GPUBuffer, host: ArrayBuffer, sizes: readonly number[]) {
    this.#device = device;
    this.gpuBuffer = buffer;
    this.#host = host;
    let offset = 0;
    const columns = {} as Record<ColumnName, Uint32Array>;
    names.forEach((name, i) => {
      columns[name] = new Uint32Array(host, offset, (sizes[i] ?? 0) / 4);
      offset += align(sizes[i] ?? 0);
    });
    this.#columns = columns;
    this.#floats = new Float32Array(host, columns.settings.byteOffset, columns.settings.length);
    this.uniforms = new DataView(host, columns.uniforms.byteOffset);
  }

  static create(scope: Scope, o: RuntimeOptions): Result<StepBuffers, AllocationFailure> {
    const sizes = columnBytes(o);
    const total = stepColumnBytes(o);
    const made = scope.buffer(
      'step columns',
      total,
      usage.storage | usage.uniform | usage.copyDst | usage.copySrc,
    );
    if (!made.ok) return made;
    return ok(new StepBuffers(scope.gpu.device, made.value, new ArrayBuffer(total), sizes));
  }

  /** The part of the GPU buffer that holds a column. */
  binding(name: ColumnName): GPUBufferBinding {
    const column = this.#columns[name];
    return { buffer: this.gpuBuffer, offset: column.byteOffset, size: Math.max(16, column.byteLength) };
  }

  uniform(offset: number, size: number): GPUBufferBinding {
    return { buffer: this.gpuBuffer, offset: this.#columns.uniforms.byteOffset + offset, size };
  }

  /** Copies a batch's columns in. `items` must have been written with writeItems before. */
  writeBatch(b: FlatBatch): void {
    const { tokens, source, positions, slots, pick, settings } = this.#columns;
    tokens.set(b.tokens.subarray(0, b.tokenCount));
    source.set(b.from.subarray(0, b.tokenCount));
    positions.set(b.positions.subarray(0, b.tokenCount));
    slots.set(b.slots.subarray(0, b.tokenCount));
    pick.set(b.logitRows.subarray(0, b.logitCount));
    const used = this.#used;
    used.tokens = used.source = used.positions = used.slots = b.tokenCount;
    used.pick = b.logitCount;
    used.settings = b.logitCount * 8;
    for (let i = 0; i < b.logitCount; i++) {
      this.#floats[i * 8] = b.temperatures[i] ?? 0;
      settings[i * 8 + 1] = b.topKs[i] ?? 0;
      this.#floats[i * 8 + 2] = b.topPs[i] ?? 1;
      settings[i * 8 + 3] = b.seeds[i] ?? 0;
      // noise is keyed by the position that the sampled token will have
      settings[i * 8 + 4] = (b.positions[b.logitRows[i] ?? 0] ?? 0) + 1;
      settings[i * 8 + 5] = b.sampleSlots[i] ?? 0;
    }
  }

  /** Cuts the sequences into attention items of at most `itemTokens` tokens; returns how many. */
  writeItems(b: FlatBatch, itemTokens: number): number {
    const { items } = this.#columns;
    let n = 0;
    for (let s = 0; s < b.sequenceCount; s++) {
      const end = b.starts[s + 1] ?? 0;
      for (let first = b.starts[s] ?? 0; first < end; first += itemTokens) {
        items[n * 4] = first;
        items[n * 4 + 1] = Math.min(itemTokens, end - first);
        items[n * 4 + 2] = b.rows[s] ?? 0;
        items[n * 4 + 3] = b.positions[first] ?? 0;
        n++;
      }
    }
    this.#used.items = n * 4;
    return n;
  }

  /** Sends what the step uses, and the uniform structs of `roles` roles: in one write where that lies close together. */
  upload(roles: number): void {
    this.#used.uniforms = (roles * UNIFORM_SLOT) / 4;
    let [from, to] = [0, 0];
    for (const name of names) {
      const cells = this.#used[name];
      if (cells === 0) continue;
      const { byteOffset } = this.#columns[name];
      if (byteOffset - to > mostGap) {
        this.#send(from, to);
        from = byteOffset;
      }
      to = byteOffset + cells * 4;
    }
    this.#send(from, to);
  }

  #send(from: number, to: number): void {
    if (to > from) this.#device.queue.writeBuffer(this.gpuBuffer, from, this.#host, from, to - from);
  }
}

/** Buffers for reading back, so many as steps may be in flight; none is made after the start. */
export class ReadbackRing {
  readonly #free: GPUBuffer[] = [];

  static create(scope: Scope, count: number, bytes: number): Result<ReadbackRing, AllocationFailure> {
    const ring = new ReadbackRing();
    for (let i = 0; i < count; i++) {
      const made = scope.buffer(`read back ${i}`, bytes, usage.mapRead | usage.copyDst);
      if (!made.ok) return made;
      ring.#free.push(made.value);
    }
    return ok(ring);
  }

  get free(): number {
    return this.#free.length;
  }

  take(): GPUBuffer | undefined {
    return this.#free.pop();
  }

  /** The first `count` words of a taken buffer, once the GPU has written them; the buffer goes back in any case. */
  async read(buffer: GPUBuffer, count: number): Promise<Uint32Array> {
    try {
      await buffer.mapAsync(mapRead, 0, Math.max(4, count * 4));
      const words = new Uint32Array(buffer.getMappedRange(0, Math.max(4, count * 4)).slice(0, count * 4));
      buffer.unmap();
      return words;
    } finally {
      this.#free.push(buffer);
    }
  }
}
