// quantize_rows: rows to int8 with one scale a row or a group; the step before W8A8.

import { dimOf } from '../../src/kernels/dims.ts';
import { fillWith } from '../../src/kernels/fills.ts';
import { roundTo } from '../../src/kernels/layout.ts';
import type { Dims, Op, Values } from '../../src/kernels/op.ts';
import { rowsOr } from '../../src/kernels/quantized.ts';
import { roundedRows, roundedTolerance } from './reference.ts';

/** Dims with `group` cells a scale; `group` = k for one scale a row. */
const shape = (m: number, k: number, group: number = k): Dims => ({
  m,
  k,
  group,
  groups: Math.ceil(k / group),
});

const op: Op = {
  id: 'quantize_rows',
  title: 'Quantize rows to int8',
  about:
    'scale = amax / 127 for each group of a row (or the whole row), q = x / scale rounded to the nearest, halves to even, within ±127. NaN and ±Inf become 0 and do not count towards amax; a group of zeros has scale 0. Gaps of q are written as zeros, ready for W8A8.',
  dims: {
    m: 'rows',
    k: 'cells a row',
    group: 'cells that share a scale: k, or a multiple of 16',
    groups: 'scales a row: ceil(k / group)',
  },
  dtypes: ['f32', 'f16'],
  tensors: {
    x: { role: 'in', cells: 'Elem', shape: ['m', 'k'], rows: 'vec4', about: 'values' },
    q: {
      role: 'out',
      cells: 'i8',
      shape: ['m', 'k'],
      packed: { kind: 'rows', format: '2', columns: 'k', group: 'group', scales: 'scales' },
      about: 'int8 cells',
    },
    scales: { role: 'out', cells: 'f32', shape: ['m', 'groups'], about: 'x ≈ q · scale' },
  },
  cellMap: ['q[m, k] <- x[m, *]', 'scales[m, groups] <- x[m, *]'],
  flops: '3 * m * k',
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
      { dims: shape(12, 150, 32), fill: 'special' },
      { dims: shape(12, 150), fill: 'special' },
    ],
    bench: {
      '128×4096': shape(128, 4096),
      '128×4096 by 32': shape(128, 4096, 32),
      '2048×4096': shape(2048, 4096),
      '2048×4096 by 32': shape(2048, 4096, 32),
      '2048×4096 by 128': shape(2048, 4096, 128),
      'row 1×4096': shape(1, 4096),
    },
    quick: ['128×4096', '128×4096 by 32'],
    step: shape(4, 16, 16),
  },
  inputs: (dims, fill, dtype, seed) => ({
    x: roundTo(dtype, fillWith(fill, dimOf(dims, 'm') * dimOf(dims, 'k'), seed)),
  }),
  reference: (inputs, dims, rows) => {
    const k = dimOf(dims, 'k');
    const value = pickRows(inputs, rowsOr(rows, dimOf(dims, 'm')), k);
    return roundedRows(
      { value, magnitude: value.map(Math.abs) },
      k,
      tolerance.relative,
      dimOf(dims, 'group'),
    );
  },
  tolerance: () => tolerance,
};

const tolerance = roundedTolerance(0);

function pickRows(inputs: Values, rows: readonly number[], k: number): Float64Array {
  const { x = new Float64Array() } = inputs;
  const out = new Float64Array(rows.length * k);
  rows.forEach((row, i) => {
    out.set(x.subarray(row * k, (row + 1) * k), i * k);
  });
  return out;
}
export default op;
