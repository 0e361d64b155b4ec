// Loading with a probe: what holds is kept; kernels that differ, as where compilers round otherwise in one of them, are found by the
// run that takes them, and one version an op serves instead, whatever the row count.

import { describe, expect, it } from 'vitest';
import { err, failure, unwrap } from '../../../src/core/result.ts';
import type { ModelConfig } from '../../../src/model/config.ts';
import type { LoadedModel, ModelOptions, RuntimeOptions } from '../../../src/model/contract.ts';
import { loadProbed } from '../../../src/model/load-probed.ts';
import type { Numerics } from '../../../src/model/numerics.ts';
import { presets } from '../../../src/model/presets.ts';
import { probe } from '../../../src/model/probe.ts';
import { describeInvariance, describeProbe } from '../../../src/model/probe-report.ts';
import { GpuRuntime } from '../../../src/model/runtime.ts';
import { seededSource } from '../../../src/model/seeded-source.ts';
import type { WeightSource } from '../../../src/model/weights.ts';
import { testGpu } from '../gpu.ts';
import { Bench, plain, replacing, smallRuntime } from './setup.ts';

const { gpu, pipelines } = await testGpu();
const config: ModelConfig = { ...presets.nano, name: 'small', layers: 1, vocab: 64 };
const source = () => seededSource(gpu, pipelines, 42);

/** Fast kernels, whose reduction ids really differ, in place of those that should not; whoever asks is told what he asked for. */
function mixing(runtime: GpuRuntime, instead: readonly Numerics[]): GpuRuntime {
  const calls = (model: LoadedModel, numerics: Numerics | undefined): LoadedModel =>
    numerics ? { ...model, options: { ...model.options, numerics } } : model;
  const asked = new Map<LoadedModel['id'], Numerics>();
  return replacing(runtime, {
    async load(shape, options, weights) {
      const numerics = options.numerics ?? 'canonical';
      if (!instead.includes(numerics)) return runtime.load(shape, options, weights);
      const loaded = await runtime.load(shape, { ...options, numerics: 'fast' }, weights);
      if (!loaded.ok) return loaded;
      asked.set(loaded.value.id, numerics);
      return { ok: true, value: calls(loaded.value, numerics) };
    },
    get models() {
      return new Map([...runtime.models].map(([id, model]) => [id, calls(model, asked.get(id))]));
    },
  });
}

const open = async (options: RuntimeOptions = smallRuntime): Promise<GpuRuntime> =>
  unwrap(await GpuRuntime.create(gpu, pipelines, options));

describe('loading', () => {
  for (const kernels of ['cpu', 'gpu'] as const) {
    it(`keeps canonical kernels that a device agrees on, kernels for a ${kernels}`, async () => {
      const runtime = await open();
      const { model, invariance } = unwrap(await loadProbed(runtime, config, { ...plain, kernels }, source));
      expect(invariance).toMatchObject({ standing: 'kept', asked: 'canonical', served: 'canonical' });
      expect(invariance.probes).toHaveLength(1);
      expect(model.reduction).toBe('row-64 k32 tile64-part512');
      expect([...runtime.models.keys()]).toEqual([model.id]);
      runtime.dispose();
    });

    it(`serves with one version an op where they differ, kernels for a ${kernels}`, async () => {
      const runtime = await open();
      const options: ModelOptions = { ...plain, kernels };
      const flawed = mixing(runtime, ['canonical']);
      const { model, invariance } = unwrap(await loadProbed(flawed, config, options, source));
      expect(invariance).toMatchObject({ standing: 'fell back', asked: 'canonical', served: 'one-version' });
      expect(invariance.probes.map(({ identical }) => identical)).toEqual([false, true]);
      expect(describeInvariance(invariance)).toMatch(
        /one version serves each op .* Canonical numerics fail on this device: .* The same bits on this device: /,
      );
      expect(model.options.numerics).toBe('one-version');
      expect(model.reduction).toContain(kernels === 'cpu' ? 'k32@04_row_block' : 'k32@03_few_rows');
      // the first one's weights and pages are gone
      expect([...runtime.models.keys()]).toEqual([model.id]);
      runtime.dispose();
    });
  }

  it('says so where one version differs too', async () => {
    const runtime = await open();
    const flawed = mixing(runtime, ['canonical', 'one-version']);
    const { invariance } = unwrap(await loadProbed(flawed, config, plain, source));
    expect(invariance).toMatchObject({ standing: 'still differs', served: 'one-version' });
    expect(describeInvariance(invariance)).toMatch(/^A token’s logits depend on its batch on this device/);
    runtime.dispose();
  });

  it('promises nothing for fast kernels, and shows what the probe found', async () => {
    const runtime = await open();
    const { invariance } = unwrap(await loadProbed(runtime, config, { ...plain, numerics: 'fast' }, source));
    expect(invariance).toMatchObject({ standing: 'not promised', served: 'fast' });
    expect(invariance.probes[0]?.identical).toBe(false);
    runtime.dispose();
  });

  it('is stopped in the probe’s first step and in its last, and leaves nothing', async () => {
    const before = gpu.memory.live;
    let all = 0;
    for (const when of ['never', 'first', 'last'] as const) {
      const runtime = await open();
      const shared = gpu.memory.live;
      let steps = 0;
      let why: string | null = null;
      const watched = replacing(runtime, {
        step(batch) {
          steps++;
          if (when === 'first' || (when === 'last' && steps === all)) why = 'cancelled';
          return runtime.step(batch);
        },
      });
      const loaded = await loadProbed(watched, config, plain, source, () => why);
      if (when === 'never') all = steps;
      else {
        expect(loaded.ok || loaded.error.code).toBe('cancelled');
        expect(runtime.models.size).toBe(0);
        expect(gpu.memory.live).toBe(shared);
      }
      expect(steps).toBe(when === 'first' ? 1 : all);
      runtime.dispose();
    }
    expect(all).toBeGreaterThan(2);
    expect(gpu.memory.live).toBe(before);
  });

  it('leaves nothing behind when it is refused', async () => {
    const before = gpu.memory.live;
    const runtime = await open();
    const broken: WeightSource = {
      ...source(),
      check: async () => err(failure('bad-checkpoint', 'It is torn.', 'Fetch it again.')),
    };
    expect((await loadProbed(runtime, config, plain, () => broken)).ok).toBe(false);
    expect(runtime.models.size).toBe(0);
    runtime.dispose();
    expect(gpu.memory.live).toBe(before);
  });
});

