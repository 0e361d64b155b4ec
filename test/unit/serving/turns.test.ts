// The plan of a comparison on the device: order of turns, size by the time there is, ranking turn by turn, precision.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { prng } from '../../../src/core/prng.ts';
import type { Comparison } from '../../../src/measure/rank.ts';
import {
  cutIntoComparisons,
  fewestRequests,
  isPrecise,
  orderOf,
  requestsFor,
  usualPrecision,
  usualTurns,
  versusFirst,
} from '../../../src/worker/serving/turns.ts';

describe('turns', () => {
  it('alternate their order, so that drift hits all alike', () => {
    expect([1, 2, 3].map((round) => orderOf(3, round))).toEqual([
      [0, 1, 2],
      [2, 1, 0],
      [0, 1, 2],
    ]);
  });

  it('are ranked against those of the same round, without unfinished ones', () => {
    // each round is slower than the one before; the second contender is always 10 % faster than the first in its round
    const first = Array.from({ length: 8 }, (_, i) => 1 + i);
    const second = first.map((t) => 0.9 * t);
    const [own, versus] = versusFirst([first, second]);
    expect(own).toBeNull();
    expect(versus).toMatchObject({ verdict: 'faster' });
    expect(versus?.ratio).toBeCloseTo(1 / 0.9, 9);
    const broken = second.map((t, i) => (i === 3 ? null : t));
    expect(versusFirst([first, broken])[1]?.ratio).toBeCloseTo(1 / 0.9, 9);
    expect(versusFirst([first, second.slice(0, 5)])[1]?.verdict).toBe('no difference');
    expect(versusFirst([])).toEqual([]);
  });

  it('are enough when every interval is as narrow as was asked', () => {
    const times = [1, 1.01, 0.99, 1, 1.02, 0.98, 1, 1];
    const versus = versusFirst([times, times.map((t, i) => t * (1 + 0.01 * (i % 2)))]);
    expect(isPrecise(versus, 0.02)).toBe(true);
    expect(isPrecise(versus, 0.001)).toBe(false);
    expect(isPrecise(versusFirst([times.slice(0, 3), times.slice(0, 3)]), 0.5)).toBe(false);
  });
});

describe('comparisons that go on until they are precise', () => {
  const recorded: { times: Record<'a' | 'b' | 'slowed', number[]> } = JSON.parse(
    readFileSync('bench/results/serving/null.swiftshader.json', 'utf8'),
  );
  /** Share of comparisons with this verdict when turns are drawn from the recorded ones, undisturbed and disturbed. */
  function share(verdict: Comparison['verdict'], other: 'b' | 'slowed'): number {
    const random = prng(7);
    const { a } = recorded.times;
    const turns = Array.from({ length: 4000 }, () => random.int(0, a.length - 1));
    const series = (of: readonly number[]): number[] => turns.map((turn) => of[turn] ?? 1);
    const found = cutIntoComparisons([series(a), series(recorded.times[other])], {
      least: usualTurns,
      width: usualPrecision.width,
    });
    expect(found.length).toBeGreaterThan(150);
    return found.filter((c) => c.verdict === verdict).length / found.length;
  }

  it('call the same strategy equal in 95 %, by the turns of a loaded machine', () => {
    expect(share('no difference', 'b')).toBeGreaterThanOrEqual(0.95);
  });

  it('find a planted 5 % in 90 %, by the turns of a loaded machine', () => {
    expect(share('slower', 'slowed')).toBeGreaterThanOrEqual(0.9);
  });

  it('take no turn twice', () => {
    const steady = Array.from({ length: 50 }, (_, i) => 1 + (i % 2) / 1e4);
    expect(cutIntoComparisons([steady, steady], { least: 8, width: 0.02 })).toHaveLength(6);
    const wild = steady.map((t, i) => t * (i % 3 === 0 ? 2 : 1));
    expect(cutIntoComparisons([steady, wild], { least: 8, width: 0.02 })).toHaveLength(1);
  });
});

describe('the size of a comparison', () => {
  /** Seconds that a device needs for one run of `count` requests: a start, and so much for each. */
  const device = (perRequest: number) => (count: number) => 0.02 + perRequest * count;
  /** As serve.ts chooses: from eight requests, then from a warm-up round. */
  function lasts(perRequest: number, contenders: number, turns: number, most = 1024): number {
    const took = device(perRequest);
    const seconds = 10;
    const first = { requests: fewestRequests, took: took(fewestRequests), most };
    let count = requestsFor({ ...first, seconds, runs: contenders * (turns + 1) });
    const warm = contenders * took(count);
    const left = seconds - warm - first.took;
    const fitting = requestsFor({ seconds: left, runs: turns, requests: count, took: warm, most });
    if (Math.abs(fitting / count - 1) > 0.25) count = fitting;
    return first.took + warm + turns * contenders * took(count);
  }

  it.each([0.03, 0.003, 0.0015])(
    'is about ten seconds on a device that needs %f s a request',
    (perRequest) => {
      for (const contenders of [2, 3, 4]) {
        const seconds = lasts(perRequest, contenders, 8);
        expect(seconds, `${contenders} contenders`).toBeGreaterThan(7.5);
        expect(seconds, `${contenders} contenders`).toBeLessThan(12.5);
      }
    },
  );

  it('is never less than a batch, nor more than there is', () => {
    expect(requestsFor({ seconds: 10, runs: 18, requests: 8, took: 60, most: 1024 })).toBe(fewestRequests);
    expect(requestsFor({ seconds: -1, runs: 18, requests: 8, took: 60, most: 1024 })).toBe(fewestRequests);
    expect(requestsFor({ seconds: 10, runs: 18, requests: 8, took: 0.001, most: 100 })).toBe(100);
    expect(requestsFor({ seconds: 10, runs: 1, requests: 8, took: 1, most: 5 })).toBe(5);
  });
});
