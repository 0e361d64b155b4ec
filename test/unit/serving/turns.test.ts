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
  sizing,
  type Trial,
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
  /** Seconds that a device needs for a run of so many requests that begins at `now`. */
  type Device = (requests: number, now: number) => number;
  const steady =
    (perRequest: number, start = 0.02): Device =>
    (requests) =>
      start + perRequest * requests;

  interface Want {
    readonly seconds?: number;
    readonly contenders?: number;
    readonly turns?: number;
    readonly most?: number;
  }
  /** What the plan of a comparison asks for on a device, and how long all of it lasts there. */
  function played(device: Device, want: Want = {}) {
    const { seconds = 10, contenders = 2, turns = 8, most = 4096 } = want;
    let now = 0;
    const run = (requests: number): void => {
      now += device(requests, now);
    };
    const round = (requests: number): void => {
      for (let i = 0; i < contenders; i++) run(requests);
    };
    const trials: Trial[] = [];
    const plan = sizing({ seconds, most, contenders, turns });
    let next = plan.next();
    while (!next.done) {
      const begun = now;
      trials.push(next.value);
      (next.value.what === 'run' ? run : round)(next.value.requests);
      next = plan.next({ took: now - begun, since: now });
    }
    const requests = next.value;
    for (let turn = 0; turn < turns; turn++) round(requests);
    return { trials, requests, lasts: now };
  }

  describe.each([2, 3, 4])('with %i contenders', (contenders) => {
    it.each([
      ['slow', steady(0.03)],
      ['middling', steady(0.003)],
      ['fast', steady(0.0015)],
      // a run has a fixed part, as a queue that fills and drains: few requests look dearer than many
      ['fast with a long start', steady(0.001, 0.06)],
      // the first run compiles: it tells of a device a third as fast
      [
        'cold at first',
        (requests: number, now: number) => steady(0.004)(requests, 0) + (now === 0 ? 0.1 : 0),
      ],
    ] as const)('lasts about ten seconds on a device that is %s', (_, device) => {
      const { lasts } = played(device, { contenders });
      expect(lasts).toBeGreaterThan(7.5);
      expect(lasts).toBeLessThan(12.5);
    });

    it('lasts longer on a device that slows down after it was sized, by as much as it slows', () => {
      const drifting: Device = (requests, now) => steady(0.004)(requests, now) * (1 + 0.05 * now);
      const { lasts } = played(drifting, { contenders });
      expect(lasts).toBeGreaterThan(8);
      expect(lasts).toBeLessThan(10 * 1.5);
    });
  });

  it('corrects itself when the warm-up shows another device than the first run', () => {
    const cold: Device = (requests, now) => steady(0.004)(requests, now) + (now === 0 ? 0.5 : 0);
    const { trials, requests, lasts } = played(cold);
    // the first round serves no more than the slow first run allows; the second one what the device then can
    expect(trials.map((trial) => trial.what)).toEqual(['run', 'round', 'round']);
    expect(trials[1]?.requests).toBe(fewestRequests);
    expect(requests).toBeGreaterThan(10 * fewestRequests);
    expect(lasts).toBeGreaterThan(7.5);
    expect(lasts).toBeLessThan(12.5);
  });

  it('is a batch at least, however slow the device is', () => {
    const { requests, lasts } = played(steady(1));
    expect(requests).toBe(fewestRequests);
    expect(lasts).toBeCloseTo((1 + 2 + 16) * 8.02, 6);
  });

  it('is all there is at most, on a device that needs no time for it', () => {
    expect(played(() => 0, { most: 100 }).requests).toBe(100);
    expect(played(steady(1e-5, 1e-4), { most: 100 }).requests).toBe(100);
  });

  it('is all of a workload that is no more than a batch, after one round', () => {
    const { trials, requests } = played(steady(1), { most: 5 });
    expect(trials).toEqual([{ what: 'round', requests: 5 }]);
    expect(requests).toBe(5);
  });

  it('without seconds is everything, after one round', () => {
    const plan = sizing({ seconds: undefined, most: 300, contenders: 2, turns: 8 });
    expect(plan.next().value).toEqual({ what: 'round', requests: 300 });
    expect(plan.next({ took: 100, since: 100 })).toEqual({ done: true, value: 300 });
  });
});
