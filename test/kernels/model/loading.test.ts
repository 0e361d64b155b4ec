// Loading: from checkpoints, from matrices that are larger than a binding, and that nothing is left behind.

import { describe, expect, it, vi } from 'vitest';
import { BlockTables } from '../../../src/cache/block-tables.ts';
import { unwrap } from '../../../src/core/result.ts';
import { BatchBuilder, greedy, type Part } from '../../../src/model/batch.ts';
import { checkpointSource, openCheckpoint } from '../../../src/model/checkpoint.ts';
import type { ModelConfig } from '../../../src/model/config.ts';
import { weightFormats } from '../../../src/model/formats.ts';
import { presets } from '../../../src/model/presets.ts';
import { GpuRuntime } from '../../../src/model/runtime.ts';
import { seededSource } from '../../../src/model/seeded-source.ts';
import { checkpointFiles, seededTensors } from '../../unit/model/checkpoint-files.ts';
import { testGpu } from '../gpu.ts';
import { Bench, plain, smallRuntime } from './setup.ts';

const { gpu, pipelines } = await testGpu();
const config: ModelConfig = { ...presets.nano, name: 'small', layers: 1, vocab: 64 };
const prompt: readonly Partial<Part>[] = [{ tokens: [1, 2, 3, 4, 5] }];

describe('checkpoints', () => {
  const biased: ModelConfig = { ...config, qkvBias: 'present', embeddings: 'separate' };
  for (const weights of weightFormats) {
    it(`a sharded F32 checkpoint gives the logits of the seed that it was made from, as ${weights}`, async () => {
      const files = checkpointFiles(biased, seededTensors(biased, 42), 'F32', 2);
      const checkpoint = unwrap(await openCheckpoint(files, biased.name));
      expect(checkpoint.config).toEqual(biased);
      const logits: Float32Array[] = [];
      for (const source of [checkpointSource(gpu, checkpoint), seededSource(gpu, pipelines, 42)]) {
        const bench = await Bench.open(biased, { ...plain, weights }, smallRuntime, source);
        bench.row([0]);
        logits.push(...(await bench.step(prompt)).logits);
        bench.dispose();
      }
      const [read = new Float32Array(), made = new Float32Array()] = logits;
      if (!weights.startsWith('i8')) expect(read).toEqual(made);
      // the host divides exactly where the GPU may be off by 2.5 ulp, so that single cells may round elsewhere
      else expect(Math.max(...read.map((x, i) => Math.abs(x - (made[i] ?? 0))))).toBeLessThan(5e-3);
    });
  }

  it('a mismatched checkpoint is refused before anything is allocated', async () => {
    const checkpoint = unwrap(
      await openCheckpoint(checkpointFiles(config, seededTensors(config, 1), 'BF16')),
    );
    const runtime = unwrap(await GpuRuntime.create(gpu, pipelines, smallRuntime));
    const buffers = vi.spyOn(gpu.device, 'createBuffer');
    const loaded = await runtime.load({ ...config, layers: 2 }, plain, checkpointSource(gpu, checkpoint));
    expect(buffers).not.toHaveBeenCalled();
    vi.restoreAllMocks();
    expect(loaded.ok ? '' : loaded.error.message).toContain(
      'model.layers.1.self_attn.q_proj.weight is missing',
    );
    runtime.dispose();
  });

  it('a weight that f16 cannot hold ends the load by its name, and nothing is kept', async () => {
    const wide = seededTensors(config, 1).map((t) =>
      t.name === 'model.layers.0.mlp.down_proj.weight' ? { ...t, cells: t.cells.fill(70000) } : t,
    );
    const checkpoint = unwrap(await openCheckpoint(checkpointFiles(config, wide, 'F32')));
    const runtime = unwrap(await GpuRuntime.create(gpu, pipelines, smallRuntime));
    const before = gpu.memory.live;
    const options = { ...plain, weights: 'f16' } as const;
    const loaded = await runtime.load(config, options, checkpointSource(gpu, checkpoint));
    expect(loaded.ok ? '' : loaded.error.message).toContain('down_proj.weight holds 70000 in row 0');
    expect(gpu.memory.live).toBe(before);
    runtime.dispose();
  });
});

describe('an embedding larger than a binding', () => {
  for (const weights of ['f32', 'i8-g32'] as const) {
    it(`is split by rows, and changes nothing, as ${weights}`, async () => {
      const wide: ModelConfig = { ...config, vocab: 500, width: 32, hidden: 96 };
      const ids = [0, 63, 64, 127, 128, 300, 499];
      const seen: unknown[] = [];
      for (const more of [{}, { largestBinding: weights === 'f32' ? 25_000 : 6_200 }]) {
        const bench = await Bench.open(wide, { ...plain, weights }, { ...smallRuntime, ...more });
        const row = bench.row([0]);
        seen.push({ ...(await bench.step([{ row, tokens: ids, logits: ids.length }])) });
        const parts = bench.model.program.filter(({ role }) => role.startsWith('logits'));
        expect(parts.length).toBe('largestBinding' in more ? 3 : 1);
        bench.dispose();
      }
      expect(seen[1]).toEqual(seen[0]);
    });
  }
});

describe('nothing is left behind', () => {
  it('after loading, running and unloading ten times', async () => {
    const runtime = unwrap(await GpuRuntime.create(gpu, pipelines, smallRuntime));
    const before = gpu.memory.live;
    const tables = new BlockTables(smallRuntime.rows, smallRuntime.window / smallRuntime.pageSize);
    const [row, fork] = [tables.openRow(), tables.openRow()];
    tables.push(row, 0);
    tables.push(fork, 1);
    runtime.syncTables(tables);
    const batch = new BatchBuilder(smallRuntime, (r, index) => tables.page(r, index));
    for (let i = 0; i < 10; i++) {
      const options = { ...plain, numerics: i % 2 === 0 ? 'canonical' : 'fast' } as const;
      const model = unwrap(await runtime.load(config, options, seededSource(gpu, pipelines, i)));
      expect(gpu.memory.live).toBeGreaterThan(before);
      const run = (r: number, start: number, tokens: number[]) =>
        unwrap(
          runtime.step(
            batch.begin(model.id).add({ row: r, start, tokens, logits: 1, sampleSlot: 0, sampling: greedy }),
          ),
        ).sampled;
      await run(row, 0, [1, 2, 3]);
      runtime.copyPages([0, 1]);
      const [a] = await run(fork, 3, [4]);
      const [b] = await run(row, 3, [4]);
      expect(a).toBe(b);
      const captured = await runtime.capture(batch, 0, 'attention');
      expect(captured.ok).toBe(true);
      runtime.unload(model.id);
      expect(gpu.memory.live).toBe(before);
    }
    runtime.dispose();
    expect(gpu.memory.live).toBe(0);
    for (let i = 0; i < 10; i++) {
      const bench = await Bench.open(config);
      bench.row([0]);
      await bench.step(prompt);
      bench.dispose();
    }
    expect(gpu.memory.live).toBe(0);
  });
});
