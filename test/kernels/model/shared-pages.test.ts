// Two models of different shapes on one device and in one page space: pages go from one to the other and back, are copied in both, and
// neither's logits change by a bit.

import { describe, expect, it } from 'vitest';
import { KvCache } from '../../../src/cache/kv-cache.ts';
import { prng } from '../../../src/core/prng.ts';
import { unwrap } from '../../../src/core/result.ts';
import { BatchBuilder, greedy } from '../../../src/model/batch.ts';
import type { ModelConfig } from '../../../src/model/config.ts';
import type { LoadedModel, ModelOptions, Runtime, RuntimeOptions } from '../../../src/model/contract.ts';
import { sharedBytes } from '../../../src/model/memory.ts';
import { presets } from '../../../src/model/presets.ts';
import { GpuRuntime } from '../../../src/model/runtime.ts';
import { seededSource } from '../../../src/model/seeded-source.ts';
import { testGpu } from '../gpu.ts';
import { plain, smallRuntime } from './setup.ts';

const { gpu, pipelines } = await testGpu();
const options: RuntimeOptions = { ...smallRuntime, pages: 8, rows: 4, window: 64 };

interface Shape {
  readonly config: ModelConfig;
  readonly stored: ModelOptions;
}
const shapes = {
  small: { config: { ...presets.nano, name: 'small', layers: 1, vocab: 64 }, stored: plain },
  // other layers, width, heads, groups, head size, vocabulary, rotations, formats and window
  other: {
    config: {
      ...presets.nano,
      name: 'other',
      layers: 3,
      width: 48,
      heads: 6,
      kvHeads: 2,
      headDim: 48,
      hidden: 100,
      vocab: 101,
      ropeTheta: 500_000,
      qkvBias: 'present',
      window: 40,
    },
    stored: { ...plain, weights: 'i8-row', kv: 'i8' },
  },
} as const satisfies Record<string, Shape>;

const load = async (runtime: Runtime & Pick<GpuRuntime, 'load'>, { config, stored }: Shape, seed: number) =>
  unwrap(await runtime.load(config, stored, seededSource(gpu, pipelines, seed)));

/** Sequences of one or several models over one cache, a step at a time. */
class Driver {
  readonly cache = new KvCache(options);
  readonly runtime: Runtime;
  readonly #batch = new BatchBuilder(options, (row, index) => this.cache.tables.page(row, index));

  constructor(runtime: Runtime) {
    this.runtime = runtime;
  }

