// The shortest time that the device's ceilings allow a step, and a run: every matrix that it multiplies by read once, K and V of every
// context read once, two FLOPs a cell and row that meets it, and the keys that each token may see.

import { stepSums } from '../../engine/features.ts';
import type { Trace } from '../../engine/trace.ts';
import { BOUNDS, bandwidthMs, computeMs, launchMs, type RunBound } from '../../measure/bound.ts';
import type { Bound, Ceilings } from '../../measure/schema.ts';
import type { LoadedModel } from '../../model/contract.ts';
import { rowBytes, storedFormat } from '../../model/formats.ts';
import { embeddingKey, headKey, matricesOf, vectorsOf } from '../../model/tensors.ts';

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
  /** Launch and bandwidth one after the other: dispatches that depend on each other do not overlap. Null without either ceiling. */
  readonly launchPlusBandwidthMs: number | null;
}

type Model = Pick<LoadedModel, 'config' | 'options'>;

interface Work {
  readonly bytes: number;
  /** By the peak that it is held against: int8 activations meet int8 weights in dot4I8Packed, all else is f32. */
  readonly flops: { readonly f32: number; readonly dot4i8: number };
}

export function workOf(
  { config: c, options }: Model,
  { tokens, logits, attended, keys }: Omit<StepWork, 'dispatches'>,
): Work {
  const flops = { f32: 0, dot4i8: 0 };
  const integers = options.activations === 'i8' && options.weights.startsWith('i8') ? 'dot4i8' : 'f32';
  let bytes = vectorsOf(c).reduce((sum, { length }) => sum + length * 4, 0);
  for (const { key, rows, columns } of matricesOf(c)) {
    const row = rowBytes(storedFormat(options.weights, columns), columns);
    const isHead = key === headKey(c);
    // an embedding that is not the head too is looked up, a row a token
    const looked = key === embeddingKey && !isHead;
    bytes += (looked ? Math.min(tokens, rows) : rows) * (row.cells + row.scales);
    // the head computes only what is sampled
    if (isHead) flops.f32 += 2 * rows * columns * logits;
    else if (!looked) flops[integers] += 2 * rows * columns * tokens;
  }
  const cell = { f32: 4, f16: 2, i8: 1 }[options.kv];
  const scales = options.kv === 'i8' ? 8 * c.kvHeads : 0;
  bytes += keys * c.layers * (2 * c.kvHeads * c.headDim * cell + scales);
  flops.f32 += 4 * c.layers * c.heads * c.headDim * attended;
  return { bytes, flops };
}

/** Packed integers at their own rate, or as floats where packed products are emulated and slower, as on a CPU. */
function integersMs(operations: number, ceilings: Ceilings): number | null {
  const [packed, floats] = [
    computeMs(operations, 'dot4i8', ceilings),
    computeMs(operations, 'f32', ceilings),
  ];
  return packed === null || floats === null ? null : Math.min(packed, floats);
}

export function stepFloors(model: Model, step: StepWork, ceilings: Ceilings): Floors {
  const { bytes, flops } = workOf(model, step);
  const floats = computeMs(flops.f32, 'f32', ceilings);
  const arithmetic = flops.dot4i8 > 0 ? [floats, integersMs(flops.dot4i8, ceilings)] : [floats];
  const floorsMs = {
    launch: launchMs(step.dispatches, ceilings),
    bandwidth: bandwidthMs(bytes, ceilings),
    compute: arithmetic.reduce((sum, ms) => (sum === null || ms === null ? null : sum + ms)) ?? null,
  };
  const { launch, bandwidth } = floorsMs;
  let bound: Bound | null = null;
  for (const one of BOUNDS)
    if (floorsMs[one] !== null && floorsMs[one] > (bound ? (floorsMs[bound] ?? 0) : 0)) bound = one;
  return {
    floorsMs,
    bound,
    highest: bound && floorsMs[bound],
    launchPlusBandwidthMs: launch === null || bandwidth === null ? null : launch + bandwidth,
  };
}

/** What limits a run, and how much of its time that explains; null without ceilings. */
export function runBound(
  trace: Trace,
  model: Model & Pick<LoadedModel, 'program'>,
  ceilings: Ceilings,
): RunBound | null {
  const sums = { launch: 0, bandwidth: 0, compute: 0 };
  for (const { prefillTokens, decodeRows, samples, attended, keys } of stepSums(trace)) {
    const step = { tokens: prefillTokens + decodeRows, logits: samples, attended, keys };
    const { bound, highest } = stepFloors(model, { ...step, dispatches: model.program.length }, ceilings);
    if (bound && highest !== null) sums[bound] += highest;
  }
  const all = sums.launch + sums.bandwidth + sums.compute;
  if (all === 0) return null;
  // planned ahead, a step's time begins where the one before it ended: none is counted twice
  const { start, end } = trace.steps.columns;
  let measured = 0;
  for (let s = 0; s < trace.steps.length; s++) measured += 1e3 * ((end[s] as number) - (start[s] as number));
  return {
    launch: sums.launch / all,
    bandwidth: sums.bandwidth / all,
    compute: sums.compute / all,
    ...(measured > 0 ? { explained: all / measured } : {}),
  };
}
