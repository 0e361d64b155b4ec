// Every version of every op against the double-precision reference, on every shape of its op (attention that loads ahead has its
// defaults on every third, else the fewest loads, which SwiftShader compiles in half the time); and versions that claim one
// reduction id against each other, bit for bit: only then may a model use one for many rows and another for few. A version that
// needs what this device lacks is skipped by name.

import { describe, expect, it } from 'vitest';
import { explain, unwrap } from '../../src/core/result.ts';
import { runOnce } from '../../src/gpu/dispatch.ts';
import { missing } from '../../src/gpu/support.ts';
import { catalog } from '../../src/kernels/catalog.ts';
import type { Dtype, Op, Values } from '../../src/kernels/op.ts';
import { prepare } from '../../src/kernels/prepare.ts';
import { verify } from '../../src/kernels/verify.ts';
import { fewestLoads } from './attention-cover.ts';
import { firstDifference } from './bits.ts';
import { testGpu } from './gpu.ts';

const { gpu, pipelines } = await testGpu();

/** Inputs and reference outputs of every test shape, made once for all versions. */
const casesOf = (op: Op, dtype: Dtype) =>
  op.shapes.test.map(({ dims, fill }, index) => {
    const inputs = op.inputs(dims, fill, dtype, 100 + index);
    return { dims, fill, inputs, reference: op.reference(inputs, dims) };
  });

for (const { op, versions } of catalog.values()) {
  describe(op.id, () => {
    for (const dtype of op.dtypes) {
      let cases: ReturnType<typeof casesOf> | undefined;
      /** What the first version of a reduction id left, a shape each. */
      const first = new Map<string, { readonly id: string; readonly outputs: readonly Values[] }>();
      for (const version of versions.filter((v) => v.dtypes.includes(dtype))) {
        const lacks = missing(gpu.device, version, dtype);
        it.skipIf(lacks.length > 0)(
          `${version.id} ${dtype}${lacks.length > 0 ? ` (needs ${lacks.join(', ')})` : ''}`,
          async () => {
            cases ??= casesOf(op, dtype);
            const outputs: Values[] = [];
            for (const [index, { dims, fill, inputs, reference }] of cases.entries()) {
              const where = `${JSON.stringify(dims)} ${fill}`;
              const params = index % 3 === 0 ? {} : fewestLoads(version);
              const prepared = unwrap(prepare(op, version, dims, dtype, params));
              const run = await runOnce(gpu, pipelines, prepared, inputs);
              if (!run.ok) throw new Error(explain(run.error));
              const tolerance = op.tolerance(dims, dtype);
              for (const [name, want] of Object.entries(reference)) {
                const got = run.value[name];
                if (!got) throw new Error(`${version.path} left no output "${name}"`);
                const verdict = verify(got, want, tolerance);
                expect(verdict.verified, `${where} ${name}: ${JSON.stringify(verdict)}`).toBe(true);
              }
              outputs.push(run.value);
            }
            expect(gpu.memory.live, 'live bytes after the run').toBe(0);
            if (version.reduction === 'none') return;
            const other = first.get(version.reduction);
            if (other) {
              const differs = firstDifference(outputs, other.outputs);
              const shape = JSON.stringify(op.shapes.test[differs?.shape ?? 0]);
              expect(differs, `bits of ${other.id} at ${shape}`).toBeNull();
            } else first.set(version.reduction, { id: version.id, outputs });
          },
        );
      }
    }
  });
}
