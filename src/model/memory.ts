// What a model takes in bytes, before anything is allocated: whether that fits the device, tensor by tensor, and how many pages
// are left room for.

import { err, type Failure, failure, ok, type Result } from '../core/result.ts';
import type { Gpu } from '../gpu/device.ts';
import { allocatedBytes, largestStorage } from '../gpu/scope.ts';
import { activationBytes, layerInputBytes } from './buffers.ts';
import type { ModelConfig } from './config.ts';
import type { MemoryEstimate, ModelOptions, Pool, RuntimeOptions } from './contract.ts';
import { copierBytes } from './page-copier.ts';
import { layerPageBytes, modelPageBytes, type Paged, pagesForBudget } from './sizes.ts';
import { readbackBytes, stepColumnBytes } from './step-buffers.ts';
import { planParts, weightBuffers } from './weights.ts';

/** What a device has left. */
export interface Room {
  /** Bytes that one storage binding may have. */
  readonly largestBinding: number;
  /** Bytes of the budget that nobody holds. */
  readonly left: number;
}

export const roomOf = (gpu: Gpu): Room => ({
  largestBinding: largestStorage(gpu.device.limits),
  left: gpu.cap - gpu.memory.live,
});

const sum = (buffers: Iterable<readonly [string, number]>): number =>
  [...buffers].reduce((total, [, bytes]) => total + allocatedBytes(bytes), 0);

/** Buffers of a model's step, by name. */
function stepBuffers(c: ModelConfig, m: ModelOptions, o: RuntimeOptions): readonly [string, number][] {
  const { kind, ...inputs } = layerInputBytes(c, m, o);
  return [
    ...Object.entries(activationBytes(c, o)),
    ...Object.entries(inputs).map(([name, bytes]): [string, number] => [`${name} (${kind})`, bytes]),
    ['sizes of page copies', 16],
  ];
}

/** Bytes of what all models of a runtime share. */
export const sharedBytes = (o: RuntimeOptions): number =>
  sum([
    ['step columns', stepColumnBytes(o)],
    ['block tables', o.rows * Math.ceil(o.window / o.pageSize) * 4],
    ['sampled ids', o.sampleSlots * 4],
    ['page copies', copierBytes(o.pages)],
  ]) +
  o.inFlight * allocatedBytes(readbackBytes(o));

/** Bytes that a model would take in a runtime of these options. */
export function estimateMemory(c: ModelConfig, m: ModelOptions, o: RuntimeOptions): MemoryEstimate {
  const weights = sum(weightBuffers(c, m.weights));
  const kv = c.layers * allocatedBytes(o.pages * layerPageBytes({ config: c, options: m }, o.pageSize));
  const step = sum(stepBuffers(c, m, o));
  return { weights, kv, step, total: weights + kv + step };
}

const mib = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

/** Refuses a model that does not fit, by the tensor that is too large and by how much, or by what it takes in all. */
export function checkMemory(
  c: ModelConfig,
  m: ModelOptions,
  o: RuntimeOptions,
  room: Room,
): Result<MemoryEstimate, Failure<'over-limit' | 'over-budget'>> {
  const parts = planParts(
    c,
    m.weights,
    Math.min(room.largestBinding, o.largestBinding ?? Number.POSITIVE_INFINITY),
  );
  if (!parts.ok) return parts;
  const page = layerPageBytes({ config: c, options: m }, o.pageSize);
  const most = room.largestBinding;
  const [name, bytes] = [
    ...stepBuffers(c, m, o),
    ['the KV pages of a layer', o.pages * page] as const,
  ].reduce((largest, buffer) => (buffer[1] > largest[1] ? buffer : largest));
  if (bytes > most)
    return err(
      failure(
        'over-limit',
        `${c.name}: ${name} need ${mib(bytes)} in one binding, ${mib(bytes - most)} more than the ${mib(most)} that this device allows.`,
        `Its layers hold ${Math.floor(most / page)} pages of ${o.pageSize} tokens at most in ${m.kv}; or choose fewer tokens a step, a shorter context, or a smaller model.`,
      ),
    );
  const memory = estimateMemory(c, m, o);
  if (memory.total > room.left)
    return err(
      failure(
        'over-budget',
        `${c.name} does not fit: it takes ${mib(memory.total)} (weights ${mib(memory.weights)}, KV ${mib(memory.kv)}, steps ${mib(memory.step)}), ${mib(memory.total - room.left)} more than the ${mib(room.left)} that models may take here.`,
        'Choose int8 weights, int8 KV, a shorter context or fewer pages, or a smaller model.',
      ),
    );
  return ok(memory);
}

/** The pool that `budget` bytes of KV buy beside a model that is still to be loaded, no larger than the device has room for. */
export function poolFor(
  c: ModelConfig,
  m: ModelOptions,
  o: Omit<RuntimeOptions, 'pages'>,
  budget: number,
  room: Room,
): Result<Pool, Failure<'over-budget'>> {
  const model: Paged = { config: c, options: m };
  const none = { ...o, pages: 0 };
  const fixed = estimateMemory(c, m, none).total + sharedBytes(none);
  const perPage = modelPageBytes(model, o.pageSize) + copierBytes(1);
  const pools: readonly Pool[] = [
    { limit: 'budget', pages: pagesForBudget([model], o.pageSize, budget) },
    { limit: 'largest binding', pages: Math.floor(room.largestBinding / layerPageBytes(model, o.pageSize)) },
    { limit: 'device memory', pages: Math.max(0, Math.floor((room.left - fixed) / perPage)) },
  ];
  const pool = pools.reduce((least, next) => (next.pages < least.pages ? next : least));
  if (pool.pages > 0) return ok(pool);
  const page = mib(modelPageBytes(model, o.pageSize));
  return err(
    failure(
      'over-budget',
      `The ${pool.limit} holds no KV page of ${c.name}: one of ${o.pageSize} tokens takes ${page} in all layers; the KV budget is ${mib(budget)}, and ${mib(Math.max(0, room.left - fixed))} are left beside weights and steps.`,
      'Choose a larger budget, int8 weights or KV, or a smaller model.',
    ),
  );
}
