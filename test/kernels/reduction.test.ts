// Versions that claim one reduction id must agree bit for bit, whatever their tiles: only then may a model use one
// for many rows and another for few. Found through the catalog, checked on every shape of the op.

import { describe, expect, it } from 'vitest';
import { explain, unwrap } from '../../src/core/result.ts';
import { runOnce } from '../../src/gpu/dispatch.ts';
import { missing } from '../../src/gpu/support.ts';
import { catalog, type KernelVersion } from '../../src/kernels/catalog.ts';
import type { Dtype, Op, Values } from '../../src/kernels/op.ts';
import { prepare } from '../../src/kernels/prepare.ts';
import { testGpu } from './gpu.ts';

const { gpu, pipelines } = await testGpu();

/** Index of the first cell whose bits differ, NaN equal to NaN; undefined when all agree. */
function firstDifference(x: ArrayLike<number>, y: ArrayLike<number>): number | undefined {
  for (let i = 0; i < Math.max(x.length, y.length); i++) if (!Object.is(x[i], y[i])) return i;
  return undefined;
}

/** The outputs of one version on every test shape of its op. */
async function outputsOf(op: Op, version: KernelVersion, dtype: Dtype): Promise<Values[]> {
  const all: Values[] = [];
  for (const [index, { dims, fill }] of op.shapes.test.entries()) {
    const prepared = unwrap(prepare(op, version, dims, dtype));
    const run = await runOnce(gpu, pipelines, prepared, op.inputs(dims, fill, dtype, 300 + index));
    if (!run.ok) throw new Error(explain(run.error));
    all.push(run.value);
  }
  return all;
}

for (const { op, versions } of catalog.values()) {
  const ids = [...new Set(versions.map((v) => v.reduction))].filter((id) => id !== 'none');
  for (const id of ids) {
    for (const dtype of op.dtypes) {
      const claims = versions.filter((v) => v.reduction === id && v.dtypes.includes(dtype));
      const able = claims.filter((v) => missing(gpu.device, v, dtype).length === 0);
      const [first, ...others] = able;
      if (claims.length < 2) continue;
      let want: Promise<Values[]> | undefined;
      describe(`${op.id} ${id} ${dtype}`, () => {
        for (const version of claims.filter((v) => v !== first)) {
          const runs = first !== undefined && others.includes(version);
          it.skipIf(!runs)(
            `${version.id} = ${first?.id ?? claims[0]?.id}${runs ? '' : ` (needs ${missing(gpu.device, version, dtype).join(', ')})`}`,
            async () => {
              if (!first) return;
              want ??= outputsOf(op, first, dtype);
              const got = await outputsOf(op, version, dtype);
              for (const [index, outputs] of (await want).entries()) {
                for (const [name, cells] of Object.entries(outputs)) {
                  const where = firstDifference(cells, got[index]?.[name] ?? []);
                  const shape = JSON.stringify(op.shapes.test[index]);
                  expect(where, `first differing cell of ${name} at ${shape}`).toBeUndefined();
                }
              }
            },
          );
        }
      });
    }
  }
}
