// Which of two things is faster, or "no difference". Nothing is ranked inside the noise. The tests are by ranks: when both
// are the same thing their samples may change places, and a difference is then said in less than 5 % of comparisons, whatever
// the distribution and however few the samples, as long as they do not depend on each other. (A bootstrap of the medians says it in
// up to 12 % with seven samples.) Going on until an interval is narrow looks at its width alone; the null test includes that rule.

import { at } from '../core/assert.ts';
import { median } from '../core/stats.ts';

export interface Comparison {
  /** b / a, by Hodges & Lehmann (1963): above 1, a is faster. */
  readonly ratio: number;
  /** 95 % interval of the ratio (made for 96 %); 0 and infinity where it is `unranked`. */
  readonly low: number;
  readonly high: number;
  /** `unranked`: too few samples to tell anything, which is not the same as no difference. */
  readonly verdict: 'faster' | 'slower' | 'no difference' | 'unranked';
}

/** A time a turn, in order; null where a turn gave none. The i-th of two series stood next to each other in time. */
export type TurnTimes = readonly (number | null)[];

/** The times there are, for what does not go by turns. */
export const timesOf = (turns: TurnTimes): number[] => turns.filter((time) => time !== null);

/** The turns in which both have a time: one that is lost on one side takes its neighbour with it, and shifts nothing. */
export const pairTurns = (a: TurnTimes, b: TurnTimes): (readonly [a: number, b: number])[] =>
  a.flatMap((x, turn) => {
    const y = b[turn] ?? null;
    return x === null || y === null ? [] : [[x, y] as const];
  });

/** Less than this share is never called a difference: clocks, drift and cache state move medians by as much. */
export const leastDifference = 0.01;
const floor = 1 + leastDifference;

/** Error on both sides: counted over few comparisons, a promise of 5 % then holds too. */
export const errorInAll = 0.04;
const tail = errorInAll / 2;

/** Fewer turns than this can tell nothing: of five pairs that are alike, all five lie on one side once in sixteen times. */
export const fewestTurns = 6;

/**
 * Compares durations a with durations b, taken independently: the verdict speaks of a. The interval is that of the
 * Mann–Whitney test: quotients of every b with every a. `among`: how many comparisons share the promised 5 % (Bonferroni).
 */
export function compare(a: TurnTimes, b: TurnTimes, among = 1): Comparison {
  const [own, other] = [timesOf(a), timesOf(b)];
  const quotients = Float64Array.from(other.flatMap((y) => own.map((x) => Math.log(y / x)))).sort();
  return judge(quotients, mannWhitneyRank(own.length, other.length, tail / among));
}

/**
 * As compare, for samples that were taken in turns, so that the i-th of both stood next to each other in time: what slowed both
 * (a hot device, another program) cancels in their quotient. Turns that only one side has are left out. The interval is that of
 * Wilcoxon's signed-rank test: means of every two quotients. `among`: how many comparisons share the promised 5 %; the more, the
 * wider the interval. A slow side that ran out of time after a few turns is compared as if taken independently, which loses what
 * the turns would have cancelled.
 */
export function compareTurns(a: TurnTimes, b: TurnTimes, among = 1): Comparison {
  const logs = Float64Array.from(pairTurns(a, b), ([x, y]) => Math.log(y / x));
  const count = logs.length;
  if (among === 1 && count < fewestTurns && Math.max(timesOf(a).length, timesOf(b).length) >= fewestTurns)
    return compare(a, b);
  const means = new Float64Array((count * (count + 1)) / 2);
  let next = 0;
  for (let i = 0; i < count; i++)
    for (let j = 0; j <= i; j++) means[next++] = (at(logs, i) + at(logs, j)) / 2;
  return judge(means.sort(), signedRank(count, tail / among));
}

/**
 * Which of `others` are faster than `base`, turn by turn, by Holm's procedure (1979): one that is as fast as the base is among
 * them in less than 5 % of such tests, however many there are. In their order.
 */
export function fasterThan<T extends { readonly times: TurnTimes }>(
  base: TurnTimes,
  others: readonly T[],
): { readonly of: T; readonly versus: Comparison }[] {
  const faster = new Set<T>();
  for (let left = others; ; left = others.filter((one) => !faster.has(one))) {
    const found = left.find((one) => compareTurns(one.times, base, left.length).verdict === 'faster');
    if (!found) break;
    faster.add(found);
  }
  return others.flatMap((of) => (faster.has(of) ? [{ of, versus: compareTurns(of.times, base) }] : []));
}

/** `sorted`: logarithms of quotients; the interval leaves out the first and last `rank` − 1 of them. */
function judge(sorted: Float64Array, rank: number): Comparison {
  const ratio = sorted.length > 0 ? Math.exp(median(sorted)) : 1;
  if (rank < 1) return { ratio, low: 0, high: Number.POSITIVE_INFINITY, verdict: 'unranked' };
  const low = Math.exp(at(sorted, rank - 1));
  const high = Math.exp(at(sorted, sorted.length - rank));
  const verdict =
    low > 1 && ratio > floor ? 'faster' : high < 1 && ratio < 1 / floor ? 'slower' : 'no difference';
  return { ratio, low, high, verdict };
}

/** The largest k with P(statistic < k) ≤ most, from the number of ways in which each value comes about; 0 without one. */
function rankOf(ways: Float64Array, most: number): number {
  const total = ways.reduce((sum, n) => sum + n, 0);
  let below = 0;
  for (let k = 0; k < ways.length; k++) {
    below += at(ways, k);
    if (below > most * total) return k;
  }
  return 0;
}

/** By the normal approximation, for many samples; the quantile by Abramowitz & Stegun, 26.2.23 (to 0.00045). */
function normalRank(mean: number, variance: number, most: number): number {
  const t = Math.sqrt(-2 * Math.log(most));
  const z =
    t -
    (2.515517 + 0.802853 * t + 0.010328 * t ** 2) /
      (1 + 1.432788 * t + 0.189269 * t ** 2 + 0.001308 * t ** 3);
  return Math.max(1, Math.floor(mean - z * Math.sqrt(variance)));
}

/** Wilcoxon's statistic: the sum of any subset of 1 … n. */
function signedRank(n: number, most: number): number {
  if (n > 60) return normalRank((n * (n + 1)) / 4, (n * (n + 1) * (2 * n + 1)) / 24, most);
  const ways = new Float64Array((n * (n + 1)) / 2 + 1);
  ways[0] = 1;
  for (let i = 1; i <= n; i++)
    for (let sum = ways.length - 1; sum >= i; sum--) ways[sum] = at(ways, sum) + at(ways, sum - i);
  return rankOf(ways, most);
}

/** Ranks by the numbers of samples, because a page compares many rows with as many samples each. */
const known = new Map<string, number>();

function mannWhitneyRank(n: number, m: number, most: number): number {
  const key = `${n} ${m} ${most}`;
  const rank = known.get(key) ?? rankOfPairs(n, m, most);
  known.set(key, rank);
  return rank;
}

/** Mann and Whitney's statistic: how many of n · m pairs stand in one order, by the recurrence of their paper (1947). */
function rankOfPairs(n: number, m: number, most: number): number {
  if (n + m > 60) return normalRank((n * m) / 2, (n * m * (n + m + 1)) / 12, most);
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
  return rankOf(at(rows, m), most);
}
