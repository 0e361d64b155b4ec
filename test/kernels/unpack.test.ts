// Int8 cells as floats: every byte value in every place of a word, on the device and in the stepper. Random cells are seldom at
// the ends of their range, and hosts quantize to −127 and up.

import { describe, expect, it } from 'vitest';
import { at } from '../../src/core/assert.ts';
import { unwrap } from '../../src/core/result.ts';
import { runOnce } from '../../src/gpu/dispatch.ts';
import { catalog } from '../../src/kernels/catalog.ts';
import type { Dims, Values } from '../../src/kernels/op.ts';
import { prepare } from '../../src/kernels/prepare.ts';
import { runShipped } from '../../src/stepper/shipped.ts';
import { testGpu } from './gpu.ts';

const { gpu, pipelines } = await testGpu();

/** Word i has the bytes i, i + 64, i + 128 and i + 192: 256 words have each byte in each place. */
const cells = Float64Array.from(
  { length: 1024 },
  (_, i) => ((Math.floor(i / 4) + 64 * (i % 4) + 128) % 256) - 128,
);
const words = Float64Array.from(new Uint32Array(Int8Array.from(cells).buffer));

/** One row of these cells, by its op's ways of storing int8. */
const rows: readonly { readonly id: string; readonly out: string; dims: Dims; inputs: Values }[] = [
  {
    id: 'dequantize_rows',
    out: 'x',
    dims: { m: 1, k: 1024, group: 1024, groups: 1 },
    inputs: { q: cells, scales: Float64Array.of(1) },
  },
  {
    id: 'embedding',
    out: 'y',
    dims: { t: 1, width: 1024, rows: 1, first: 0, slots: 1, format: 2, cells: 16, group: 1024, groups: 1 },
    inputs: {
      tokens: Float64Array.of(0),
      source: Float64Array.of(0),
      sampled: Float64Array.of(0),
      table: words,
      scales: Float64Array.of(1),
    },
  },
];

for (const { id, out, dims, inputs } of rows) {
  const entry = catalog.get(id);
  if (!entry) throw new Error(id);
  describe(`${id} of every byte in every place`, () => {
    for (const version of entry.versions) {
      it(version.id, async () => {
        expect(new Set(cells).size).toBe(256);
        const prepared = unwrap(prepare(entry.op, version, dims, 'f32'));
        const device = unwrap(await runOnce(gpu, pipelines, prepared, inputs));
        const stepped = unwrap(
          runShipped({ ...entry.op, inputs: () => inputs }, version, { dims }, 'results'),
        );
        for (const got of [device[out], stepped.outputs[out]])
          expect([...(got ?? [])].findIndex((x, i) => !Object.is(x, at(cells, i)))).toBe(-1);
        expect([device[out]?.length, stepped.outputs[out]?.length]).toEqual([1024, 1024]);
      });
    }
  });
}
