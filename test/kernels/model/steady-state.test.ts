// Steps of ever changing composition make no buffer, and neither pipelines nor bind groups: everything that a step may need is made
// when its model is loaded. Each is one submit of one command buffer.

import { describe, expect, it, vi } from 'vitest';
import { KvCache } from '../../../src/cache/kv-cache.ts';
import { prng } from '../../../src/core/prng.ts';
import { unwrap } from '../../../src/core/result.ts';
import { BatchBuilder, greedy } from '../../../src/model/batch.ts';
import type { ModelConfig } from '../../../src/model/config.ts';
import type { ModelOptions, StepHandle } from '../../../src/model/contract.ts';
import { presets } from '../../../src/model/presets.ts';
import { testGpu } from '../gpu.ts';
import { Bench, plain, smallRuntime } from './setup.ts';

const { gpu } = await testGpu();
const config: ModelConfig = { ...presets.nano, name: 'small', layers: 1, vocab: 64 };
const steps = 40;
const makers = [
  'createBuffer',
  'createBindGroup',
  'createComputePipelineAsync',
  'createShaderModule',
] as const;

const stored: readonly ModelOptions[] = [
  { ...plain, kernels: 'cpu' },
  { ...plain, kernels: 'gpu', weights: 'i8-row', activations: 'i8', kv: 'i8' },
];

describe('steady state', () => {
  for (const model of stored)
    it(`${steps} steps of other batches each: ${model.weights}, kernels for a ${model.kernels}`, async () => {
      const bench = await Bench.open(config, model);
      const { runtime } = bench;
      const cache = new KvCache(smallRuntime);
      const batch = new BatchBuilder(smallRuntime, (row, index) => cache.tables.page(row, index));
      const random = prng(11);
      /** Tokens of each open row, and whether the GPU holds its next one. */
      const rows = new Map<number, { length: number; sampled: boolean }>();
      const seen = new Set<string>();
      const open = (row: number, length: number) => rows.set(row, { length, sampled: false });
      // one step before, so that nothing is made for being the first
      const first = cache.tables.openRow();
      cache.prepare(first, 0, 3);
      runtime.syncTables(cache.tables);
      batch.begin(bench.model.id);
      batch.add({ row: first, start: 0, tokens: [1, 2, 3], logits: 1, sampleSlot: first, sampling: greedy });
      await unwrap(runtime.step(batch)).sampled;
      open(first, 3);

      const spies = makers.map((name) => vi.spyOn(gpu.device, name));
      const submits = vi.spyOn(gpu.device.queue, 'submit');
      const before = gpu.memory.live;
      const flying: StepHandle[] = [];
      for (let step = 0; step < steps; step++) {
        batch.begin(bench.model.id);
        const [row] = rows.keys();
        if (row !== undefined && rows.size > 6) {
          cache.close(row);
          rows.delete(row);
        }
        const parent = [...rows.keys()][random.int(0, rows.size - 1)];
        const of = parent === undefined ? undefined : rows.get(parent);
        // a fork shares a partial page, which its first write copies inside the step
        if (parent !== undefined && of && rows.size < 6) open(cache.fork(parent, of.length), of.length);
        if (random.next() < 0.7 && rows.size < 8) open(cache.tables.openRow(), 0);
        // every third step decodes alone, as most steps of serving do
        const decodes = step % 3 === 0 && [...rows.values()].some(({ sampled }) => sampled);
        let kinds = 0;
        for (const [r, sequence] of rows) {
          if (batch.tokenCount > 80 || (batch.tokenCount > 0 && random.next() < 0.3)) continue;
          const { length } = sequence;
          if (decodes && !sequence.sampled) continue;
          const count = sequence.sampled && (decodes || random.next() < 0.8) ? 1 : random.int(1, 23);
          if (!cache.prepare(r, length, length + count)) continue;
          const decode = sequence.sampled && count === 1;
          const tokens = decode ? { sampled: r } : Array.from({ length: count }, () => random.int(0, 63));
          // an unfinished chunk has no logits; several when drafts are checked; only the last one's sample is fed back
          const logits = decode || random.next() < 0.6 ? 1 : 0;
          const sampling = { temperature: random.int(0, 1), topK: random.int(0, 9), topP: 0.9, seed: r };
          batch.add({ row: r, start: length, tokens, logits, sampleSlot: r, sampling });
          rows.set(r, { length: length + count, sampled: logits === 1 });
          kinds |= decode ? 1 : 2;
        }
        const padded = [...rows].find(([, { length }]) => length > 0);
        if (padded && random.next() < 0.3) batch.pad(padded[0], padded[1].length - 1, random.int(1, 5));
        const copies = cache.copies.length / 2;
        runtime.syncTables(cache.tables);
        runtime.copyPages(cache.copies);
        cache.copies.length = 0;
        seen.add(`${kinds} ${batch.tokenCount} ${batch.sequenceCount} ${batch.logitCount} ${copies}`);
        flying.push(unwrap(runtime.step(batch)));
        if (flying.length === smallRuntime.inFlight) await flying.shift()?.sampled;
        expect(gpu.memory.live).toBe(before);
      }
      for (const { sampled } of flying) await sampled;
      for (const spy of spies) expect(spy, spy.getMockName()).not.toHaveBeenCalled();
      expect(submits).toHaveBeenCalledTimes(steps);
      for (const [buffers] of submits.mock.calls) expect(buffers).toHaveLength(1);
      vi.restoreAllMocks();
      // decodes alone, chunks alone and both; nearly every step unlike the others
      expect(new Set([...seen].map((s) => s[0]))).toEqual(new Set(['1', '2', '3']));
      expect([...seen].some((s) => !s.endsWith(' 0'))).toBe(true);
      expect(seen.size).toBeGreaterThan(steps / 2);
      bench.dispose();
      expect(gpu.memory.live).toBe(0);
    });
});
