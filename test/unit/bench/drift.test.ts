// How much a device changed between two fits.

import { describe, expect, it } from 'vitest';
import { driftOf } from '../../../bench/batching/accuracy.ts';
import { featuresOfSums } from '../../../src/engine/cost-model.ts';

const step = (decodeRows: number, seconds: number, tile = 1) => ({
  features: featuresOfSums(
    { prefillTokens: 0, decodeRows, attended: 10 * decodeRows, samples: decodeRows },
    { tile, dispatchesPerStep: 100 },
  ),
  seconds,
});

describe('the drift between two fits', () => {
  it('is of the kinds that both have, in any order and with any tile', () => {
    const before = { steps: [step(1, 1), step(2, 2), step(4, 4)] };
    const after = { steps: [step(4, 4.4, 8), step(8, 100, 8), step(1, 1.1, 8)] };
    expect(driftOf(before, after)).toBeCloseTo(0.1, 9);
    expect(driftOf(before, before)).toBe(0);
  });
});
