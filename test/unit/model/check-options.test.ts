// Sizes of a runtime: the ones in use pass, and each impossible one is refused by its name.

import { describe, expect, it } from 'vitest';
import { checkOptions } from '../../../src/model/check-options.ts';
import type { RuntimeOptions } from '../../../src/model/contract.ts';

const options: RuntimeOptions = {
  pages: 64,
  pageSize: 16,
  rows: 16,
  window: 1024,
  maxTokens: 128,
  maxLogits: 128,
  sampleSlots: 256,
  inFlight: 2,
};

describe('the sizes of a runtime', () => {
  it.each([8, 16, 32, 64])('pages of %i tokens are taken', (pageSize) => {
    expect(checkOptions({ ...options, pageSize }).ok).toBe(true);
  });

  it.each([
    ['pageSize', 0],
    ['pageSize', 4],
    ['pageSize', 12],
    ['pageSize', 16.5],
    ['pageSize', 128],
    ['pageSize', Number.NaN],
    ['pages', 0],
    ['pages', 2 ** 28],
    ['rows', -1],
    ['window', 0],
    ['maxTokens', 1.5],
    ['maxLogits', Number.POSITIVE_INFINITY],
    ['sampleSlots', 0],
    ['inFlight', 0],
    ['largestBinding', 0],
  ] as const)('%s of %d is refused', (option, value) => {
    const checked = checkOptions({ ...options, [option]: value });
    expect(checked.ok || checked.error.message).toBe(`The runtime's ${option} is ${value}.`);
  });
});
