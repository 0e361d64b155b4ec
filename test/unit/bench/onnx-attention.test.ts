// Attention as onnxruntime's ops get it: run by its WebAssembly where it has a kernel, and held against our reference.

import * as ort from 'onnxruntime-web';
import { describe, expect, it } from 'vitest';
import { type AttentionCall, attentionCalls } from '../../../bench/peers/onnx/attention.ts';
import { modelOf, presentInputs } from '../../../bench/peers/onnx/model.ts';
import { catalog } from '../../../src/kernels/catalog.ts';
import type { Dims } from '../../../src/kernels/op.ts';
import { verify } from '../../../src/kernels/verify.ts';
import { attentionCases, attentionDims } from '../../../src/measure/attention.ts';

const entry = catalog.get('paged_attention');
if (!entry) throw new Error('no paged_attention');
const { op } = entry;

const problemOf = (kv: 'f32' | 'f16' | 'i8', over: Dims = {}) => {
  const [one] = attentionCases({
    ...{ phases: ['decode'], batches: [3], contexts: [40], heads: 4, groups: [2], headDim: 32 },
    ...{ kvs: [kv], pages: [16], chunk: 1 },
  });
  if (!one) throw new Error('no case');
  const dims = { ...attentionDims(one), ...over };
  return { op: op.id, dims, dtype: 'f32' as const, inputs: op.inputs(dims, 'normal', 'f32', 7) };
};
const calls = (...of: Parameters<typeof attentionCalls>): AttentionCall[] =>
  attentionCalls(...of).filter((call) => 'node' in call);

describe('GroupQueryAttention', () => {
  it('gives what the pages hold, for sequences of different lengths', async () => {
    const problem = problemOf('f32', { shortest: 20 });
    const [call] = calls(problem, false);
    if (!call) throw new Error('no call');
    const session = await ort.InferenceSession.create(modelOf(call.node), { executionProviders: ['wasm'] });
    const feeds = Object.fromEntries(
      presentInputs(call.node).flatMap(({ name, dims, data }) =>
        data ? [] : [[name, new ort.Tensor('float32', Float32Array.from(call.given[name] ?? []), dims)]],
      ),
    );
    const { y } = await session.run(feeds);
    await session.release();
    const want = op.reference(problem.inputs, problem.dims)['y'];
    if (!y || !want) throw new Error('no output');
    const tolerance = op.tolerance(problem.dims, 'f32');
    expect(verify(Float64Array.from(y.data as Float32Array), want, tolerance)).toMatchObject({
      verified: true,
    });
  });
});

describe('PagedAttention', () => {
  it('gets our pages, head by head in its order, and the tables as they are', () => {
    const problem = problemOf('f16');
    const [grouped, paged] = calls(problem, true);
    expect([grouped?.name, paged?.name]).toEqual(['GroupQueryAttention f16', 'PagedAttention f16']);
    if (!grouped || !paged) throw new Error('no calls');
    for (const { node, given } of [grouped, paged])
      for (const { name, dims, data } of presentInputs(node))
        expect(data ? data.length / 4 : given[name]?.length, name).toBe(dims.reduce((a, b) => a * b, 1));
    const { tables = [] } = problem.inputs;
    const { page = 0, width = 0, keys = 0 } = problem.dims;
    for (const [s, key, head, c] of [
      [0, 0, 0, 0],
      [1, 17, 1, 31],
      [2, 39, 1, 5],
    ] as const) {
      const block = tables[s * width + Math.floor(key / page)] ?? 0;
      const there = ((block * page + (key % page)) * 2 + head) * 32 + c;
      const here = ((s * 2 + head) * keys + key) * 32 + c;
      expect(paged.given['key_cache']?.[there]).toBe(grouped.given['past_key']?.[here]);
      expect(paged.given['value_cache']?.[there]).toBe(grouped.given['past_value']?.[here]);
    }
  });

  it('is named where it cannot run', () => {
    const why = (...of: Parameters<typeof attentionCalls>) =>
      attentionCalls(...of).map((call) => ('why' in call ? `${call.name}: ${call.why}` : call.name));
    expect(why(problemOf('f32'), true)).toEqual([
      'GroupQueryAttention f32',
      'PagedAttention: its WebGPU kernel has f16 alone',
    ]);
    expect(why(problemOf('f16'), false)).toEqual([
      'GroupQueryAttention f16: this device has no shader-f16',
      'PagedAttention f16: this device has no shader-f16',
    ]);
    expect(why(problemOf('i8'), true)).toEqual([]);
  });
});
