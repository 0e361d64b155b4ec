import { describe, expect, it } from 'vitest';
import { prng } from '../../src/core/prng.ts';
import { type StepFeatures, stepSeconds } from '../../src/engine/cost-model.ts';
import { fitCost, fitTiled, type MeasuredStep, residualsOf, tiled } from '../../src/engine/fit.ts';
import { seenAfter, ticksOf } from '../../src/engine/ticks.ts';

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
  /** Steps of 3 to 8 ms, their ends seen at the grid's next tick, give or take 3 % of a tick. */
  function seen(ticks: typeof grid | undefined): MeasuredStep[] {
    const r = prng(9);
    return steps(0).map(({ features }) => {
      const work = stepSeconds(features, { seconds: truth }) / 3;
      return { features, seconds: seenAfter(work, ticks) + 0.03 * grid.every * r.normal() };
    });
  }
  it('finds the grid, and none where there is none', () => {
    const found = ticksOf(seen(grid).map((s) => s.seconds));
    expect(found?.every).toBeCloseTo(grid.every, 5);
    expect(Math.abs((((found?.first ?? 0) - grid.first) / grid.every) % 1)).toBeLessThan(0.1);
    expect(ticksOf(seen(undefined).map((s) => s.seconds))).toBeUndefined();
  });
  it('rounds up to it', () => {
    expect(seenAfter(0.1e-3, grid)).toBeCloseTo(2.6e-3, 9);
    expect(seenAfter(2.7e-3, grid)).toBeCloseTo(3.7e-3, 9);
    expect(seenAfter(2.7e-3, undefined)).toBe(2.7e-3);
  });
  it('predicts such steps better than a fit that knows no grid', () => {
    const measured = seen(grid);
    const smooth = fitTiled(measured).residuals.median;
    const stepped = fitTiled(measured, grid).residuals.median;
    expect(stepped).toBeLessThan(0.02);
    expect(smooth).toBeGreaterThan(2 * stepped);
  });
});
