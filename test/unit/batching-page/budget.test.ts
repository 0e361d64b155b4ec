// A KV budget on the Batching page: pages in the address, no more bytes than were asked for, and the same pages again.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kvBytes, modelFor, pagesOf } from '../../../src/app/batching/serving-model.ts';
import { LISTED } from '../../../src/app/batching/spec.ts';

describe('a budget of KV', () => {
  it('buys whole pages of the model that serves, and saying their bytes again buys the same', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(LISTED, 'synthetic'),
        fc.boolean(),
        fc.constantFrom(4, 8, 16, 24, 64),
        fc.integer({ min: 2 ** 22, max: 2 ** 33 }),
        (id, fallback, pageSize, bytes) => {
          const model = modelFor({ workload: { id, knobs: {} } }, fallback);
          const limits = { pages: 1, pageSize, window: 256, vocabulary: 512 };
          const pages = pagesOf(model, limits, bytes);
          const taken = kvBytes(model, { ...limits, pages });
          expect(taken).toBeLessThanOrEqual(bytes);
          expect(kvBytes(model, { ...limits, pages: pages + 16 })).toBeGreaterThan(bytes);
          expect(pagesOf(model, { ...limits, pages }, taken)).toBe(pages);
        },
      ),
    );
  });
});
