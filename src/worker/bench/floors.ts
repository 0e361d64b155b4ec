// The shortest time that the device's ceilings allow a step, and a run: every weight read once, K and V of every context read once,
// two FLOPs a parameter and token, the head only where something is sampled.

import { stepSums } from '../../engine/features.ts';
import type { Trace } from '../../engine/trace.ts';
import { type BoundShares, floorsOf, limitOf, type Work } from '../../measure/bound.ts';
import type { Bound, Ceilings } from '../../measure/schema.ts';
import { parameterCount } from '../../model/config.ts';
import type { LoadedModel } from '../../model/contract.ts';

/** What a step does. */
export interface StepWork {
  readonly tokens: number;
  /** Tokens whose logits are computed. */
  readonly logits: number;
  /** Σ over tokens of the keys that each attends to. */
  readonly attended: number;
  /** Σ over sequences of the keys that are there once the step's own are written. */
  readonly keys: number;
  readonly dispatches: number;
}

export interface Floors {
  readonly floorsMs: Readonly<Record<Bound, number | null>>;
  readonly bound: Bound | null;
  readonly highest: number | null;
}

type Model = Pick<LoadedModel, 'config' | 'options' | 'memory'>;

export function stepFloors({ config, options, memory }: Model, step: StepWork, ceilings: Ceilings): Floors {
  const { tokens, logits, attended, keys, dispatches } = step;
  const cell = { f32: 4, f16: 2, i8: 1 }[options.kv];
  const scales = options.kv === 'i8' ? 8 * config.kvHeads : 0;
  const keyBytes = config.layers * (2 * config.kvHeads * config.headDim * cell + scales);
  const head = config.vocab * config.width;
  // embeddings are looked up, and the head computes only what is sampled
  const layers = parameterCount(config) - head * (config.embeddings === 'tied' ? 1 : 2);
  const work: Work = {
    flops:
      2 * layers * tokens + 2 * head * logits + 4 * config.layers * config.heads * config.headDim * attended,
    bytes: memory.weights + keys * keyBytes,
    dispatches,
    peak: 'f32',
  };
  const floors = new Map(floorsOf(work, ceilings).map(({ bound, floorMs }) => [bound, floorMs]));
  const limit = limitOf(work, ceilings);
  return {
    floorsMs: {
      launch: floors.get('launch') ?? null,
      bandwidth: floors.get('bandwidth') ?? null,
      compute: floors.get('compute') ?? null,
    },
    bound: limit?.bound ?? null,
    highest: limit?.floorMs ?? null,
  };
}

/** What limits a run: of the sum of its steps' floors, the share of the steps that each limits; null without ceilings. */
export function runBound(
  trace: Trace,
  model: Model & Pick<LoadedModel, 'program'>,
  ceilings: Ceilings,
): BoundShares | null {
  const sums = { launch: 0, bandwidth: 0, compute: 0 };
  for (const { prefillTokens, decodeRows, samples, attended, keys } of stepSums(trace)) {
    const step = { tokens: prefillTokens + decodeRows, logits: samples, attended, keys };
    const { bound, highest } = stepFloors(model, { ...step, dispatches: model.program.length }, ceilings);
    if (bound && highest !== null) sums[bound] += highest;
  }
  const all = sums.launch + sums.bandwidth + sums.compute;
  return all > 0
    ? { launch: sums.launch / all, bandwidth: sums.bandwidth / all, compute: sums.compute / all }
    : null;
}
