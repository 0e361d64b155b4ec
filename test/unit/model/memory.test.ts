// Bytes before allocation: by hand for one model, and budgets that are used but never passed.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unwrap } from '../../../src/core/result.ts';
import type { ModelOptions, RuntimeOptions } from '../../../src/model/contract.ts';
import { kvFormats } from '../../../src/model/formats.ts';
import { checkMemory, estimateMemory, poolFor } from '../../../src/model/memory.ts';
import { presets } from '../../../src/model/presets.ts';
import { modelPageBytes, pagesForBudget } from '../../../src/model/sizes.ts';
import { weightBuffers } from '../../../src/model/weights.ts';

describe('memory', () => {
  it('of a page, by hand: 16 layers, 8 heads of 64, 16 tokens, K and V', () => {
    const llama = presets['Llama-3.2-1B'];
    const cells = 16 * 8 * 64 * 16 * 2;
    expect(modelPageBytes({ config: llama, options: { kv: 'f32' } }, 16)).toBe(cells * 4);
    expect(modelPageBytes({ config: llama, options: { kv: 'f16' } }, 16)).toBe(cells * 2);
    expect(modelPageBytes({ config: llama, options: { kv: 'i8' } }, 16)).toBe(cells + 16 * 8 * 16 * 2 * 4);
  });

  it('of weights, by hand: nano has 131,392 parameters, 320 of them norms', () => {
    const weightBytes = (...stored: Parameters<typeof weightBuffers>): number =>
      weightBuffers(...stored).reduce((sum, [, bytes]) => sum + bytes, 0);
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
          const cost = list.reduce((sum, model) => sum + modelPageBytes(model, pageSize), 0);
          expect(pages * cost).toBeLessThanOrEqual(bytes);
          expect((pages + 1) * cost).toBeGreaterThan(bytes);
        },
      ),
    );
  });

  const llama = presets['Llama-3.2-1B'];
  const options: ModelOptions = { weights: 'f16', kv: 'f16', kernels: 'auto' };
  const runtime: RuntimeOptions = {
    pages: 2048,
    pageSize: 16,
    rows: 8,
    window: 32768,
    maxTokens: 256,
    maxLogits: 8,
    sampleSlots: 16,
    inFlight: 2,
  };
  const room = { largestBinding: 2 ** 30, left: 16 * 2 ** 30 };

  it('of a step counts the partials of attention: 512 workgroups × 64 partitions × 4 heads × 68 cells', () => {
    const short = { ...runtime, window: 512 };
    const step = estimateMemory(llama, options, runtime).step - estimateMemory(llama, options, short).step;
    const rotations = 4 * 64 * (32768 - 512);
    expect(step).toBe(512 * 64 * 4 * 68 * 4 - 16 + rotations);
  });

  it('of int8 activations holds no row twice: int8 cells instead of what norms and gates leave', () => {
    for (const weights of ['f16', 'i8-row'] as const) {
      const as = (activations: 'f32' | 'i8') =>
        estimateMemory(llama, { ...options, weights, activations }, runtime).step;
      const cells = 256 * (2048 + 8192);
      expect(as('i8')).toBe(as('f32') - 4 * cells + 256 * 8192 + 256 * 4);
    }
  });

  it('names the tensor that is too large and by how much', () => {
    const page = 8 * 64 * 16 * 2 * 2;
    const check = (o: Partial<RuntimeOptions>, largestBinding: number) =>
      checkMemory(llama, options, { ...runtime, ...o }, { ...room, largestBinding });
    expect(check({}, 2048 * page).ok).toBe(true);
    const pages = check({ pages: 2049 }, 2048 * page);
    expect(pages.ok || pages.error).toMatchObject({
      code: 'over-limit',
      message: expect.stringMatching(
        /the KV pages of a layer need 64\.0 MiB .*, 0\.0 MiB more than the 64\.0 MiB/,
      ),
      hint: expect.stringContaining('2048 pages of 16 tokens at most'),
    });
    const logits = check({ maxLogits: 256 }, 2 ** 26);
    expect(logits.ok || logits.error.message).toMatch(/logits need 125\.3 MiB .*, 61\.3 MiB more than/);
    const weights = check({}, 2 ** 24);
    expect(weights.ok || weights.error.message).toContain(
      `gate_up of Llama-3.2-1B needs ${2 * 8192 * 2048 * 2} bytes in one binding, ${3 * 2 ** 24} more than`,
    );
  });

  it('a pool keeps to its budget, to one binding a layer and to what the device has left', () => {
    const { pages: _, ...sizes } = runtime;
    const pool = (budget: number, some: Partial<typeof room>) =>
      unwrap(poolFor(llama, options, sizes, budget, { ...room, ...some }));
    const page = modelPageBytes({ config: llama, options }, 16);
    expect(pool(100 * page + 1, {})).toEqual({ pages: 100, limit: 'budget' });
    expect(pool(2 ** 40, { largestBinding: (50 * page) / 16 })).toEqual({
      pages: 50,
      limit: 'largest binding',
    });
    const left = 4 * 2 ** 30;
    const most = pool(2 ** 40, { left });
    expect(most.limit).toBe('device memory');
    const total = (count: number) => estimateMemory(llama, options, { ...runtime, pages: count }).total;
    expect(total(most.pages)).toBeLessThan(left);
    expect(total(most.pages + 2)).toBeGreaterThan(left - 2 ** 21);
    for (const [budget, some] of [
      [1, {}],
      [2 ** 40, { left: 2 ** 20 }],
    ] as const) {
      const none = poolFor(llama, options, sizes, budget, { ...room, ...some });
      expect(none.ok || none.error.message).toMatch(
        /holds no KV page of Llama-3.2-1B: one of 16 tokens takes 0.5 MiB/,
      );
    }
  });
});
