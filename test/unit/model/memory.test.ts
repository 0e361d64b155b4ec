// Bytes before allocation: by hand for one model, and budgets that are used but never passed.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kvFormats } from '../../../src/model/formats.ts';
import { modelPageBytes, pagesForBudget } from '../../../src/model/memory.ts';
import { presets } from '../../../src/model/presets.ts';
import { weightBytes } from '../../../src/model/weights.ts';

describe('memory', () => {
  it('of a page, by hand: 16 layers, 8 heads of 64, 16 tokens, K and V', () => {
    const llama = presets['Llama-3.2-1B'];
    const cells = 16 * 8 * 64 * 16 * 2;
    expect(modelPageBytes(llama, { kv: 'f32' }, 16)).toBe(cells * 4);
    expect(modelPageBytes(llama, { kv: 'f16' }, 16)).toBe(cells * 2);
    expect(modelPageBytes(llama, { kv: 'i8' }, 16)).toBe(cells + 16 * 8 * 16 * 2 * 4);
  });

  it('of weights, by hand: nano has 131,392 parameters, 320 of them norms', () => {
    expect(weightBytes(presets.nano, 'f32')).toBe(131_392 * 4);
    // rows of 64 and 192 cells, one scale each
    const rows = 512 + 2 * (128 + 64 + 384 + 64);
    expect(weightBytes(presets.nano, 'i8-row')).toBe(131_392 - 320 + 320 * 4 + rows * 4);
  });

  it('a budget is used up to the last page and not passed, for several models too', () => {
    const models = [presets.nano, presets.stories15M, presets['SmolLM2-135M']];
    fc.assert(
      fc.property(
        fc.subarray(models, { minLength: 1 }),
        fc.constantFrom(...kvFormats),
        fc.constantFrom(8, 16, 64),
        fc.integer({ min: 0, max: 2 ** 32 }),
        (some, kv, pageSize, bytes) => {
          const list = some.map((config) => ({ config, options: { kv } }));
          const pages = pagesForBudget(list, pageSize, bytes);
          const cost = some.reduce((sum, config) => sum + modelPageBytes(config, { kv }, pageSize), 0);
          expect(pages * cost).toBeLessThanOrEqual(bytes);
          expect((pages + 1) * cost).toBeGreaterThan(bytes);
        },
      ),
    );
  });

  it('a layer keeps to one binding', () => {
    const list = [{ config: presets.nano, options: { kv: 'f32' } as const }];
    expect(pagesForBudget(list, 16, 2 ** 40, 4096 * 10)).toBe(10);
  });
});
