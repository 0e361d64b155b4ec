// Attention against its reference at every group of 1 to 8 and every head size that a model may have. ops.test.ts has a few
// shapes of all of an op's versions; here each version has shapes of its own, which together leave no pair out.

import { describe, expect, it } from 'vitest';
import { explain, unwrap } from '../../src/core/result.ts';
import { runOnce } from '../../src/gpu/dispatch.ts';
import { catalog } from '../../src/kernels/catalog.ts';
import { prepare } from '../../src/kernels/prepare.ts';
import { verify } from '../../src/kernels/verify.ts';
import { attentionDims, attentionName } from '../../src/measure/attention.ts';
import { casesOf, fewestLoads, groups, headSizes } from './attention-cover.ts';
import { testGpu } from './gpu.ts';

const { gpu, pipelines } = await testGpu();

it('the versions of paged_attention have every group with every head size among them', () => {
  const versions = catalog.get('paged_attention')?.versions ?? [];
  const seen = new Set(versions.flatMap((_, i) => casesOf(i).map((c) => `${c.group} of ${c.headDim}`)));
  const all = groups.flatMap((group) => headSizes.map((size) => `${group} of ${size}`));
  expect(all.filter((pair) => !seen.has(pair))).toEqual([]);
  for (const i of versions.keys()) {
    const different = (of: (c: ReturnType<typeof casesOf>[number]) => unknown) =>
      new Set(casesOf(i).map(of)).size;
    expect([different((c) => c.group), different((c) => c.headDim)]).toEqual([8, 5]);
    expect([different((c) => c.kv), different((c) => c.page), different((c) => c.phase)]).toEqual([3, 4, 2]);
  }
});

for (const id of ['paged_attention', 'contiguous_attention']) {
  const entry = catalog.get(id);
  if (!entry) throw new Error(id);
  describe(id, () => {
    for (const [index, version] of entry.versions.entries()) {
      // the baseline without pages has groups of 1 to 3 in ops.test.ts, and serves no model
      const cases = casesOf(index).filter(({ group }) => id === 'paged_attention' || group > 3);
      it(`${version.id}: groups of ${cases[0]?.group} to 8`, async () => {
        for (const [i, of] of cases.entries()) {
          // one case has the defaults, as ops.test.ts has
          const params = i === 0 ? {} : fewestLoads(version);
          const dims = attentionDims(of);
          const inputs = entry.op.inputs(dims, 'normal', 'f32', 40 + of.group);
          const prepared = unwrap(prepare(entry.op, version, dims, 'f32', params));
          const run = await runOnce(gpu, pipelines, prepared, inputs);
          if (!run.ok) throw new Error(explain(run.error));
          const want = entry.op.reference(inputs, dims)['y'];
          if (!want) throw new Error('no reference');
          const got = run.value['y'] ?? new Float64Array();
          const verdict = verify(got, want, entry.op.tolerance(dims, 'f32'));
          expect(verdict.verified, `${attentionName(of)}: ${JSON.stringify(verdict)}`).toBe(true);
          expect(verdict.cells).toBe(of.batch * of.tokens * of.heads * of.headDim);
        }
        expect(gpu.memory.live).toBe(0);
      });
    }
  });
}
