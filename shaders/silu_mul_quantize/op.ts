// silu_mul_quantize: silu_mul, then quantize_rows with one scale a row, where activations are int8.

import { dimOf } from '../../src/kernels/dims.ts';
import type { Op } from '../../src/kernels/op.ts';
import { roundedRows, roundedTolerance } from '../quantize_rows/reference.ts';
import plain from '../silu_mul/op.ts';

const { x } = plain.tensors;
if (!x) throw new Error('silu_mul has x');

const op: Op = {
  ...plain,
  id: 'silu_mul_quantize',
  title: 'SiLU gate to int8',
  about:
    'y = gate · sigmoid(gate) · up, rounded to int8 with one scale a row: the bits of silu_mul and then quantize_rows, in one dispatch.',
  dims: { m: 'rows', n: 'cells of a row of q' },
  tensors: {
    x,
    q: { role: 'out', cells: 'i8', shape: ['m', 'n'], about: 'gated rows as int8 cells' },
    scales: { role: 'out', cells: 'f32', shape: ['m'], about: 'y ≈ q · scale' },
  },
  cellMap: ['q[m, n] <- x[m, *, *]', 'scales[m] <- x[m, *, *]'],
  flops: '8 * m * n',
  shapes: {
    ...plain.shapes,
    test: [
      ...plain.shapes.test,
      { dims: { m: 3, n: 300 }, fill: 'outliers' },
      { dims: { m: 2, n: 40 }, fill: 'zeros' },
    ],
  },
  reference: (inputs, dims, rows) => {
    const { relative } = op.tolerance(dims, 'f32');
    return roundedRows(plain.reference(inputs, dims, rows)['y'], dimOf(dims, 'n'), relative);
  },
  tolerance: (dims, dtype) => roundedTolerance(plain.tolerance(dims, dtype).relative),
};
export default op;
