// Sampling with every value that a version's parameters may take, against the reference: a model's runner and the tuner choose among
// them, and ops.test.ts runs the defaults alone.

import { describe, expect, it } from 'vitest';
import sample from '../../shaders/sample/op.ts';
import { explain, unwrap } from '../../src/core/result.ts';
import { runOnce } from '../../src/gpu/dispatch.ts';
import { catalog } from '../../src/kernels/catalog.ts';
import type { Dims, Fill } from '../../src/kernels/op.ts';
import { prepare } from '../../src/kernels/prepare.ts';
import { verify } from '../../src/kernels/verify.ts';
import { testGpu } from './gpu.ts';

const { gpu, pipelines } = await testGpu();
const slots = 16;
/** Beside the op's own: rows shorter than the lanes, of one more than them, and of many sweeps. */
const more: readonly { readonly dims: Dims; readonly fill: Fill }[] = [
  { dims: { m: 5, vocab: 1, slots }, fill: 'normal' },
  { dims: { m: 5, vocab: 65, slots }, fill: 'normal' },
  { dims: { m: 5, vocab: 257, slots }, fill: 'normal' },
  { dims: { m: 5, vocab: 5000, slots }, fill: 'normal' },
];

for (const version of catalog.get('sample')?.versions ?? [])
  for (const { name, choices } of version.params)
    describe(`${version.id}, ${name}`, () => {
      it('has values to choose from', () => expect(choices.length).toBeGreaterThan(1));
      for (const value of choices)
        it(`${value}`, async () => {
          for (const [index, { dims, fill }] of [...sample.shapes.test, ...more].entries()) {
            const inputs = sample.inputs(dims, fill, 'f32', 100 + index);
            const prepared = unwrap(prepare(sample, version, dims, 'f32', { [name]: value }));
            expect(prepared.params[name]).toBe(value);
            const run = await runOnce(gpu, pipelines, prepared, inputs);
            if (!run.ok) throw new Error(explain(run.error));
            for (const [output, want] of Object.entries(sample.reference(inputs, dims))) {
              const got = run.value[output] ?? new Float64Array();
              const verdict = verify(got, want, sample.tolerance(dims, 'f32'));
              const where = `${JSON.stringify(dims)} ${output}: ${JSON.stringify(verdict)}`;
              expect(verdict.verified, where).toBe(true);
            }
          }
          expect(gpu.memory.live).toBe(0);
        });
    });
