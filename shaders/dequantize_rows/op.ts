// dequantize_rows: int8 rows back to floats. What weights cost when a kernel cannot use them as int8.

import { at } from '../../src/core/assert.ts';
import { dimOf } from '../../src/kernels/dims.ts';
import { fillWith } from '../../src/kernels/fills.ts';
import type { Dims, Op } from '../../src/kernels/op.ts';
import { quantizeRows, rowsOr } from '../../src/kernels/quantized.ts';

/** Dims with `group` cells a scale; `group` = k for one scale a row. */
const shape = (m: number, k: number, group: number = k): Dims => ({
  m,
  k,
  group,
  groups: Math.ceil(k / group),
});

const op: Op = {
  id: 'dequantize_rows',
  title: 'Dequantize int8 rows',
  about: 'x[m, k] = q[m, k] · scales[m, floor(k / group)].',
  dims: {
    m: 'rows',
    k: 'cells a row',
    group: 'cells that share a scale: k, or a multiple of 16',
    groups: 'scales a row: ceil(k / group)',
  },
  dtypes: ['f32', 'f16'],
  tensors: {
    q: {
      role: 'in',
      cells: 'i8',
      shape: ['m', 'k'],
      packed: { kind: 'rows', format: '2', columns: 'k', group: 'group', scales: 'scales' },
      about: 'int8 cells',
    },
    scales: { role: 'in', cells: 'f32', shape: ['m', 'groups'], about: 'one a group' },
    x: { role: 'out', cells: 'Elem', shape: ['m', 'k'], rows: 'vec4', about: 'values' },
  },
  cellMap: ['x[m, k] <- q[m, k], scales[m, floor(k / group)]'],
  flops: 'm * k',
  shapes: {
    test: [
      { dims: shape(64, 64), fill: 'normal' },
      { dims: shape(37, 53), fill: 'outliers' },
      { dims: shape(1, 1031), fill: 'normal' },
      { dims: shape(130, 1), fill: 'normal' },
      { dims: shape(9, 300, 32), fill: 'outliers' },
      { dims: shape(7, 200, 64), fill: 'normal' },
      { dims: shape(5, 270, 128), fill: 'normal' },
      { dims: shape(6, 100, 32), fill: 'zeros' },
    ],
    bench: {
      '128×4096': shape(128, 4096),
      '4096×4096': shape(4096, 4096),
      '4096×4096 by 32': shape(4096, 4096, 32),
    },
    quick: ['128×4096'],
    step: shape(2, 32, 16),
  },
  inputs: (dims, fill, _dtype, seed) => {
    const [m, k] = [dimOf(dims, 'm'), dimOf(dims, 'k')];
    const { cells, scales } = quantizeRows(fillWith(fill, m * k, seed), m, k, dimOf(dims, 'group'));
    return { q: cells, scales };
  },
  reference: ({ q = new Float64Array(), scales = new Float64Array() }, dims, rows) => {
    const [m, k] = [dimOf(dims, 'm'), dimOf(dims, 'k')];
    const [group, groups] = [dimOf(dims, 'group'), dimOf(dims, 'groups')];
    const picked = rowsOr(rows, m);
    const value = new Float64Array(picked.length * k);
    picked.forEach((row, i) => {
      for (let t = 0; t < k; t++)
        value[i * k + t] = at(q, row * k + t) * at(scales, row * groups + Math.floor(t / group));
    });
    return { x: { value, magnitude: value.map(Math.abs) } };
  },
  tolerance: (_dims, dtype) => ({
    relative: dtype === 'f16' ? 2 ** -11 + 2 ** -23 : 2 ** -24,
    absolute: dtype === 'f16' ? 2 ** -24 : 1e-37,
    reason: 'one product in f32, correctly rounded (WGSL), then the rounding to the cells of x',
  }),
};
export default op;