  /** The logits of the last of `tokens`. */
  async step(model: LoadedModel, row: number, start: number, tokens: readonly number[]) {
    if (!this.cache.prepare(row, start, start + tokens.length)) throw new Error('too few pages');
    this.runtime.syncTables(this.cache.tables);
    this.runtime.copyPages(this.cache.copies);
    this.cache.copies.length = 0;
    this.#batch.begin(model.id).add({ row, start, tokens, logits: 1, sampleSlot: row, sampling: greedy });
    await unwrap(this.runtime.step(this.#batch)).sampled;
    return (await this.runtime.readLogits()).values;
  }
}

const textOf = (vocab: number, seed: number): number[] => {
  const random = prng(seed);
  return Array.from({ length: 40 }, () => random.int(0, vocab - 1));
};
/** Where each step of a text ends: chunks and single tokens. */
const ends = [17, 18, 30, 31, 32, 33, 40];

/** Logits of each step of a model that is alone on the device, of the text and of one that forks from it after 20 tokens. */
async function alone(shape: Shape, seed: number, text: readonly number[]): Promise<Float32Array[]> {
  const runtime = unwrap(await GpuRuntime.create(gpu, pipelines, options));
  const driver = new Driver(runtime);
  const model = await load(runtime, shape, seed);
  const row = driver.cache.tables.openRow();
  const seen: Float32Array[] = [];
  let start = 0;
  for (const end of ends) {
    seen.push(await driver.step(model, row, start, text.slice(start, end)));
    start = end;
  }
  runtime.dispose();
  return seen;
}

describe('models of different shapes in one page space', () => {
  it('take turns step by step, with the bits that each has alone', async () => {
    const texts = { small: textOf(64, 1), other: textOf(101, 2) };
    const wanted = {
      small: await alone(shapes.small, 5, texts.small),
      other: await alone(shapes.other, 6, texts.other),
    };
    const runtime = unwrap(await GpuRuntime.create(gpu, pipelines, options));
    const driver = new Driver(runtime);
    const { cache } = driver;
    const models = {
      small: await load(runtime, shapes.small, 5),
      other: await load(runtime, shapes.other, 6),
    };
    expect(gpu.memory.live).toBe(
      sharedBytes(options) + models.small.memory.total + models.other.memory.total,
    );
    // twice: in the second round each has pages that the other has just freed
    for (const order of [['small', 'other'] as const, ['other', 'small'] as const]) {
      const rows = order.map((name) => ({ name, row: cache.tables.openRow() }));
      let start = 0;
      for (const [i, end] of ends.entries()) {
        for (const { name, row } of rows)
          expect(await driver.step(models[name], row, start, texts[name].slice(start, end)), name).toEqual(
            wanted[name][i],
          );
        start = end;
      }
      expect(cache.pool.free).toBe(options.pages - 2 * Math.ceil(40 / options.pageSize));
      for (const { row } of rows) cache.close(row);
    }
    runtime.unload(models.small.id);
    const row = cache.tables.openRow();
    expect(await driver.step(models.other, row, 0, texts.other.slice(0, 17))).toEqual(wanted.other[0]);
    runtime.dispose();
    expect(gpu.memory.live).toBe(0);
  });

  it('copy a page in each of them, whatever its bytes', async () => {
    const runtime = unwrap(await GpuRuntime.create(gpu, pipelines, options));
    const driver = new Driver(runtime);
    const models = [await load(runtime, shapes.small, 5), await load(runtime, shapes.other, 6)];
    for (const model of models) {
      const text = textOf(model.config.vocab, 3);
      const row = driver.cache.tables.openRow();
      await driver.step(model, row, 0, text.slice(0, 20));
      const fork = driver.cache.fork(row, 20);
      // the fork's write copies the shared page in the same step
      const forked = await driver.step(model, fork, 20, text.slice(20, 21));
      expect(driver.cache.tables.page(fork, 1)).not.toBe(driver.cache.tables.page(row, 1));
      expect(await driver.step(model, row, 20, text.slice(20, 21))).toEqual(forked);
      // and each writes its own from then on
      await driver.step(model, fork, 21, [1]);
      const after = await driver.step(model, row, 21, text.slice(21, 22));
      driver.cache.close(fork);
      driver.cache.close(row);
      const again = driver.cache.tables.openRow();
      await driver.step(model, again, 0, text.slice(0, 21));
      expect(await driver.step(model, again, 21, text.slice(21, 22))).toEqual(after);
      driver.cache.close(again);
    }
    runtime.dispose();
  });

  it('have a window, a vocabulary and sizes of their own, refused by name', async () => {
    const runtime = unwrap(await GpuRuntime.create(gpu, pipelines, options));
    const small = await load(runtime, shapes.small, 5);
    const other = await load(runtime, shapes.other, 6);
    const batch = new BatchBuilder(options, () => 0);
    const refusal = (model: LoadedModel, start: number, token: number): string => {
      batch.begin(model.id);
      batch.add({ row: 0, start, tokens: [token], logits: 1, sampleSlot: 0, sampling: greedy });
      const step = runtime.step(batch);
      return step.ok ? '' : step.error.message;
    };
    expect(refusal(small, 40, 63)).toBe('');
    expect(refusal(other, 40, 63)).toContain('token 0 is at position 40 of 40');
    expect(refusal(other, 39, 100)).toBe('');
    expect(refusal(small, 39, 100)).toContain('token 0 is id 100');
    runtime.dispose();
  });
});
