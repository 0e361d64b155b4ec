import { describe, expect, it } from 'vitest';
import { type Prng, prng } from '../../src/core/prng.ts';
import { mean, median } from '../../src/core/stats.ts';
import { type Clock, estimate, planSample, sample } from '../../src/gpu/timing.ts';
import { measured } from '../../src/measure/samples.ts';

const ring = [[{ label: 'nothing', encode() {} }]];

interface Simulated {
  /** Milliseconds that one run really takes. */
  readonly run: number;
  /** Milliseconds of a submit and of being told that it ended. */
  readonly latency: number;
  noise(random: Prng): number;
}

/** A wall clock before a device that takes `run` a run, counting how long it was held. */
function wall({ run, latency, noise }: Simulated, seed = 1): Clock & { held: number; longest: number } {
  const random = prng(seed);
  const clock = {
    kind: 'wall' as const,
    quantumNs: 0,
    held: 0,
    longest: 0,
    async time(_: unknown, repeats: number) {
      clock.held += run * repeats;
      clock.longest = Math.max(clock.longest, run * repeats);
      return latency + Math.max(-latency, noise(random)) + run * repeats;
    },
    dispose() {},
  };
  return clock;
}

/** Chrome looks for finished work about once a millisecond. */
const polled = (random: Prng): number => random.next();
const normal =
  (sigma: number) =>
  (random: Prng): number =>
    sigma * random.normal();

async function samplesOf(clock: Clock, count: number): Promise<number[]> {
  const plan = planSample(clock, await estimate(clock, ring));
  const samples: number[] = [];
  for (let i = 0; i < count; i++) {
    const ms = await sample(clock, plan, ring);
    if (ms !== null) samples.push(ms);
  }
  return samples;
}

describe('an estimate by the wall clock', () => {
  it.each([0.005, 0.02, 0.3, 4, 60])('sees %f ms under a latency of 2.5 ms', async (run) => {
    for (const noise of [polled, normal(0.3)]) {
      const clock = wall({ run, latency: 2.5, noise });
      const ms = await estimate(clock, ring);
      expect(ms / run).toBeGreaterThan(0.8);
      expect(ms / run).toBeLessThan(1.25);
      expect(clock.longest).toBeLessThanOrEqual(200);
    }
  });
  it('does not repeat a run of seconds', async () => {
    const clock = wall({ run: 3000, latency: 2.5, noise: polled });
    expect(await estimate(clock, ring)).toBeCloseTo(3000, -2);
    expect(clock.held).toBe(3000);
  });
  it('by GPU timestamps ends as soon as the clock sees enough', async () => {
    const quantized = (repeats: number): number => Math.floor((0.003 + 0.02 * repeats) / 0.065536) * 0.065536;
    const clock: Clock = {
      kind: 'gpu',
      quantumNs: 65_536,
      time: async (_, repeats) => quantized(repeats) || null,
      dispose() {},
    };
    expect((await estimate(clock, ring)) / 0.02).toBeCloseTo(1, 1);
  });
});

describe('samples by the wall clock', () => {
  it('of a kernel of 5 µs tell 5 µs under a millisecond of noise', async () => {
    const result = measured(await samplesOf(wall({ run: 0.005, latency: 2.5, noise: polled }), 21));
    expect(result.ok && result.value.median / 0.005).toBeCloseTo(1, 0.7);
  });
  it('keep the slopes that noise turned round, so that it cancels', async () => {
    const run = 0.0004;
    const all: number[] = [];
    for (let seed = 0; seed < 20; seed++)
      all.push(...(await samplesOf(wall({ run, latency: 8, noise: normal(2) }, seed), 100)));
    expect(all).toHaveLength(2000);
    expect(Math.abs(mean(all) / run - 1)).toBeLessThan(0.15);
    expect(median(all) / run).toBeGreaterThan(0.8);
    expect(median(all) / run).toBeLessThan(1.2);
  });
  it('of what is shorter than the noise are no measurement, and say so', async () => {
    const result = measured(await samplesOf(wall({ run: 1e-6, latency: 2.5, noise: polled }), 21));
    expect(result.ok ? '' : result.error).toMatch(/^\d+ of 21 slopes were not positive/);
    expect(measured([])).toEqual({ ok: false, error: 'no valid interval from this clock' });
  });
});
