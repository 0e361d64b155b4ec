// The promise behind every "faster": equal things are called equal in 95 % of comparisons at least, and a planted 5 % is found in
// 90 %. Checked on made-up noise and on turn times that were really measured.

import { describe, expect, it } from 'vitest';
import { type Prng, prng } from '../../src/core/prng.ts';
import { type Comparison, compare, compareTurns, fewestTurns, pairTurns } from '../../src/measure/rank.ts';
import { quietTurns, turnTimes } from './turn-times.ts';

const TIMES = 2000;

/** Share of comparisons with this verdict. */
function share(verdict: Comparison['verdict'], one: (random: Prng) => Comparison): number {
  const random = prng(3);
  let count = 0;
  for (let i = 0; i < TIMES; i++) if (one(random).verdict === verdict) count++;
  return count / TIMES;
}

const noisy = (random: Prng, scale: number, n: number): number[] =>
  Array.from({ length: n }, () => scale * (1 + 0.03 * random.normal()));

/** Turns drawn from measured ones; either label may have come first. The second is slowed by `planted`. */
function drawn(random: Prng, from: typeof turnTimes, turns: number, planted = 0): [number[], number[]] {
  const pairs = Array.from({ length: turns }, () => {
    const [x, y] = from[random.int(0, from.length - 1)] ?? [1, 1];
    return random.next() < 0.5 ? [x, y] : [y, x];
  });
  return [pairs.map(([x = 1]) => x), pairs.map(([, y = 1]) => y * (1 + planted))];
}

describe('the same thing against itself', () => {
  it.each([2, 3, 5, 6, 7, 8, 21])('is no difference in 95 % of comparisons, %i samples a side', (n) => {
    const told = (make: (r: Prng) => Comparison): number => share('faster', make) + share('slower', make);
    expect(told((r) => compare(noisy(r, 1, n), noisy(r, 1, n)))).toBeLessThanOrEqual(0.05);
    expect(told((r) => compareTurns(noisy(r, 1, n), noisy(r, 1, n)))).toBeLessThanOrEqual(0.05);
    // the second ran out of time after three turns
    expect(told((r) => compareTurns(noisy(r, 1, n), noisy(r, 1, 3)))).toBeLessThanOrEqual(0.05);
  });

  it.each([6, 7, 8, 10, 16])('is so with measured turns, quiet and disturbed, %i turns', (turns) => {
    for (const from of [quietTurns, turnTimes])
      expect(share('no difference', (r) => compareTurns(...drawn(r, from, turns)))).toBeGreaterThanOrEqual(
        0.95,
      );
  });
});

describe('a planted 5 %', () => {
  it('is found in 90 % of comparisons of samples', () => {
    expect(share('slower', (r) => compare(noisy(r, 1.05, 21), noisy(r, 1, 21)))).toBeGreaterThanOrEqual(0.9);
  });

  it('is found in 90 % of comparisons by measured turns of a quiet machine', () => {
    expect(share('faster', (r) => compareTurns(...drawn(r, quietTurns, 8, 0.05)))).toBeGreaterThanOrEqual(
      0.9,
    );
  });
});

describe('a turn that was lost on one side', () => {
  it('is left out and shifts no other', () => {
    // ten rounds, each twice as slow as the one before: paired by anything but the round, nothing can be told
    const base = Array.from({ length: 10 }, (_, round) => 2 ** round);
    const faster = base.map((t) => 0.9 * t);
    const lost = faster.map((t, round) => (round === 2 ? null : t));
    const whole = base.map((t, round) => (round === 7 ? null : t));
    expect(pairTurns(lost, whole)).toHaveLength(8);
    for (const own of [faster, lost])
      for (const other of [base, whole]) {
        const c = compareTurns(own, other);
        expect(c).toMatchObject({ verdict: 'faster' });
        expect(c.ratio).toBeCloseTo(1 / 0.9, 9);
        expect([c.low, c.high]).toEqual([expect.closeTo(1 / 0.9, 9), expect.closeTo(1 / 0.9, 9)]);
      }
    expect(pairTurns([1, 2, 3], [4])).toEqual([[1, 4]]);
    expect(compare([1, null, 1], [9, 9, null]).ratio).toBeCloseTo(9, 9);
  });
});

describe('an interval', () => {
  it('takes as many samples as it needs: none of fewer', () => {
    const turns = (n: number): number[] => Array.from({ length: n }, (_, i) => 1 + i / 1000);
    const few = fewestTurns - 1;
    expect(
      compareTurns(
        turns(few),
        turns(few).map((t) => 2 * t),
      ),
    ).toMatchObject({
      verdict: 'unranked',
      low: 0,
      high: Number.POSITIVE_INFINITY,
    });
    expect(
      compareTurns(
        turns(fewestTurns),
        turns(fewestTurns).map((t) => 2 * t),
      ).verdict,
    ).toBe('faster');
    expect(compare([1, 1], [9, 9]).verdict).toBe('unranked');
    expect(compareTurns([], []).verdict).toBe('unranked');
    // one side was too slow for more turns than five: it is ranked by all the samples that there are
    const slow = turns(few).map((t) => 25 * t);
    expect(compareTurns(turns(9), slow)).toMatchObject({ verdict: 'faster' });
  });

  it('holds the true ratio in 95 % of comparisons', () => {
    const random = prng(8);
    let held = 0;
    for (let i = 0; i < TIMES; i++) {
      const { low, high } = compareTurns(noisy(random, 1, 9), noisy(random, 1.2, 9));
      if (low <= 1.2 && 1.2 <= high) held++;
    }
    expect(held / TIMES).toBeGreaterThanOrEqual(0.95);
  });

  it('is that of the published tables', () => {
    // the critical value of 8 pairs is 3: rank sums 0 to 3 come about in 5 of 256 ways, and the fourth mean bounds the interval
    const logs = [1, 2, 3, 4, 5, 6, 7, 8].map((i) => i / 10);
    const quotients = logs.map((x) => Math.exp(x));
    const means = logs.flatMap((x, i) => logs.slice(0, i + 1).map((y) => (x + y) / 2)).sort((x, y) => x - y);
    expect(
      Math.log(
        compareTurns(
          quotients.map(() => 1),
          quotients,
        ).low,
      ),
    ).toBeCloseTo(means[3] ?? 0, 12);
  });
});
