// The plan of a comparison on the device: order of turns, size by the time there is, ranking turn by turn, precision.

import { describe, expect, it } from 'vitest';
import {
  fewestRequests,
  isPrecise,
  orderOf,
  requestsFor,
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
