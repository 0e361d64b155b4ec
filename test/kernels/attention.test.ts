// Attention where it is long and mixed: 32,768 keys, and one launch for decodes and prefill chunks of any lengths. The shapes of
// ops.test.ts are small, and their sequences are all of one kind.

import { describe, expect, it } from 'vitest';
import paged from '../../shaders/paged_attention/op.ts';
import { explain, unwrap } from '../../src/core/result.ts';
import { runOnce } from '../../src/gpu/dispatch.ts';
import { makeInputs } from '../../src/gpu/inputs.ts';
import { makeSubject } from '../../src/gpu/subject.ts';
import { catalog, findVersion } from '../../src/kernels/catalog.ts';
import type { Dims, Values } from '../../src/kernels/op.ts';
import { prepare } from '../../src/kernels/prepare.ts';
import { verify } from '../../src/kernels/verify.ts';
import { type AttentionCase, attentionDims, gatherDims } from '../../src/measure/attention.ts';
import { fewestLoads } from './attention-cover.ts';
import { testGpu } from './gpu.ts';

const { gpu, pipelines } = await testGpu();

const long: AttentionCase = {
  phase: 'decode',
  batch: 1,
  context: 32_768,
  tokens: 1,
  heads: 2,
  group: 2,
  headDim: 32,
  kv: 'f32',
  page: 16,
};

describe('32,768 keys', () => {
  const cases = [
    ...(catalog.get('paged_attention')?.versions ?? []).map((version) => ({ version, of: long })),
    // scales of int8 pages far into a sequence, and a short chunk at its end
    ...['04_serial', '02_page_walk', '06_wide_walk'].map((id) => ({
      version: findVersion('paged_attention', id),
      of: { ...long, phase: 'prefill', tokens: 5, kv: 'i8', page: 64 } as const,
    })),
    ...(catalog.get('contiguous_attention')?.versions ?? []).map((version) => ({ version, of: long })),
  ];
  for (const { version, of } of cases) {
    if (!version) throw new Error('a version is missing');
    it(`${version.op} ${version.id}, ${of.phase}, ${of.kv}`, async () => {
      const op = catalog.get(version.op)?.op;
      if (!op) throw new Error(version.op);
      const set = unwrap(makeInputs(gpu, op, attentionDims(of), 'f32'));
      const subject = unwrap(await makeSubject(gpu, pipelines, set, version, {}));
      const [run] = unwrap(await subject.runs(set.ring));
      subject.clear();
      expect((await subject.check()).verified, 'zeroes do not pass').toBe(false);
      const encoder = gpu.device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      for (const part of run ?? []) part.encode(pass);
      pass.end();
      gpu.device.queue.submit([encoder.finish()]);
      expect(await subject.check()).toMatchObject({ verified: true, why: '' });
      subject.dispose();
      set.scope.dispose();
      expect(gpu.memory.live).toBe(0);
    });
  }

  it('gathers as many pages', async () => {
    const version = findVersion('gather_pages', '01_units');
    const op = catalog.get('gather_pages')?.op;
    if (!version || !op) throw new Error('gather_pages');
    const dims = gatherDims(long);
    const inputs = op.inputs(dims, 'iota', 'f32', 3);
    const run = await runOnce(gpu, pipelines, unwrap(prepare(op, version, dims, 'f32')), inputs);
    if (!run.ok) throw new Error(explain(run.error));
    expect(
      verify(
        run.value['dense'] ?? new Float64Array(),
        op.reference(inputs, dims)['dense'] ?? { value: new Float64Array(), magnitude: new Float64Array() },
        op.tolerance(dims, 'f32'),
      ).verified,
    ).toBe(true);
  });
});

describe('one launch for a mixed batch', () => {
  /** Tokens of this step and their position, a sequence: a long decode, a first chunk, a chunk in the middle, a short decode. */
  const sequences = [
    { count: 1, position: 1500 },
    { count: 24, position: 0 },
    { count: 11, position: 70 },
    { count: 1, position: 4 },
  ];
  const itemTokens = 4;
  const t = sequences.reduce((sum, { count }) => sum + count, 0);

  function mixed(): { dims: Dims; inputs: Values } {
    const items: number[] = [];
    let first = 0;
    sequences.forEach(({ count, position }, row) => {
      for (let from = 0; from < count; from += itemTokens)
        items.push(first + from, Math.min(itemTokens, count - from), row, position + from);
      first += count;
    });
    const of: AttentionCase = {
      ...long,
      batch: sequences.length,
      context: 1501,
      heads: 6,
      group: 3,
      kv: 'f16',
      page: 32,
    };
    const dims = { ...attentionDims(of), tokens: 1, t, items: items.length / 4, item_tokens: itemTokens };
    const made = paged.inputs({ ...dims, t }, 'normal', 'f32', 9);
    return { dims, inputs: { ...made, items: Float64Array.from(items) } };
  }

  for (const version of catalog.get('paged_attention')?.versions ?? []) {
    it(version.id, async () => {
      const { dims, inputs } = mixed();
      const prepared = unwrap(prepare(paged, version, dims, 'f32', fewestLoads(version)));
      const run = await runOnce(gpu, pipelines, prepared, inputs);
      if (!run.ok) throw new Error(explain(run.error));
      const want = paged.reference(inputs, dims)['y'];
      if (!want) throw new Error('no reference');
      const verdict = verify(run.value['y'] ?? new Float64Array(), want, paged.tolerance(dims, 'f32'));
      expect(verdict.verified, JSON.stringify(verdict)).toBe(true);
      expect(verdict.cells).toBe(t * 6 * 32);
    });
  }
});
