// The runtime around the mathematics: checkpoints, several models, copies of pages, sampled ids that stay on the
// GPU, refusals, capture, and that nothing is left behind.

import { describe, expect, it, vi } from 'vitest';
import { BlockTables } from '../../../src/cache/block-tables.ts';
import { unwrap } from '../../../src/core/result.ts';
import type { Gpu } from '../../../src/gpu/device.ts';
import { BatchBuilder, FROM_HOST, greedy, type Part } from '../../../src/model/batch.ts';
import { checkpointSource, openCheckpoint } from '../../../src/model/checkpoint.ts';
import type { ModelConfig } from '../../../src/model/config.ts';
import type { ModelOptions } from '../../../src/model/contract.ts';
import { weightFormats } from '../../../src/model/formats.ts';
import { poolFor, roomOf, sharedBytes } from '../../../src/model/memory.ts';
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
    const before = gpu.memory.live;
    const loaded = await runtime.load({ ...config, layers: 2 }, plain, checkpointSource(gpu, checkpoint));
    expect(loaded.ok ? '' : loaded.error.message).toContain(
      'model.layers.1.self_attn.q_proj.weight is missing',
    );
    expect(gpu.memory.live).toBe(before);
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

describe('a runtime of sizes that its kernels do not take', () => {
  it('is refused by the option, before anything is allocated', async () => {
    const before = gpu.memory.live;
    const made = await GpuRuntime.create(gpu, pipelines, { ...smallRuntime, pageSize: 12 });
    expect(made.ok || made.error.message).toBe("The runtime's pageSize is 12.");
    expect(gpu.memory.live).toBe(before);
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

describe('several models share one page space', () => {
  it('and do not disturb each other', async () => {
    const bench = await Bench.open(config);
    const row = bench.row([7]);
    const first = await bench.step([{ ...prompt[0], row }]);
    const other = unwrap(
      await bench.runtime.load({ ...config, name: 'other' }, plain, seededSource(gpu, pipelines, 43)),
    );
    expect([...bench.runtime.models.keys()]).toEqual([bench.model.id, other.id]);
    bench.batch
      .begin(other.id)
      .add({ row, start: 0, tokens: [9, 9, 9], logits: 1, sampleSlot: 0, sampling: greedy });
    await unwrap(bench.runtime.step(bench.batch)).sampled;
    const again = await bench.step([{ row, start: 4, tokens: [5] }]);
    expect(again.logits[0]).toEqual(first.logits[0]);
    bench.runtime.unload(other.id);
    expect((await bench.step([{ row, start: 4, tokens: [5] }])).logits[0]).toEqual(first.logits[0]);
    bench.dispose();
  });
});

describe('pages', () => {
  it('a copied page answers as the original does, and is its own', async () => {
    const bench = await Bench.open(config, { ...plain, kv: 'i8' });
    const [row, fork] = [bench.row([3]), bench.row([11])];
    await bench.step([{ ...prompt[0], row }]);
    bench.runtime.copyPages([3, 11]);
    const [a, b] = (await bench.step([row, fork].map((r) => ({ row: r, start: 5, tokens: [6] })))).logits;
    expect(a).toEqual(b);
    await bench.step([{ row: fork, start: 0, tokens: [60, 61, 62] }]);
    const after = (await bench.step([row, fork].map((r) => ({ row: r, start: 5, tokens: [6] })))).logits;
    expect(after[0]).toEqual(a);
    expect(after[1]).not.toEqual(a);
    bench.dispose();
  });
});

describe('one step', () => {
  it('is one submit, its page copies included, and makes no buffer', async () => {
    const bench = await Bench.open(config);
    const [row, fork, third] = [bench.row([3]), bench.row([11]), bench.row([12])];
    await bench.step([{ ...prompt[0], row }]);
    const { queue } = gpu.device;
    const submits = vi.spyOn(queue, 'submit');
    const buffers = vi.spyOn(gpu.device, 'createBuffer');
    // the second pair reads what the first has written
    bench.runtime.copyPages([3, 11]);
    bench.runtime.copyPages([11, 12]);
    bench.batch.begin(bench.model.id);
    for (const r of [row, fork, third])
      bench.batch.add({ row: r, start: 5, tokens: [6], logits: 1, sampleSlot: r, sampling: greedy });
    const before = gpu.memory.live;
    const step = unwrap(bench.runtime.step(bench.batch));
    const ids = await step.sampled;
    expect(submits).toHaveBeenCalledTimes(1);
    expect(buffers).not.toHaveBeenCalled();
    expect(gpu.memory.live).toBe(before);
    vi.restoreAllMocks();
    // one dispatch more for the copies of the one layer
    expect(step.dispatches).toBe(bench.model.program.length + 1);
    expect(new Set(ids).size).toBe(1);
    const { values, columns } = await bench.runtime.readLogits();
    for (const i of [1, 2])
      expect(values.slice(i * columns, (i + 1) * columns)).toEqual(values.slice(0, columns));
    bench.dispose();
  });
});

describe('sampled ids', () => {
  it('feed the next step on the GPU as they would from the host', async () => {
    const sampling = { temperature: 0.9, topK: 20, topP: 0.95, seed: 5 };
    const bench = await Bench.open(config);
    const [onGpu, fromHost] = [bench.row([0, 1]), bench.row([2, 3])];
    const start = await bench.step([onGpu, fromHost].map((row) => ({ row, tokens: [1, 2, 3], sampling })));
    const seen: (number | undefined)[][] = [[...start.sampled]];
    for (let position = 3; position < 20; position++) {
      const { sampled } = await bench.step([
        { row: onGpu, start: position, tokens: { sampled: onGpu }, sampling },
        { row: fromHost, start: position, tokens: [seen.at(-1)?.[1] ?? 0], sampling },
      ]);
      seen.push([...sampled]);
    }
    expect(seen.map(([a]) => a)).toEqual(seen.map(([, b]) => b));
    expect(new Set(seen.map(([a]) => a)).size).toBeGreaterThan(3);
    bench.dispose();
  });

  it('may be two steps ahead of what the host has read', async () => {
    const bench = await Bench.open(config);
    const row = bench.row([0, 1]);
    await bench.step([{ row, tokens: [1, 2, 3] }]);
    const next = (position: number) =>
      unwrap(
        bench.runtime.step(
          bench.batch.begin(bench.model.id).add({
            row,
            start: position,
            tokens: { sampled: row },
            logits: 1,
            sampleSlot: row,
            sampling: greedy,
          }),
        ),
      );
    const [a, b] = [next(3), next(4)];
    expect(bench.runtime.step(bench.batch).ok).toBe(false);
    const ids = [...(await a.sampled), ...(await b.sampled)];
    const check = await bench.step([{ row, start: 4, tokens: [ids[0] ?? 0] }]);
    expect(check.sampled[0]).toBe(ids[1]);
    bench.dispose();
  });
});

describe('what does not fit', () => {
  it('is refused with the sizes, before the driver sees it', async () => {
    const runtime = unwrap(await GpuRuntime.create(gpu, pipelines, smallRuntime));
    // a layer has about 60 MiB
    const llama = { ...presets['Llama-3.2-1B'], layers: Math.ceil(gpu.cap / (50 * 2 ** 20)) };
    const buffers = vi.spyOn(gpu.device, 'createBuffer');
    const loaded = await runtime.load(
      llama,
      { ...plain, weights: 'i8-row' },
      seededSource(gpu, pipelines, 1),
    );
    expect(buffers).not.toHaveBeenCalled();
    vi.restoreAllMocks();
    expect(loaded.ok || loaded.error.code).toBe('over-budget');
    expect(loaded.ok || loaded.error.message).toMatch(/it takes .* MiB .*, .* MiB more than the .* MiB that/);
    runtime.dispose();
  });

  /** As `gpu`, but its device makes an invalid buffer where a label says so, as one that has no memory left does. */
  const refusing = (label: RegExp): Gpu => ({
    ...gpu,
    device: new Proxy(gpu.device, {
      get(device, name: keyof GPUDevice) {
        if (name === 'createBuffer')
          return (wanted: GPUBufferDescriptor) =>
            device.createBuffer(label.test(wanted.label ?? '') ? { ...wanted, usage: 0 } : wanted);
        const value: unknown = device[name];
        return typeof value === 'function' ? value.bind(device) : value;
      },
    }),
  });

  it('is a failure where the device has no memory for it, and frees what it had', async () => {
    const before = gpu.memory.live;
    const made = await GpuRuntime.create(refusing(/block tables/), pipelines, smallRuntime);
    expect(made.ok ? '' : made.error.message).toMatch(/^The device refused runtime: .*block tables/s);
    expect(gpu.memory.live).toBe(before);
    const runtime = unwrap(await GpuRuntime.create(refusing(/down\[0\]$/), pipelines, smallRuntime));
    const shared = gpu.memory.live;
    const loaded = await runtime.load(config, plain, seededSource(gpu, pipelines, 1));
    expect(loaded.ok ? '' : loaded.error.message).toMatch(/^The device refused model 1 .*down/s);
    expect(gpu.memory.live).toBe(shared);
    runtime.dispose();
    expect(gpu.memory.live).toBe(before);
  });

  it('frees what it had when its source throws', async () => {
    const runtime = unwrap(await GpuRuntime.create(gpu, pipelines, smallRuntime));
    const shared = gpu.memory.live;
    const source = seededSource(gpu, pipelines, 1);
    const broken = { ...source, vector: () => Promise.reject(new Error('the file went away')) };
    await expect(runtime.load(config, plain, broken)).rejects.toThrow('the file went away');
    expect(gpu.memory.live).toBe(shared);
    expect(await gpu.device.queue.onSubmittedWorkDone()).toBeUndefined();
    runtime.dispose();
  });

  const stored: readonly ModelOptions[] = [
    plain,
    { ...plain, weights: 'i8-g32', kv: 'f16' },
    { ...plain, weights: 'i8-row', activations: 'i8', kv: 'i8' },
    { ...plain, weights: 'f16', activations: 'i8' },
  ];
  for (const options of stored)
    it(`the estimate is what is allocated, to the byte: ${options.weights}, ${options.activations ?? 'f32'}, KV ${options.kv}`, async () => {
      expect(gpu.memory.live).toBe(0);
      const bench = await Bench.open(config, options);
      const { memory, id } = bench.model;
      expect(gpu.memory.live).toBe(memory.total + sharedBytes(smallRuntime));
      bench.runtime.unload(id);
      expect(gpu.memory.live).toBe(sharedBytes(smallRuntime));
      bench.dispose();
    });

  it('a budget becomes a pool that fits beside weights and steps, and one page more does not', async () => {
    const { pages: _, ...sizes } = smallRuntime;
    const options: ModelOptions = { ...plain, weights: 'i8-row', kv: 'i8' };
    const budget = 2 * 2 ** 20;
    // two devices: one with room to spare, one whose memory ends before the budget does
    for (const [most, limit] of [
      [gpu.cap, 'budget'],
      [budget, 'device memory'],
    ] as const) {
      const small = { ...gpu, cap: most };
      const pool = unwrap(poolFor(config, options, sizes, budget, roomOf(small)));
      expect(pool.limit).toBe(limit);
      expect(pool.pages).toBeGreaterThan(0);
      const load = async (pages: number) => {
        const runtime = unwrap(await GpuRuntime.create(small, pipelines, { ...sizes, pages }));
        const loaded = await runtime.load(config, options, seededSource(gpu, pipelines, 1));
        return { runtime, loaded };
      };
      const { runtime, loaded } = await load(pool.pages);
      const { memory } = unwrap(loaded);
      expect(memory.kv).toBeLessThanOrEqual(budget);
      expect(gpu.memory.live).toBeLessThanOrEqual(most);
      runtime.dispose();
      expect(gpu.memory.live).toBe(0);
      const more = await load(pool.pages + 1);
      if (limit === 'budget') expect(unwrap(more.loaded).memory.kv).toBeGreaterThan(budget);
      else expect(more.loaded.ok || more.loaded.error.code).toBe('over-budget');
      more.runtime.dispose();
    }
  });

  const wrong: readonly (readonly [string, (b: Bench) => void, string])[] = [
    ['a token past the vocabulary', ({ batch }) => batch.tokens.set([64]), 'token 0 is id 64'],
    ['a position past the window', ({ batch }) => batch.positions.set([1024]), 'position 1024'],
    ['a slot past the pages', ({ batch }) => batch.slots.set([1024]), 'slot 1024'],
    ['a row past the tables', ({ batch }) => batch.rows.set([16]), 'row 16'],
    ['a sample slot that is not there', ({ batch }) => batch.sampleSlots.set([256]), 'slot 256'],
  ];
  it('a batch that points out of place is refused by its entry', async () => {
    const bench = await Bench.open(config);
    const row = bench.row([0]);
    for (const [name, spoil, message] of wrong) {
      bench.batch
        .begin(bench.model.id)
        .add({ row, start: 0, tokens: [1], logits: 1, sampleSlot: 0, sampling: greedy });
      expect(bench.batch.from[0]).toBe(FROM_HOST);
      spoil(bench);
      const step = bench.runtime.step(bench.batch);
      expect(step.ok ? '' : step.error.message, name).toContain(message);
    }
    bench.dispose();
  });
});

describe('capture', () => {
  it('brings back what a dispatch read and wrote, and the step goes on', async () => {
    const bench = await Bench.open(config);
    const row = bench.row([4]);
    bench.runtime.syncTables(bench.tables);
    const part = { row, start: 0, tokens: [1, 2, 3, 4, 5], logits: 1, sampleSlot: 0, sampling: greedy };
    bench.batch.begin(bench.model.id).add(part);
    const captured = unwrap(await bench.runtime.capture(bench.batch, 0, 'rope_kv_append'));
    expect(captured.name).toEqual({
      layer: 0,
      op: 'rope_kv_append',
      version: '01_units',
      role: 'rope_kv_append',
    });
    expect(captured.dims['heads']).toBe(config.heads);
    expect(captured.buffers['positions']?.before.byteLength).toBeGreaterThanOrEqual(5 * 4);
    expect([
      ...new Uint32Array(captured.buffers['positions']?.before ?? new ArrayBuffer(0)).slice(0, 5),
    ]).toEqual([0, 1, 2, 3, 4]);
    const q = captured.buffers['q'];
    expect(new Float32Array(q?.after ?? new ArrayBuffer(0))).not.toEqual(
      new Float32Array(q?.before ?? new ArrayBuffer(4)),
    );
    expect(new Float32Array(q?.before ?? new ArrayBuffer(0))[0]).toBe(0);
    const view = await bench.runtime.readLogits();
    expect(view.values).toEqual((await bench.step([part])).logits[0]);
    const none = await bench.runtime.capture(bench.batch, 5, 'qkv');
    expect(none.ok ? '' : none.error.hint).toContain('no such layer');
    bench.dispose();
  });
});

describe('timing a step by its dispatches', () => {
  it('lists what runs, each able to encode itself', async () => {
    const bench = await Bench.open(config);
    const row = bench.row([4]);
    const { logits } = await bench.step([{ ...prompt[0], row }]);
    const list = unwrap(bench.runtime.dispatches(bench.batch));
    expect(list.map(({ name }) => `${name.layer} ${name.role}`)).toEqual([
      'embed embed[0]',
      ...[
        'norm_first',
        'qkv',
        'rope_kv_append',
        'attention',
        'out',
        'norm_mlp',
        'gate_up',
        'silu_mul',
        'down',
      ].map((role) => `0 ${role}`),
      'head head_norm',
      'head logits[0]',
      'head sample',
    ]);
    const { device } = gpu;
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    for (const dispatch of list) dispatch.encode(pass);
    pass.end();
    device.queue.submit([encoder.finish()]);
    expect((await bench.runtime.readLogits()).values).toEqual(logits[0]);
    bench.dispose();
  });
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
