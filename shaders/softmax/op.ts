// softmax: turns each row of scores into probabilities. Attention has its own online form inside; this one is for
// showing what a model thinks, and to learn from.

import { at } from '../../src/core/assert.ts';
import { dimOf } from '../../src/kernels/dims.ts';
import { fillWith } from '../../src/kernels/fills.ts';
import { roundTo } from '../../src/kernels/layout.ts';
import type { Op } from '../../src/kernels/op.ts';

const op: Op = {
  id: 'softmax',
  title: 'Softmax',
  about: 'y = exp(x − max) / Σ exp(x − max), row by row.',
  dims: { m: 'rows', n: 'cells of a row' },
  dtypes: ['f32'],
  tensors: {
    x: { role: 'in', cells: 'f32', shape: ['m', 'n'], rows: 'vec4', about: 'scores' },
    y: { role: 'out', cells: 'f32', shape: ['m', 'n'], rows: 'vec4', about: 'probabilities' },
  },
  cellMap: ['y[m, n] <- x[m, *]'],
  flops: '5 * m * n',
  shapes: {
    test: [
      { dims: { m: 5, n: 64 }, fill: 'normal' },
      { dims: { m: 3, n: 1021 }, fill: 'outliers' },
      { dims: { m: 2, n: 1 }, fill: 'normal' },
      { dims: { m: 70, n: 30 }, fill: 'zeros' },
    ],
    bench: {
      '64×32000': { m: 64, n: 32000 },
      '1024×2048': { m: 1024, n: 2048 },
      // 200 µs of bytes at the 3.3 TB/s of an H100
      '16384×5120': { m: 16384, n: 5120 },
    },
    quick: ['1024×2048'],
    step: { m: 2, n: 16 },
  },
  inputs: (dims, fill, _dtype, seed) => ({
    x: roundTo('f32', fillWith(fill, dimOf(dims, 'm') * dimOf(dims, 'n'), seed)),
  }),
  reference: ({ x = new Float64Array() }, dims, rows) => {
    const [m, n] = [dimOf(dims, 'm'), dimOf(dims, 'n')];
    const picked = rows ?? Array.from({ length: m }, (_, i) => i);
    const value = new Float64Array(picked.length * n);
    const magnitude = new Float64Array(picked.length * n);
    picked.forEach((row, i) => {
      const cells = x.subarray(row * n, (row + 1) * n);
      const peak = cells.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
      const total = cells.reduce((sum, v) => sum + Math.exp(v - peak), 0);
      cells.forEach((v, c) => {
        const p = Math.exp(v - peak) / total;
        value[i * n + c] = p;
        // exp's relative error grows with its argument (3 + 2·|x| ulp in WGSL), of the cell and of the sum
        magnitude[i * n + c] = p * (1 + Math.abs(at(cells, c) - peak));
      });
    });
    return { y: { value, magnitude } };
  },
  tolerance: (dims) => ({
    relative: (dimOf(dims, 'n') + 32) * 2 ** -24,
    absolute: 1e-30,
    reason: 'γ_n of the sum, exp within 3 + 2·|x| ulp, division within 2.5 ulp',
  }),
};
export default op;
