// How much a device changed between two fits.

import { describe, expect, it } from 'vitest';
import { driftOf, usableRuns } from '../../../bench/batching/accuracy.ts';
import { err, ok } from '../../../src/core/result.ts';
import { featuresOfSums } from '../../../src/engine/cost-model.ts';
import type { ServedRun } from '../../../src/worker/serving/protocol.ts';

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

describe('runs that a row is made of', () => {
  const run = (header: object) => ({ file: { header } }) as unknown as ServedRun;

  it('are whole, and nothing speaks against them', () => {
    const whole = run({});
    expect(usableRuns({ runs: [whole, whole], invalid: [] })).toEqual(ok([whole.file, whole.file]));
    expect(usableRuns({ runs: [whole], invalid: ['the tab was hidden'] })).toEqual(err('the tab was hidden'));
    expect(usableRuns({ runs: [whole, run({ incomplete: 'the device was lost' })], invalid: [] })).toEqual(
      err('the device was lost'),
    );
    expect(usableRuns({ runs: [], invalid: [] }).ok).toBe(false);
  });
});
