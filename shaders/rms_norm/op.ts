// rms_norm: brings each row to unit root mean square, then scales each column by a learned weight.

import { at } from '../../src/core/assert.ts';
import { dimOf } from '../../src/kernels/dims.ts';
import { fillWith } from '../../src/kernels/fills.ts';
import { roundTo } from '../../src/kernels/layout.ts';
import type { Op } from '../../src/kernels/op.ts';
import { normRow, normTolerance } from './reference.ts';

const epsilon = 1e-5;
const op: Op = {
  id: 'rms_norm',
  title: 'RMS norm',
  about:
    'y = x / sqrt(mean(x²) + ε) · weight, row by row: before attention and before the feed-forward part.',
  dims: { m: 'rows', n: 'cells of a row', epsilon: 'keeps a zero row finite' },
  dtypes: ['f32'],
  tensors: {
    x: { role: 'in', cells: 'f32', shape: ['m', 'n'], rows: 'vec4', about: 'rows to normalise' },
    weight: { role: 'in', cells: 'f32', shape: ['n'], rows: 'vec4', about: 'one factor a column' },
    y: { role: 'out', cells: 'f32', shape: ['m', 'n'], rows: 'vec4', about: 'normalised rows' },
  },
  cellMap: ['y[m, n] <- x[m, *], weight[n]'],
  flops: '4 * m * n',
  shapes: {
    test: [
      { dims: { m: 5, n: 64, epsilon }, fill: 'normal' },
      { dims: { m: 3, n: 1021, epsilon }, fill: 'outliers' },
      { dims: { m: 1, n: 1, epsilon }, fill: 'normal' },
      { dims: { m: 2, n: 36, epsilon }, fill: 'zeros' },
      { dims: { m: 70, n: 288, epsilon: 1e-6 }, fill: 'normal' },
    ],
    bench: {
      '8×2048': { m: 8, n: 2048, epsilon },
      '4096×2048': { m: 4096, n: 2048, epsilon },
      '16384×2048': { m: 16384, n: 2048, epsilon },
      // 200 µs of bytes at the 3.3 TB/s of an H100
      '16384×5120': { m: 16384, n: 5120, epsilon },
    },
    quick: ['8×2048'],
    step: { m: 2, n: 16, epsilon },
  },
  inputs: (dims, fill, _dtype, seed) => {
    const [m, n] = [dimOf(dims, 'm'), dimOf(dims, 'n')];
    return {
      x: roundTo('f32', fillWith(fill, m * n, seed)),
      weight: roundTo('f32', fillWith('normal', n, seed + 1)),
    };
  },
  reference: ({ x = new Float64Array(), weight = new Float64Array() }, dims, rows) => {
    const [m, n] = [dimOf(dims, 'm'), dimOf(dims, 'n')];
    const picked = rows ?? Array.from({ length: m }, (_, i) => i);
    const y = { value: new Float64Array(picked.length * n), magnitude: new Float64Array(picked.length * n) };
    picked.forEach((row, i) => {
      normRow((c) => at(x, row * n + c), weight, n, dimOf(dims, 'epsilon'), y, i * n);
    });
    return { y };
  },
  tolerance: (dims) => normTolerance(dimOf(dims, 'n')),
};
export default op;