describe('the probe', () => {
  for (const kv of ['f32', 'f16', 'i8'] as const)
    for (const pageSize of [8, 64])
      it(`finds the same bits in ${kv} pages of ${pageSize}`, async () => {
        const options = { ...smallRuntime, pageSize, pages: 1024 / pageSize };
        const bench = await Bench.open(config, { ...plain, kv }, options);
        const report = unwrap(await probe(bench.runtime, bench.model.id));
        expect(report.identical).toBe(true);
        // how many tokens are compared follows from where the device's kernels change
        expect(report.cells % config.vocab).toBe(0);
        expect(report.cells).toBeGreaterThanOrEqual((1 + 5) * config.vocab);
        const compared = `${report.cells.toLocaleString('en')} logits compared.`;
        expect(describeProbe(report)).toMatch(/^The same bits on this device: /);
        expect(describeProbe(report).endsWith(compared), describeProbe(report)).toBe(true);
        bench.dispose();
      });

  for (const kernels of ['cpu', 'gpu'] as const) {
    it(`finds that fast numerics differ where canonical ones never do, kernels for a ${kernels}`, async () => {
      for (const numerics of ['canonical', 'one-version', 'fast'] as const) {
        const bench = await Bench.open(config, { ...plain, kernels, numerics });
        const report = unwrap(await probe(bench.runtime, bench.model.id));
        expect(report).toMatchObject({ numerics, identical: numerics !== 'fast' });
        expect(describeProbe(report)).toMatch(
          numerics === 'fast'
            ? /^Fast numerics are not the same in every batch: /
            : /^The same bits on this device: /,
        );
        expect(bench.model.reduction.includes('|')).toBe(numerics === 'fast');
        bench.dispose();
      }
    });
  }

  /** What each run of the probe computes in its last step, for a device with many kernels. */
  const wrong: readonly (readonly [what: string, tokens: number, run: RegExp])[] = [
    ['few rows', 4, /^the last 4 of 545$/],
    ['one row, past 512 keys', 1, /^the last token of 545$/],
    ['a crowd, past 512 keys', 512, /^the last token of 545 beside 511 others$/],
    ['a chunk beside a neighbour', 7, /^the last 33 of 545 in chunks of 7, 21, 5 beside another sequence/],
  ];
  for (const [what, tokens, run] of wrong)
    it(`finds one bit in one logit of ${what}`, async () => {
      const bench = await Bench.open(
        config,
        { ...plain, kernels: 'gpu' },
        { ...smallRuntime, maxTokens: 512 },
      );
      const { runtime } = bench;
      let last = 0;
      const flawed = replacing(runtime, {
        step(batch) {
          last = batch.tokenCount;
          return runtime.step(batch);
        },
        async readLogits() {
          const view = await runtime.readLogits();
          const words = new Uint32Array(view.values.buffer);
          if (last === tokens) words[5] = (words[5] ?? 0) ^ 1;
          return view;
        },
      });
      const report = unwrap(await probe(flawed, bench.model.id));
      expect(report.identical).toBe(false);
      expect(report.difference?.run).toMatch(run);
      expect(report.difference?.id).toBe(5);
      bench.dispose();
    });

  it('is refused while a sequence lives, and leaves none behind', async () => {
    const bench = await Bench.open(config);
    unwrap(await probe(bench.runtime, bench.model.id));
    expect(bench.runtime.openRows).toBe(0);
    const row = bench.row([3]);
    const want = (await bench.step([{ row, tokens: [1, 2, 3] }])).logits[0];
    const refused = await probe(bench.runtime, bench.model.id);
    expect(refused.ok || refused.error.message).toMatch(/would write over the pages of 1 sequence/);
    expect((await bench.step([{ row, start: 2, tokens: [3] }])).logits[0]).toEqual(want);
    bench.dispose();
  });

  it('fits into the smallest runtimes', async () => {
    for (const options of [
      { ...smallRuntime, pages: 1, window: 16, rows: 1, maxTokens: 1, maxLogits: 1, sampleSlots: 1 },
      { ...smallRuntime, pages: 2, pageSize: 8, window: 16, rows: 2, maxTokens: 2, maxLogits: 2 },
      { ...smallRuntime, pages: 7, window: 100, rows: 2, maxTokens: 40 },
    ]) {
      const bench = await Bench.open(config, plain, options);
      const report = unwrap(await probe(bench.runtime, bench.model.id));
      expect(report.identical).toBe(true);
      bench.dispose();
    }
  });
});
