// Summaries of samples. Percentiles interpolate linearly between order statistics (Hyndman & Fan type 7).

import { assert, at } from './assert.ts';

/** `q` in [0, 1] of `values` (need not be sorted, must not be empty). */
export function quantile(values: ArrayLike<number>, q: number): number {
  assert(values.length > 0, 'quantile of no values');
  assert(q >= 0 && q <= 1, `quantile ${q} is outside [0, 1]`);
  return quantileSorted(Float64Array.from(values).sort(), q);
}

/** As quantile, of values that are already sorted ascending. */
export function quantileSorted(sorted: ArrayLike<number>, q: number): number {
  const position = (sorted.length - 1) * q;
  const low = Math.floor(position);
  const a = at(sorted, low);
  const b = at(sorted, Math.min(low + 1, sorted.length - 1));
  return a + (b - a) * (position - low);
}

export const median = (values: ArrayLike<number>): number => quantile(values, 0.5);

export function mean(values: ArrayLike<number>): number {
  assert(values.length > 0, 'mean of no values');
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += at(values, i);
  return sum / values.length;
}

/** Sample standard deviation (n − 1); 0 for fewer than two values. */
export function deviation(values: ArrayLike<number>): number {
  if (values.length < 2) return 0;
  const m = mean(values);
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (at(values, i) - m) ** 2;
  return Math.sqrt(sum / (values.length - 1));
}

export interface Spread {
  readonly median: number;
  readonly p10: number;
  readonly p90: number;
  readonly n: number;
}

/** Median with its 10th and 90th percentile: what every measured figure is reported with. */
export function spread(values: ArrayLike<number>): Spread {
  const sorted = Float64Array.from(values).sort();
  return {
    median: quantileSorted(sorted, 0.5),
    p10: quantileSorted(sorted, 0.1),
    p90: quantileSorted(sorted, 0.9),
    n: sorted.length,
  };
}
