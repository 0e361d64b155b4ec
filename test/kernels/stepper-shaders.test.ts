// Every shipped shader, every version, in the stepper and on the device, same inputs, the op's step shape.
// Integers agree bit for bit. Floats agree within ULPS units in the last place of the sum of absolute terms
// that made the cell (what rounding errors are proportional to): the device may fuse, reorder and
// approximate exp, sin and division as WGSL §15.7 lets it; the stepper rounds every step.

import { describe, expect, it } from 'vitest';
import { unwrap } from '../../src/core/result.ts';
import { runOnce } from '../../src/gpu/dispatch.ts';
import { missing } from '../../src/gpu/support.ts';
import { catalog } from '../../src/kernels/catalog.ts';
import type { Prepared } from '../../src/kernels/prepare.ts';
import { runShipped } from '../../src/stepper/shipped.ts';
import { testGpu } from './gpu.ts';

const ULPS = 4;
const unit = { f32: 2 ** -23, f16: 2 ** -10 } as const;
const { gpu, pipelines } = await testGpu();

/** Largest difference of a tensor, in units in the last place of a cell's magnitude; 0 and Infinity for integers. */
function distance(
  prepared: Prepared,
  name: string,
  got: Float64Array,
  device: Float64Array,
  magnitude: Float64Array,
): number {
  const cells = prepared.buffers.find((b) => b.name === name)?.layout.cells;
  let worst = 0;
  for (let i = 0; i < device.length; i++) {
    const a = got[i] ?? Number.NaN;
    const b = device[i] ?? Number.NaN;
    if (Object.is(a, b) || a === b) continue;
    if (cells !== 'f32' && cells !== 'f16') return Number.POSITIVE_INFINITY;
    worst = Math.max(worst, Math.abs(a - b) / (unit[cells] * (magnitude[i] ?? 0)));
  }
  return worst;
}

for (const { op, versions } of catalog.values()) {
  describe(op.id, () => {
    for (const version of versions) {
      for (const dtype of version.dtypes) {
        const lacks = missing(gpu.device, version, dtype);
        const needs = lacks.length > 0 ? ` (needs ${lacks.join(', ')})` : '';
        it.skipIf(lacks.length > 0)(`${version.id} ${dtype}${needs}`, async () => {
          // SwiftShader's subgroups have four lanes; other devices' kernels here do not depend on the size
          const stepped = unwrap(runShipped(op, version, { dtype, subgroupSize: 4 }, 'results'));
          const { prepared, inputs, dims } = stepped;
          const device = unwrap(await runOnce(gpu, pipelines, prepared, inputs));
          for (const [name, want] of Object.entries(op.reference(inputs, dims))) {
            const got = stepped.outputs[name];
            const there = device[name];
            if (!got || !there) throw new Error(`${version.path} left no output "${name}"`);
            const ulps = distance(prepared, name, got, there, want.magnitude);
            expect(ulps, `${name}: units in the last place`).toBeLessThanOrEqual(ULPS);
          }
        });
      }
    }
  });
}
