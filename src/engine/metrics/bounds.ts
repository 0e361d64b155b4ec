// What no schedule can beat, drawn beside what was measured.

import { assert } from '../../core/assert.ts';
import type { Facts } from './facts.ts';

/**
 * The mean of the largest of `slots` output lengths drawn from `lengths` without order, with repetition:
 * Σ over sorted lengths of v_i · ((i/n)^B − ((i−1)/n)^B).
 */
export function meanOfLargest(lengths: readonly number[], slots: number): number {
  assert(lengths.length > 0, 'the largest of no lengths');
  const sorted = [...lengths].sort((a, b) => a - b);
  const n = sorted.length;
  let mean = 0;
  for (const [i, value] of sorted.entries()) mean += value * (((i + 1) / n) ** slots - (i / n) ** slots);
  return mean;
}

/**
 * Continuous over static batching, in decode steps: mean(max of B) / mean of the output lengths. It holds
 * for a saturated queue, equal step times and padding left out, and needs many requests (20 · B).
 */
export const continuousOverStatic = (lengths: readonly number[], slots: number): number =>
  meanOfLargest(lengths, slots) / (lengths.reduce((a, b) => a + b, 0) / lengths.length);

export interface Bounds {
  /** Steps that any schedule with these slots needs: Σ outputs / slots, or the longest answer. */
  readonly leastSteps: number;
  /** Continuous over static, from the lengths of this run. */
  readonly continuousOverStatic: number;
  /** Share of reserved KV that goes unused when each request reserves `window` tokens. */
  readonly reserveAtWindowWaste: number;
  /** The same for what each request declares as its longest. */
  readonly reserveAtLimitWaste: number;
  /** Share unused with pages of `pageSize`: half a page a request on average, here from the lengths. */
  readonly pagedWaste: number;
}

export interface BoundOptions {
  readonly slots: number;
  readonly window: number;
  readonly pageSize: number;
}

/** Bounds from the lengths of a run's requests; undefined when it answered none. */
export function boundsOf({ requests }: Facts, { slots, window, pageSize }: BoundOptions): Bounds | undefined {
  const answered = requests.filter((r) => r.emissions.length > 0);
  if (answered.length === 0) return undefined;
  const outputs = answered.map((r) => r.emissions.length);
  const totals = answered.map((r) => r.prompt + r.emissions.length);
  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
  const used = sum(totals);
  return {
    leastSteps: Math.max(Math.ceil(sum(outputs) / slots), ...outputs),
    continuousOverStatic: continuousOverStatic(outputs, slots),
    reserveAtWindowWaste: 1 - used / (answered.length * window),
    reserveAtLimitWaste: 1 - used / sum(answered.map((r) => r.prompt + r.limit)),
    pagedWaste: 1 - used / (sum(totals.map((t) => Math.ceil(t / pageSize))) * pageSize),
  };
}
