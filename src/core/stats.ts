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

/**
 * The 0.975 quantile of Student's t with `freedom` degrees of freedom, for two-sided 95 % intervals of a mean: exact for 1 and 2, else by
 * its expansion around the normal quantile (Abramowitz & Stegun 26.7.5), within 0.01 at 3 and 0.001 from 5 on.
 */
export function student95(freedom: number): number {
  assert(freedom >= 1, `no t of ${freedom} degrees of freedom`);
  if (freedom === 1) return Math.tan(0.475 * Math.PI);
  if (freedom === 2) return 0.95 * Math.sqrt(2 / (1 - 0.95 ** 2));
  const z = 1.959963984540054;
  const z2 = z * z;
  const terms = [
    (z * (z2 + 1)) / 4,
    (z * ((5 * z2 + 16) * z2 + 3)) / 96,
    (z * (((3 * z2 + 19) * z2 + 17) * z2 - 15)) / 384,
    (z * ((((79 * z2 + 776) * z2 + 1482) * z2 - 1920) * z2 - 945)) / 92_160,
  ];
  return terms.reduce((sum, term, i) => sum + term / freedom ** (i + 1), z);
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
