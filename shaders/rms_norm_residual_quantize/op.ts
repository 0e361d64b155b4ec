// rms_norm_residual_quantize: rms_norm_residual, then quantize_rows with one scale a row; the form that every layer but the
// first uses where activations are int8.

import { dimOf } from '../../src/kernels/dims.ts';
import type { Op } from '../../src/kernels/op.ts';
import { roundedRows, roundedTolerance } from '../quantize_rows/reference.ts';
import plain from '../rms_norm_residual/op.ts';

const { residual, weight, x } = plain.tensors;
if (!residual || !weight || !x) throw new Error('rms_norm_residual has residual, weight and x');

const op: Op = {
  ...plain,
  id: 'rms_norm_residual_quantize',
  title: 'Residual add and RMS norm to int8',
  about:
    'x += residual; y = x / sqrt(mean(x²) + ε) · weight, rounded to int8 with one scale a row: the bits of rms_norm_residual and then quantize_rows, in one dispatch.',
  tensors: {
    residual,
    weight,
    x,
    q: { role: 'out', cells: 'i8', shape: ['m', 'n'], about: 'normalised rows as int8 cells' },
    scales: { role: 'out', cells: 'f32', shape: ['m'], about: 'y ≈ q · scale' },
  },
  cellMap: [
    'x[m, n] <- residual[m, n], x[m, n]',
    'q[m, n] <- residual[m, *], x[m, *], weight[*]',
    'scales[m] <- residual[m, *], x[m, *], weight[*]',
  ],
  flops: '8 * m * n',
  reference: (inputs, dims, rows) => {
    const { x, y } = plain.reference(inputs, dims, rows);
    const { relative } = op.tolerance(dims, 'f32');
    return { ...(x && { x }), ...roundedRows(y, dimOf(dims, 'n'), relative) };
  },
  tolerance: (dims, dtype) => roundedTolerance(plain.tolerance(dims, dtype).relative),
};
export default op;
