import { describe, expect, it } from 'vitest';
import { prng } from '../../src/core/prng.ts';
import { type StepFeatures, stepSeconds } from '../../src/engine/cost-model.ts';
import { fitCost, fitTiled, type MeasuredStep, residualsOf, tiled } from '../../src/engine/fit.ts';

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
