import { describe, expect, it } from 'vitest';
import { type Prng, prng } from '../../src/core/prng.ts';
import { mean, median } from '../../src/core/stats.ts';
import { type StepClock, type StepFeatures, stepSeconds } from '../../src/engine/cost-model.ts';
import { fitCost, fitTiled, type MeasuredStep, residualsOf, tiled } from '../../src/engine/fit.ts';
import { seenAfter, type Ticks, ticksOf, typical } from '../../src/engine/ticks.ts';

const truth: StepFeatures = {
  step: 2e-3,
  batched: 5e-4,
  prefillTokens: 5e-5,
  decodeRows: 2e-4,
  attended: 3e-7,
  tileRows: 1e-4,
  logitRows: 8e-5,
  dispatches: 0,
  readback: 0,
};

function steps(noise: number): MeasuredStep[] {
  const r = prng(5);
  return Array.from({ length: 80 }, () => {
    const prefillTokens = r.next() < 0.5 ? 0 : r.int(2, 200);
    const decodeRows = r.int(prefillTokens > 0 ? 0 : 1, 32);
    const features: StepFeatures = {
      step: 1,
      batched: prefillTokens + decodeRows > 1 ? 1 : 0,
      prefillTokens,
      decodeRows,
      attended: (prefillTokens + decodeRows) * r.int(8, 600),
      tileRows: Math.ceil((prefillTokens + decodeRows) / 8) * 8,
      logitRows: decodeRows + (prefillTokens > 0 ? 1 : 0),
      dispatches: 27,
      readback: 1,
    };
    return { features, seconds: stepSeconds(features, { seconds: truth }) * (1 + noise * r.normal()) };
  });
}

/** The step at the price of the truth. */
const priced = (step: MeasuredStep): MeasuredStep => ({
  ...step,
  seconds: stepSeconds(step.features, { seconds: truth }),
});

describe('fitting the cost model', () => {
  it('predicts steps without noise exactly', () => {
    const fit = fitCost(steps(0));
    expect(fit.residuals.p90).toBeLessThan(1e-9);
  });
  it('finds the tile of the device', () => {
    for (const tile of [1, 8, 32])
      expect(fitTiled(steps(0.01).map((step) => priced(tiled(step, tile)))).tile).toBe(tile);
  });
  it('judges itself by steps that it has not seen', () => {
    // hardly more steps than coefficients: a fit of them says little about others
    const few = steps(0.2).slice(0, 12);
    const { residuals, seconds } = fitCost(few);
    expect(residualsOf(few, { seconds }).median).toBeLessThan(residuals.median);
    expect(residuals.n).toBe(12);
  });
  it('stays within the noise of noisy ones, never below zero', () => {
    const fit = fitCost(steps(0.05));
    expect(fit.residuals.median).toBeLessThan(0.05);
    for (const seconds of Object.values(fit.seconds)) expect(seconds).toBeGreaterThanOrEqual(0);
  });
});

describe('ends of steps that are seen on a grid', () => {
  const grid = { first: 2.6e-3, every: 1.1e-3 };
  /** The tick at which an end is seen, give or take 3 % of a tick. */
  const observe = (work: number, ticks: Ticks | undefined, r: Prng): number =>
    seenAfter(work, ticks) + 0.03 * grid.every * r.normal();
  /** Kinds of steps of 1 to 15 ms, each with its samples; the work of a sample varies by `jitter`. */
  function kinds(ticks: Ticks | undefined, jitter: number, repeats = 9, seed = 9) {
    const r = prng(seed);
    return steps(0).map(({ features, seconds }) => ({
      features,
      work: seconds / 3,
      samples: Array.from({ length: repeats }, () =>
        observe((seconds / 3) * (1 + jitter * r.normal()), ticks, r),
      ),
    }));
  }
  const measured = (all: ReturnType<typeof kinds>, ticks: Ticks | undefined): MeasuredStep[] =>
    all.map(({ features, samples }) => ({ features, seconds: typical(samples, ticks) }));

  it('finds the grid', () => {
    const found = ticksOf(kinds(grid, 0).map((k) => k.samples));
    expect(found?.every).toBeCloseTo(grid.every, 5);
    expect(Math.abs((((found?.first ?? 0) - grid.first) / grid.every) % 1)).toBeLessThan(0.1);
  });
  it('finds none where there is none, however often few kinds are repeated', () => {
    let found = 0;
    for (let seed = 0; seed < 20; seed++)
      for (const count of [4, 8, 12, 16, 40]) {
        const r = prng(seed * 100 + count);
        const samples = Array.from({ length: count }, () => {
          const work = 1e-3 * (2 + 4 * r.next());
          return Array.from({ length: 9 }, () => work * (1 + 0.01 * r.normal()));
        });
        if (ticksOf(samples)) found++;
      }
    expect(found).toBe(0);
  });
  it('finds none where all steps are long, or nothing was measured', () => {
    expect(ticksOf([])).toBeUndefined();
    expect(ticksOf(Array.from({ length: 40 }, (_, i) => [20e-3 + i * 1e-4]))).toBeUndefined();
  });
  it('rounds up to the grid when work never varies', () => {
    expect(seenAfter(0.1e-3, grid)).toBeCloseTo(2.6e-3, 9);
    expect(seenAfter(2.7e-3, grid)).toBeCloseTo(3.7e-3, 9);
    expect(seenAfter(2.7e-3, undefined)).toBe(2.7e-3);
  });
  it('predicts the mean of what is seen when it does', () => {
    const r = prng(3);
    for (const jitter of [0.02, 0.05, 0.2])
      for (const work of [1e-3, 2.5e-3, 3.6e-3, 3.7e-3, 4.1e-3, 20e-3]) {
        const seen = Array.from({ length: 4000 }, () => seenAfter(work * (1 + jitter * r.normal()), grid));
        expect(Math.abs(seenAfter(work, { ...grid, jitter }) / mean(seen) - 1)).toBeLessThan(0.02);
      }
  });
  it('tells how much work varies', () => {
    for (const jitter of [0.05, 0.1]) {
      const found = ticksOf(kinds(grid, jitter, 25).map((k) => k.samples));
      expect(found?.jitter).toBeGreaterThan(jitter * 0.6);
      expect(found?.jitter).toBeLessThan(jitter * 1.6);
    }
  });
  it('leaves out what something else disturbed', () => {
    const calm = [3e-3, 3e-3, 4.1e-3, 3e-3, 4.1e-3, 3e-3];
    expect(typical([...calm, 9e-3, 12e-3], grid)).toBeCloseTo(mean(calm), 9);
  });
  it('predicts unseen kinds within 2 %, where a fit that knows no grid, or only whole ticks, does not', () => {
    const truth = kinds(grid, 0.05);
    const ticks = ticksOf(truth.map((k) => k.samples));
    const exact = { ...grid, jitter: 0.05 };
    const off = (clock: StepClock, tile: number): number =>
      median(
        kinds(grid, 0, 1, 10).map((k) => {
          const [step] = [tiled({ features: k.features, seconds: 1 }, tile)];
          return Math.abs(stepSeconds(step.features, clock) / seenAfter(k.work, exact) - 1);
        }),
      );
    const soft = fitTiled(measured(truth, ticks), ticks);
    const smooth = fitTiled(measured(truth, ticks));
    expect(off({ seconds: soft.seconds, ticks }, soft.tile)).toBeLessThan(0.02);
    expect(off({ seconds: smooth.seconds }, smooth.tile)).toBeGreaterThan(0.02);
  });
});
