// Every version of every op against the double-precision reference, on every shape of its op. A version
// that needs what this device lacks is skipped by name.

import { describe, expect, it } from 'vitest';
import { explain } from '../../src/core/result.ts';
import { runOnce } from '../../src/gpu/dispatch.ts';
import { missing } from '../../src/gpu/support.ts';
import { catalog } from '../../src/kernels/catalog.ts';
import { prepare } from '../../src/kernels/prepare.ts';
import { verify } from '../../src/kernels/verify.ts';
import { testGpu } from './gpu.ts';

const { gpu, pipelines } = await testGpu();

for (const { op, versions } of catalog.values()) {
  describe(op.id, () => {
    for (const version of versions) {
      for (const dtype of version.dtypes) {
        const lacks = missing(gpu.device, version, dtype);
        it.skipIf(lacks.length > 0)(
          `${version.id} ${dtype}${lacks.length > 0 ? ` (needs ${lacks.join(', ')})` : ''}`,
          async () => {
            for (const [index, { dims, fill }] of op.shapes.test.entries()) {
              const where = `${JSON.stringify(dims)} ${fill}`;
              const inputs = op.inputs(dims, fill, dtype, 100 + index);
              const prepared = prepare(op, version, dims, dtype);
              if (!prepared.ok) throw new Error(explain(prepared.error));
              const run = await runOnce(gpu, pipelines, prepared.value, inputs);
              if (!run.ok) throw new Error(explain(run.error));
              const tolerance = op.tolerance(dims, dtype);
              for (const [name, want] of Object.entries(op.reference(inputs, dims))) {
                const got = run.value[name];
                if (!got) throw new Error(`${version.path} left no output "${name}"`);
                const verdict = verify(got, want, tolerance);
                expect(verdict.verified, `${where} ${name}: ${JSON.stringify(verdict)}`).toBe(true);
              }
            }
            expect(gpu.memory.live, 'live bytes after the run').toBe(0);
          },
        );
      }
    }
  });
}
