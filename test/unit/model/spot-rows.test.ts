// Spot checks of large runs ask a reference for some rows only: they must be the rows of the whole.

import { describe, expect, it } from 'vitest';
import { catalog } from '../../../src/kernels/catalog.ts';
import { layoutOf } from '../../../src/kernels/layout.ts';

const ops = [
  'argmax',
  'bias_add',
  'contiguous_attention',
  'copy_page',
  'embedding',
  'gather_pages',
  'kv_append',
  'linear',
  'paged_attention',
  'residual_add',
  'rms_norm',
  'rms_norm_residual',
  'rms_norm_rows',
  'rope',
  'rope_kv_append',
  'sample',
  'silu_mul',
  'softmax',
];

describe('some rows of a reference are those of the whole', () => {
  for (const id of ops) {
    it(id, () => {
      const op = catalog.get(id)?.op;
      const test = op?.shapes.test[0];
      if (!op || !test) throw new Error(`${id} has no test shape`);
      const inputs = op.inputs(test.dims, test.fill, 'f32', 5);
      const whole = op.reference(inputs, test.dims);
      const rowsOf = (name: string): number => {
        const spec = op.tensors[name];
        return spec ? (layoutOf(spec, test.dims, 'f32').shape[0] ?? 0) : 0;
      };
      const last = Math.min(...Object.keys(whole).map(rowsOf)) - 1;
      const some = op.reference(inputs, test.dims, [last, 0]);
      for (const [name, { value, magnitude }] of Object.entries(whole)) {
        const size = value.length / rowsOf(name);
        const pick = (cells: Float64Array) => [
          ...cells.slice(last * size, (last + 1) * size),
          ...cells.slice(0, size),
        ];
        expect([...(some[name]?.value ?? [])], name).toEqual(pick(value));
        expect([...(some[name]?.magnitude ?? [])], name).toEqual(pick(magnitude));
      }
    });
  }
});
