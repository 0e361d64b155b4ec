// Whole steps of a model beyond position 32,768. Prefilling so many tokens is out of reach of a CPU adapter, so 512 are computed and a
// block table names their pages again and again; the reference remembers the same tokens in the same order.

import { describe, expect, it } from 'vitest';
import { at } from '../../../src/core/assert.ts';
import { prng } from '../../../src/core/prng.ts';
import { unwrap } from '../../../src/core/result.ts';
import type { ModelConfig } from '../../../src/model/config.ts';
import type { AdapterKind, RuntimeOptions } from '../../../src/model/contract.ts';
import { presets } from '../../../src/model/presets.ts';
import { ReferenceModel } from '../../reference-model.ts';
import { seededHostWeights } from '../../seeded-host-weights.ts';
import { testGpu } from '../gpu.ts';
import { Bench, plain, smallRuntime } from './setup.ts';

const { gpu } = await testGpu();

const config: ModelConfig = {
  ...presets.nano,
  name: 'long',
  width: 32,
  hidden: 64,
  vocab: 64,
  window: 40_960,
};
const options: RuntimeOptions = { ...smallRuntime, window: 40_960, rows: 4 };
const pageSize = options.pageSize;
/** Pages whose tokens are computed, and pages of the long sequence before its own. */
const [computed, long] = [32, 2048];

/**
 * Which computed page each page of the long sequence is. The first half takes them from the first quarter, the second half from the
 * rest, so that keys left out anywhere change the sums.
 */
function pageOrder(): number[] {
  const random = prng(7);
  return Array.from({ length: long }, (_, i) =>
    i < long / 2 ? random.int(0, computed / 4 - 1) : random.int(computed / 4, computed - 1),
  );
}
const tokensOf = (pages: readonly number[]): number[] =>
  pages.flatMap((page) => Array.from({ length: pageSize }, (_, i) => page * pageSize + i));
const worst = (got: ArrayLike<number>, want: ArrayLike<number>): number =>
  Array.from(got).reduce((most, x, i) => Math.max(most, Math.abs(x - at(want, i))), 0);

const random = prng(3);
const prompt = Array.from({ length: computed * pageSize }, () => random.int(0, config.vocab - 1));
/** Tokens after the long context: decodes, a chunk between them. */
const after = [5, 60, 33, 2, 17, 48, 9];

/** Rounding to int8 may fall on the other side of a tie; the tokens' own K and V are few among 32,768. */
const tolerances = { f32: 2e-5, i8: 2e-3 } as const;

describe('a context of 32,768 tokens', () => {
  for (const kv of ['f32', 'i8'] as const) {
    const order = pageOrder();
    const weights = seededHostWeights(config, 42, 'f32');
    /** Logits of the tokens after a context made of these pages. */
    const reference = (pages: readonly number[]): readonly Float64Array[] => {
      const model = new ReferenceModel(config, weights, kv);
      model.run(prompt);
      model.remember(tokensOf(pages));
      return model.run(after);
    };
    let wanted: readonly Float64Array[] | undefined;
    for (const kernels of ['cpu', 'gpu'] as const satisfies readonly AdapterKind[]) {
      it(`${kv} pages, kernels for a ${kernels}`, async () => {
        wanted ??= reference(order);
        const bench = await Bench.open(config, { ...plain, kv, kernels }, options);
        const physical = Array.from({ length: computed }, (_, i) => i + 1);
        const row = bench.row(physical);
        for (let start = 0; start < prompt.length; start += options.maxTokens)
          await bench.step([{ row, start, tokens: prompt.slice(start, start + options.maxTokens) }]);
        // its own tokens go to a page of their own
        const far = bench.row([...order.map((page) => page + 1), computed + 1]);
        const position = long * pageSize;
        expect(position).toBe(32_768);
        const got: Float32Array[] = [];
        for (const [from, to] of [
          [0, 1],
          [1, 6],
          [6, 7],
        ] as const) {
          const tokens = after.slice(from, to);
          const step = [{ row: far, start: position + from, tokens, logits: tokens.length }];
          got.push(...(await bench.step(step)).logits);
        }
        expect(got).toHaveLength(after.length);
        const served = unwrap(bench.runtime.dispatches(bench.batch)).find(
          ({ name }) => name.role === 'attention',
        );
        expect(served?.name.version).toBe(kernels === 'cpu' ? '04_serial' : '07_wide_partitions');
        for (const [i, logits] of got.entries())
          expect(worst(logits, at(wanted, i)), `token ${i}`).toBeLessThan(tolerances[kv]);
        bench.dispose();
        expect(gpu.memory.live).toBe(0);
      });
    }

    it(`${kv} pages: the far half of the context is more than the tolerance`, () => {
      wanted ??= reference(order);
      const other = reference(order.map((page) => page % (computed / 4)));
      for (const i of after.keys())
        expect(worst(at(other, i), at(wanted, i))).toBeGreaterThan(10 * tolerances[kv]);
    });
  }

  it('ends at the window, by name', async () => {
    const bench = await Bench.open(config, plain, options);
    const row = bench.row([0]);
    bench.batch.begin(bench.model.id).pad(row, options.window, 1);
    const step = bench.runtime.step(bench.batch);
    expect(step.ok ? '' : step.error.message).toContain('token 0 is at position 40960 of 40960');
    bench.dispose();
  });
});
