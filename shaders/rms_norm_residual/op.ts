// rms_norm_residual: x += residual, then y = rms_norm(x). The fused form that every layer but the first uses.

import { at } from '../../src/core/assert.ts';
import { dimOf } from '../../src/kernels/dims.ts';
import { fillWith } from '../../src/kernels/fills.ts';
import { roundTo } from '../../src/kernels/layout.ts';
import type { Op } from '../../src/kernels/op.ts';
import { normRow, normTolerance } from '../rms_norm/reference.ts';

const epsilon = 1e-5;
const op: Op = {
  id: 'rms_norm_residual',
  title: 'Residual add and RMS norm',
  about: 'x += residual; y = x / sqrt(mean(x²) + ε) · weight. One dispatch where the plain ops need two.',
  dims: { m: 'rows', n: 'cells of a row', epsilon: 'keeps a zero row finite' },
  dtypes: ['f32'],
  tensors: {
    residual: {
      role: 'in',
      cells: 'f32',
      shape: ['m', 'n'],
      rows: 'vec4',
      about: 'what the last block adds',
    },
    weight: { role: 'in', cells: 'f32', shape: ['n'], rows: 'vec4', about: 'one factor a column' },
    x: { role: 'inout', cells: 'f32', shape: ['m', 'n'], rows: 'vec4', about: 'the residual stream' },
    y: { role: 'out', cells: 'f32', shape: ['m', 'n'], rows: 'vec4', about: 'normalised rows' },
  },
  cellMap: ['x[m, n] <- residual[m, n], x[m, n]', 'y[m, n] <- residual[m, *], x[m, *], weight[n]'],
  flops: '5 * m * n',
  shapes: {
    test: [
      { dims: { m: 5, n: 64, epsilon }, fill: 'normal' },
      { dims: { m: 3, n: 1021, epsilon }, fill: 'outliers' },
      { dims: { m: 1, n: 4, epsilon }, fill: 'zeros' },
    ],
    bench: { '8×2048': { m: 8, n: 2048, epsilon }, '4096×2048': { m: 4096, n: 2048, epsilon } },
    quick: ['8×2048'],
    step: { m: 2, n: 16, epsilon },
  },
  inputs: (dims, fill, _dtype, seed) => {
    const [m, n] = [dimOf(dims, 'm'), dimOf(dims, 'n')];
    return {
      residual: roundTo('f32', fillWith(fill, m * n, seed)),
      x: roundTo('f32', fillWith(fill, m * n, seed + 2)),
      weight: roundTo('f32', fillWith('normal', n, seed + 1)),
    };
  },
  reference: (
    { x = new Float64Array(), residual = new Float64Array(), weight = new Float64Array() },
    dims,
    rows,
  ) => {
    const [m, n] = [dimOf(dims, 'm'), dimOf(dims, 'n')];
    const picked = rows ?? Array.from({ length: m }, (_, i) => i);
    const cells = picked.length * n;
    const sum = { value: new Float64Array(cells), magnitude: new Float64Array(cells) };
    const y = { value: new Float64Array(cells), magnitude: new Float64Array(cells) };
    picked.forEach((row, i) => {
      for (let c = 0; c < n; c++) {
        const [a, b] = [at(x, row * n + c), at(residual, row * n + c)];
        sum.value[i * n + c] = a + b;
        sum.magnitude[i * n + c] = Math.abs(a) + Math.abs(b);
      }
      normRow((c) => at(sum.value, i * n + c), weight, n, dimOf(dims, 'epsilon'), y, i * n);
      for (let c = 0; c < n; c++) {
        // the rounding of x carries over, also where the sum cancels
        const v = Math.abs(at(sum.value, i * n + c));
        if (v > 0) y.magnitude[i * n + c] = at(y.magnitude, i * n + c) * (at(sum.magnitude, i * n + c) / v);
      }
    });
    return { x: sum, y };
  },
  tolerance: (dims) => normTolerance(dimOf(dims, 'n')),
};
export default op;
