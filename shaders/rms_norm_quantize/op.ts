// rms_norm_quantize: rms_norm, then quantize_rows with one scale a row; what the matrices of the first layer meet where
// activations are int8.

import { dimOf } from '../../src/kernels/dims.ts';
import type { Op } from '../../src/kernels/op.ts';
import { roundedRows, roundedTolerance } from '../quantize_rows/reference.ts';
import plain from '../rms_norm/op.ts';

const { x, weight } = plain.tensors;
if (!x || !weight) throw new Error('rms_norm has x and weight');

const op: Op = {
  ...plain,
  id: 'rms_norm_quantize',
  title: 'RMS norm to int8',
  about:
    'y = x / sqrt(mean(x²) + ε) · weight, rounded to int8 with one scale a row: the bits of rms_norm and then quantize_rows, in one dispatch.',
  tensors: {
    x,
    weight,
    q: { role: 'out', cells: 'i8', shape: ['m', 'n'], about: 'normalised rows as int8 cells' },
    scales: { role: 'out', cells: 'f32', shape: ['m'], about: 'y ≈ q · scale' },
  },
  cellMap: ['q[m, n] <- x[m, *], weight[*]', 'scales[m] <- x[m, *], weight[*]'],
  flops: '7 * m * n',
  reference: (inputs, dims, rows) => {
    const { relative } = op.tolerance(dims, 'f32');
    return roundedRows(plain.reference(inputs, dims, rows)['y'], dimOf(dims, 'n'), relative);
  },
  tolerance: (dims, dtype) => roundedTolerance(plain.tolerance(dims, dtype).relative),
};
export default op;
