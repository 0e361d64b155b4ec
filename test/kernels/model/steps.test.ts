// Steps of the runtime: several models in one page space, copies of pages, one submit, sampled ids that stay on the GPU, tables sent
// by what changed, and batches that are refused.

import { describe, expect, it, vi } from 'vitest';
import { unwrap } from '../../../src/core/result.ts';
import { FROM_HOST, greedy, type Part } from '../../../src/model/batch.ts';
import type { ModelConfig } from '../../../src/model/config.ts';
import type { RuntimeOptions } from '../../../src/model/contract.ts';
import { presets } from '../../../src/model/presets.ts';
import { seededSource } from '../../../src/model/seeded-source.ts';
import { testGpu } from '../gpu.ts';
import { Bench, plain, smallRuntime } from './setup.ts';

const { gpu, pipelines } = await testGpu();
const config: ModelConfig = { ...presets.nano, name: 'small', layers: 1, vocab: 64 };
const prompt: readonly Partial<Part>[] = [{ tokens: [1, 2, 3, 4, 5] }];

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

describe('block tables', () => {
  it('are sent by what changed, and once', async () => {
    const bench = await Bench.open(config);
    const { tables, runtime } = bench;
    const sent: [offset: number, pages: number[]][] = [];
    const writes = vi.spyOn(gpu.device.queue, 'writeBuffer').mockImplementation((...args) => {
      const [, offset, data, from = 0, size = 0] = args;
      sent.push([offset / 4, [...new Int32Array(data as ArrayBuffer, from, size / 4)]]);
    });
    const [a, b] = [bench.row([5, 6, 7]), bench.row([9])];
    runtime.syncTables(tables);
    expect(sent).toEqual([
      [a * tables.width, [5, 6, 7]],
      [b * tables.width, [9]],
    ]);
    sent.length = 0;
    tables.push(b, 10);
    runtime.syncTables(tables);
    tables.replace(a, 1, 8);
    tables.pop(b);
    runtime.syncTables(tables);
    runtime.syncTables(tables);
    expect(sent).toEqual([
      [b * tables.width + 1, [10]],
      [a * tables.width + 1, [8]],
    ]);
    writes.mockRestore();
    bench.dispose();
  });
});

describe('a step’s columns', () => {
  const large: RuntimeOptions = {
    ...smallRuntime,
    rows: 256,
    maxTokens: 8192,
    maxLogits: 256,
    sampleSlots: 512,
  };
  it('are sent as far as the step uses them: little of a large runtime, all at once in a small one', async () => {
    const seen: Float32Array[][] = [];
    for (const sizes of [large, smallRuntime]) {
      const bench = await Bench.open(config, plain, sizes);
      const row = bench.row([3]);
      const first = await bench.step([{ ...prompt[0], row, logits: 5 }]);
      const writes = vi.spyOn(gpu.device.queue, 'writeBuffer');
      const next = await bench.step([{ row, start: 5, tokens: [6] }]);
      const bytes = writes.mock.calls.reduce((sum, [, , , , size]) => sum + (size ?? 0), 0);
      if (sizes === large) {
        expect(writes.mock.calls.length).toBeLessThanOrEqual(6);
        expect(bytes).toBeLessThan(16 * 1024); // of 290 KiB
      } else expect(writes).toHaveBeenCalledTimes(1);
      writes.mockRestore();
      // a longer step after a shorter one finds all of its own
      const again = await bench.step([{ row, start: 0, tokens: [9, 8, 7, 6, 5, 4, 3], logits: 7 }]);
      seen.push([...first.logits, ...next.logits, ...again.logits]);
      bench.dispose();
    }
    expect(seen[0]).toEqual(seen[1]);
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
    expect(submits.mock.calls[0]?.[0]).toHaveLength(1);
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

describe('a batch that points out of place', () => {
  const wrong: readonly (readonly [string, (b: Bench) => void, string])[] = [
    ['a token past the vocabulary', ({ batch }) => batch.tokens.set([64]), 'token 0 is id 64'],
    ['a position past the window', ({ batch }) => batch.positions.set([1024]), 'position 1024'],
    ['a slot past the pages', ({ batch }) => batch.slots.set([1024]), 'slot 1024'],
    ['a row past the tables', ({ batch }) => batch.rows.set([16]), 'row 16'],
    ['a sample slot that is not there', ({ batch }) => batch.sampleSlots.set([256]), 'slot 256'],
  ];
  it('is refused by its entry', async () => {
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
