import { describe, expect, it } from 'vitest';
import { prng } from '../../../src/core/prng.ts';
import { featuresOfSums, type StepFeatures, stepSeconds } from '../../../src/engine/cost-model.ts';
import { fitTiled, residualsOf } from '../../../src/engine/fit.ts';
import { typical } from '../../../src/engine/ticks.ts';
import { type Kind, kindsFor, measureKinds, mostRounds } from '../../../src/worker/serving/kinds.ts';

const features = ({ decodes, prompts, prefill, context }: Kind): StepFeatures =>
  featuresOfSums(
    {
      prefillTokens: prompts * prefill,
      decodeRows: decodes,
      attended: decodes * (context + 1) + prompts * (prefill * context + (prefill * (prefill + 1)) / 2),
      samples: decodes + prompts,
    },
    { tile: 1, dispatchesPerStep: 27 },
  );

/** A device on a clock of its own, `slower` times as slow as SwiftShader about is; each kind's first step takes as long as three. */
function device(slower: number) {
  const r = prng(3);
  const met = new Set<string>();
  const truth: StepFeatures = {
    step: 2e-3 * slower,
    batched: 5e-4 * slower,
    prefillTokens: 5e-4 * slower,
    decodeRows: 1e-3 * slower,
    attended: 1e-6 * slower,
    tileRows: 1e-4 * slower,
    logitRows: 2e-4 * slower,
    dispatches: 0,
    readback: 0,
  };
  let time = 0;
  return {
    now: () => time,
    truth,
    measure: async (kind: Kind): Promise<number> => {
      const name = JSON.stringify(kind);
      const taken = stepSeconds(features(kind), { seconds: truth }) * (1 + 0.02 * r.normal());
      time += met.has(name) ? taken : 3 * taken;
      met.add(name);
      return taken;
    },
  };
}

const until = 11;
async function measured(slower: number, window: number) {
  const { kinds, fewest } = kindsFor(window);
  const on = device(slower);
  let rounds = 0;
  const samples = await measureKinds({
    kinds,
    fewest,
    measure: on.measure,
    now: on.now,
    until,
    random: prng(17),
    stop: () => false,
    onRound: () => rounds++,
  });
  return { kinds, fewest, samples, rounds, took: on.now(), truth: on.truth };
}

describe('measuring kinds of steps in the time there is', () => {
  it.each([1 / 50, 1 / 5, 1, 2, 4])('on a device %f× as slow', async (slower) => {
    for (const window of [64, 256, 1024]) {
      const { kinds, fewest, samples, took, truth } = await measured(slower, window);
      expect(took).toBeLessThan(until);
      expect(samples.size).toBeGreaterThanOrEqual(fewest);
      expect(samples.size).toBeLessThanOrEqual(kinds.length);
      // enough to fit, folds included, and the fit predicts kinds that were not measured
      const fit = fitTiled(
        [...samples].map(([k, s]) => ({ features: features(k), seconds: typical(s, undefined) })),
      );
      const all = kinds.map((kind) => ({
        features: features(kind),
        seconds: stepSeconds(features(kind), { seconds: truth }),
      }));
      if (fit.tile === 1) expect(residualsOf(all, fit).median).toBeLessThan(0.05);
      expect(fit.residuals.median).toBeLessThan(0.1);
    }
  });

  it('a fast device measures every kind in every round', async () => {
    const { kinds, samples, rounds } = await measured(1 / 50, 1024);
    expect(rounds).toBe(mostRounds);
    expect([...samples.values()].map((s) => s.length)).toEqual(kinds.map(() => mostRounds));
  });

  it('where time is short, what is cheap is measured more often than what is dear', async () => {
    const { samples, truth } = await measured(2, 1024);
    const byPrice = [...samples].toSorted(
      ([a], [b]) =>
        stepSeconds(features(a), { seconds: truth }) - stepSeconds(features(b), { seconds: truth }),
    );
    const count = (part: typeof byPrice): number =>
      part.reduce((sum, [, s]) => sum + s.length, 0) / part.length;
    const third = Math.floor(byPrice.length / 3);
    expect(count(byPrice.slice(0, third))).toBeGreaterThan(count(byPrice.slice(-third)));
  });

  it('a device that is too slow for the time measures what a fit needs, once each', async () => {
    const { fewest, samples } = await measured(40, 1024);
    expect([...samples.values()].map((s) => s.length)).toEqual(Array.from({ length: fewest }, () => 1));
  });
});
