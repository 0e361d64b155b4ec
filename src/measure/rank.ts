// Which of two things is faster, or "no difference". Nothing is ranked inside the noise. The tests are by ranks: when both
// are the same thing their samples may change places, and a difference is then said in less than 5 % of comparisons, whatever
// the distribution and however few the samples. (A bootstrap of the medians says it in up to 12 % with seven samples.)

import { at } from '../core/assert.ts';
import { median } from '../core/stats.ts';

export interface Comparison {
  /** b / a, by Hodges & Lehmann (1963): above 1, a is faster. */
  readonly ratio: number;
  /** 95 % interval of the ratio (made for 96 %); 0 and infinity where the samples are too few to have one. */
  readonly low: number;
  readonly high: number;
  readonly verdict: 'faster' | 'slower' | 'no difference';
}

/** Less than this share is never called a difference: clocks, drift and cache state move medians by as much. */
export const leastDifference = 0.01;
const floor = 1 + leastDifference;

/** Most error on each side: 4 % in all, so that what is promised for 5 % also holds as counted. */
const tail = 0.02;

/** Fewer turns than this can tell nothing: of five pairs that are alike, all five lie on one side once in sixteen times. */
export const fewestTurns = 6;

/**
 * Compares durations a with durations b, taken independently: the verdict speaks of a. The interval is that of the
 * Mann–Whitney test: quotients of every b with every a.
 */
export function compare(a: readonly number[], b: readonly number[]): Comparison {
  const quotients = Float64Array.from(b.flatMap((y) => a.map((x) => Math.log(y / x)))).sort();
  return judge(quotients, mannWhitneyRank(a.length, b.length));
}

/**
 * As compare, for samples that were taken in turns, so that the i-th of both stood next to each other in time: what slowed both
 * (a hot device, another program) cancels in their quotient. Samples that only one side has are left out. The interval is that of
 * Wilcoxon's signed-rank test: means of every two quotients.
 */
export function compareTurns(a: readonly number[], b: readonly number[]): Comparison {
  const count = Math.min(a.length, b.length);
  const logs = Float64Array.from({ length: count }, (_, i) => Math.log(at(b, i) / at(a, i)));
  const means = new Float64Array((count * (count + 1)) / 2);
  let next = 0;
  for (let i = 0; i < count; i++)
    for (let j = 0; j <= i; j++) means[next++] = (at(logs, i) + at(logs, j)) / 2;
  return judge(means.sort(), signedRank(count));
}

/** `sorted`: logarithms of quotients; the interval leaves out the first and last `rank` − 1 of them. */
function judge(sorted: Float64Array, rank: number): Comparison {
  const ratio = sorted.length > 0 ? Math.exp(median(sorted)) : 1;
  if (rank < 1) return { ratio, low: 0, high: Number.POSITIVE_INFINITY, verdict: 'no difference' };
  const low = Math.exp(at(sorted, rank - 1));
  const high = Math.exp(at(sorted, sorted.length - rank));
  const verdict =
    low > 1 && ratio > floor ? 'faster' : high < 1 && ratio < 1 / floor ? 'slower' : 'no difference';
  return { ratio, low, high, verdict };
}

/** The largest k with P(statistic < k) ≤ tail, from the number of ways in which each value comes about; 0 without one. */
function rankOf(ways: Float64Array): number {
  const total = ways.reduce((sum, n) => sum + n, 0);
  let below = 0;
  for (let k = 0; k < ways.length; k++) {
    below += at(ways, k);
    if (below > tail * total) return k;
  }
  return 0;
}

/** By the normal approximation, for many samples: 2.054 standard deviations leave out 2 %. */
const normalRank = (mean: number, variance: number): number =>
  Math.max(1, Math.floor(mean - 2.054 * Math.sqrt(variance)));

/** Wilcoxon's statistic: the sum of any subset of 1 … n. */
function signedRank(n: number): number {
  if (n > 60) return normalRank((n * (n + 1)) / 4, (n * (n + 1) * (2 * n + 1)) / 24);
  const ways = new Float64Array((n * (n + 1)) / 2 + 1);
  ways[0] = 1;
  for (let i = 1; i <= n; i++)
    for (let sum = ways.length - 1; sum >= i; sum--) ways[sum] = at(ways, sum) + at(ways, sum - i);
  return rankOf(ways);
}

/** Ranks by the numbers of samples, because a page compares many rows with as many samples each. */
const known = new Map<string, number>();

function mannWhitneyRank(n: number, m: number): number {
  const key = `${n} ${m}`;
  const rank = known.get(key) ?? rankOfPairs(n, m);
  known.set(key, rank);
  return rank;
}

/** Mann and Whitney's statistic: how many of n · m pairs stand in one order, by the recurrence of their paper (1947). */
function rankOfPairs(n: number, m: number): number {
  if (n + m > 60) return normalRank((n * m) / 2, (n * m * (n + m + 1)) / 12);
  // rows[j][u]: orders of i and j samples with the statistic u, for the i reached so far
  let rows: Float64Array[] = Array.from({ length: m + 1 }, () => Float64Array.of(1));
  for (let i = 1; i <= n; i++) {
    const next: Float64Array[] = [Float64Array.of(1)];
    for (let j = 1; j <= m; j++) {
      const ways = new Float64Array(i * j + 1);
      // the largest sample is of the first kind and stands after all j of the second, or it is of the second
      for (const [u, count] of at(rows, j).entries()) ways[u + j] = at(ways, u + j) + count;
      for (const [u, count] of at(next, j - 1).entries()) ways[u] = at(ways, u) + count;
      next.push(ways);
    }
    rows = next;
  }
  return rankOf(at(rows, m));
}
