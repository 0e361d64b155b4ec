// The shortest time that the device's ceilings allow a step: every weight read once, K and V of every context read once, two
// FLOPs a parameter and token, those of int8 matrices of int8 inputs at the rate of packed integers where that is higher.

import { floorsOf, limitOf, type Work } from '../../measure/bound.ts';
import type { Bound, Ceilings } from '../../measure/schema.ts';
import { matrixParameters, parameterCount } from '../../model/config.ts';
import type { LoadedModel } from '../../model/contract.ts';

/** What a step does. `context`: keys of each sequence once the step's own are written. */
export interface StepWork {
  readonly tokens: number;
  readonly batch: number;
  readonly context: number;
  readonly dispatches: number;
}

export interface Floors {
  readonly floorsMs: Readonly<Record<Bound, number | null>>;
  readonly bound: Bound | null;
  readonly highest: number | null;
}

export function stepFloors(
  { config, options, memory }: LoadedModel,
  step: StepWork,
  ceilings: Ceilings,
): Floors {
  const { tokens, batch, context, dispatches } = step;
  const cell = { f32: 4, f16: 2, i8: 1 }[options.kv];
  const scales = options.kv === 'i8' ? 8 * config.kvHeads : 0;
  const tokenBytes = config.layers * (2 * config.kvHeads * config.headDim * cell + scales);
  const attention = 4 * config.layers * config.heads * config.headDim * tokens * context;
  const integers =
    options.activations === 'i8' && options.weights.startsWith('i8')
      ? 2 * config.layers * matrixParameters(config) * tokens
      : 0;
  // an operation in integers takes as long as so many in f32: at most one, as kernels without packed products show where those
  // are emulated; without a ceiling no time is claimed for it
  const worth = ceilings.f32 && ceilings.dot4i8 ? Math.min(1, ceilings.f32.value / ceilings.dot4i8.value) : 0;
  const work: Work = {
    flops: 2 * parameterCount(config) * tokens + attention - integers + integers * worth,
    bytes: memory.weights + batch * context * tokenBytes,
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

/** What limits a decode step of `batch` sequences with `context` tokens each, on a device of these ceilings. */
export const decodeBound = (
  model: LoadedModel,
  batch: number,
  context: number,
  ceilings: Ceilings,
): Bound | null =>
  stepFloors(model, { tokens: batch, batch, context, dispatches: model.program.length }, ceilings).bound;
