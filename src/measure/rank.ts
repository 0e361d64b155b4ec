// Which of two things is faster, or "no difference". Nothing is ranked inside the noise.

import { prng } from '../core/prng.ts';
import { median, quantileSorted } from '../core/stats.ts';

export interface Comparison {
  /** median(b) / median(a): above 1, a is faster. */
  readonly ratio: number;
  /** 95 % interval of the ratio (percentile bootstrap of the medians, 1,000 resamples, seeded). */
  readonly low: number;
  readonly high: number;
  readonly verdict: 'faster' | 'slower' | 'no difference';
}

/** Smallest ratio that is ever called a difference: clocks, drift and cache state move medians by this much. */
const floor = 1.01;

/** Fewer samples a side than this rank nothing: of three and three that are alike, one pair in ten lies wholly apart. */
const fewest = 5;

/** Compares durations a with durations b: the verdict speaks of a. With fewer than 5 samples a side there is none. */
export function compare(a: readonly number[], b: readonly number[], seed = 1): Comparison {
  const resample = resampler(seed);
  return judge(median(b) / median(a), Math.min(a.length, b.length), () => resample(b) / resample(a));
}

/**
 * As compare, for samples that were taken in turns, so that the i-th of both stood next to each other in time: what slowed both
 * (a hot device, another program) cancels in their quotient. Samples that only one side has are left out.
 */
export function compareTurns(a: readonly number[], b: readonly number[], seed = 1): Comparison {
  const resample = resampler(seed);
  const quotients = a.slice(0, b.length).map((x, i) => (b[i] ?? x) / x);
  if (quotients.length === 0) return compare(a, b, seed);
  return judge(median(quotients), quotients.length, () => resample(quotients));
}

/** Medians of samples drawn with replacement. */
function resampler(seed: number): (xs: readonly number[]) => number {
  const random = prng(seed);
  return (xs) => median(xs.map(() => xs[random.int(0, xs.length - 1)] ?? 0));
}

function judge(ratio: number, count: number, resampled: () => number): Comparison {
  if (count < fewest) return { ratio, low: 0, high: Number.POSITIVE_INFINITY, verdict: 'no difference' };
  const ratios = Float64Array.from({ length: 1000 }, resampled).sort();
  const low = quantileSorted(ratios, 0.025);
  const high = quantileSorted(ratios, 0.975);
  const verdict =
    low > 1 && ratio > floor ? 'faster' : high < 1 && ratio < 1 / floor ? 'slower' : 'no difference';
  return { ratio, low, high, verdict };
}
