// A dispatch's real buffers: what it read and wrote, every one of them as the values that it stands for.

import { describe, expect, it } from 'vitest';
import { unwrap } from '../../../src/core/result.ts';
import { catalog, findVersion } from '../../../src/kernels/catalog.ts';
import { greedy } from '../../../src/model/batch.ts';
import type { ModelConfig } from '../../../src/model/config.ts';
import type { ModelOptions } from '../../../src/model/contract.ts';
import { presets } from '../../../src/model/presets.ts';
import { tensorsOf } from '../../../src/views/model/captured.ts';
import { tensorStats } from '../../../src/views/model/tensor.ts';
import { Bench, plain } from './setup.ts';

const config: ModelConfig = { ...presets.nano, name: 'small', layers: 1, vocab: 64 };

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

describe('a look at any dispatch', () => {
  const stored: readonly ModelOptions[] = [
    plain,
    { ...plain, weights: 'i8-row', activations: 'i8', kv: 'i8' },
    { ...plain, weights: 'f16', activations: 'i8', kv: 'f16' },
  ];
  for (const options of stored)
    for (const kernels of ['cpu', 'gpu'] as const)
      it(`has values for everything bound: ${options.weights}, ${options.activations ?? 'f32'}, for a ${kernels}`, async () => {
        const bench = await Bench.open(presets.nano, { ...options, kernels });
        const [long, short] = [bench.row(Array.from({ length: 40 }, (_, i) => i)), bench.row([60])];
        const own = { logits: 1, sampling: greedy };
        bench.runtime.syncTables(bench.tables);
        bench.batch.begin(bench.model.id);
        // the first of more than 512 keys: attention in partitions, where it has them
        bench.batch.add({ ...own, row: long, start: 600, tokens: [3], sampleSlot: 0 });
        bench.batch.add({ ...own, row: short, start: 0, tokens: [1, 2, 3], sampleSlot: 1 });
        for (const { layer, role } of bench.model.program) {
          const captured = unwrap(await bench.runtime.capture(bench.batch, layer, role));
          const entry = catalog.get(captured.name.op) ?? expect.fail(captured.name.op);
          const version = findVersion(captured.name.op, captured.name.version) ?? expect.fail();
          const what = `${layer} ${role}: ${version.path}`;
          const tensors = tensorsOf(captured, entry.op, version);
          const bound = version.reflection.bindings.filter(({ access }) => access !== 'uniform');
          expect(tensors.map(({ name }) => name).sort(), what).toEqual(bound.map(({ name }) => name).sort());
          for (const { name, role: use, before, after } of tensors) {
            expect(after.length, `${what} ${name}`).toBeGreaterThan(0);
            const { min, max, strange } = tensorStats(after);
            expect(strange, `${what} ${name}`).toBe(0);
            // something was computed, and only outputs change
            if (use === 'out') expect(max, `${what} ${name}`).toBeGreaterThan(min);
            if (use === 'in') expect(tensorStats(before)).toEqual(tensorStats(after));
          }
        }
        bench.dispose();
      });
});
