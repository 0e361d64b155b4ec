// rms_norm_rows: the last norm of a model, computed only for the tokens whose logits are wanted.

import { at } from '../../src/core/assert.ts';
import { permutation, prng } from '../../src/core/prng.ts';
import { dimOf } from '../../src/kernels/dims.ts';
import { fillWith } from '../../src/kernels/fills.ts';
import { roundTo } from '../../src/kernels/layout.ts';
import type { Op } from '../../src/kernels/op.ts';
import { normRow, normTolerance } from '../rms_norm/reference.ts';

const epsilon = 1e-5;
const picked = '16 * ceil(n / 4) * min(rows, m)';
const op: Op = {
  id: 'rms_norm_rows',
  title: 'Gathered residual add and RMS norm',
  about: 'y[i] = rms_norm(x[pick[i]] + residual[pick[i]]): the rows that become logits, packed.',
  dims: { m: 'rows of x', rows: 'rows picked', n: 'cells of a row', epsilon: 'keeps a zero row finite' },
  dtypes: ['f32'],
  tensors: {
    pick: { role: 'in', cells: 'u32', shape: ['rows'], about: 'which row of x becomes row i' },
    x: {
      role: 'in',
      cells: 'f32',
      shape: ['m', 'n'],
      rows: 'vec4',
      moves: { reads: picked },
      about: 'the residual stream',
    },
    residual: {
      role: 'in',
      cells: 'f32',
      shape: ['m', 'n'],
      rows: 'vec4',
      moves: { reads: picked },
      about: 'what the last block adds',
    },
    weight: { role: 'in', cells: 'f32', shape: ['n'], rows: 'vec4', about: 'one factor a column' },
    y: { role: 'out', cells: 'f32', shape: ['rows', 'n'], rows: 'vec4', about: 'normalised rows' },
  },
  cellMap: ['y[rows, n] <- pick[rows], x[*, *], residual[*, *], weight[n]'],
  flops: '5 * rows * n',
  shapes: {
    test: [
      { dims: { m: 9, rows: 3, n: 64, epsilon }, fill: 'normal' },
      { dims: { m: 4, rows: 6, n: 301, epsilon }, fill: 'outliers' },
    ],
    bench: { '64 of 512×2048': { m: 512, rows: 64, n: 2048, epsilon } },
    quick: [],
    step: { m: 4, rows: 2, n: 16, epsilon },
  },
  inputs: (dims, fill, _dtype, seed) => {
    const [m, rows, n] = [dimOf(dims, 'm'), dimOf(dims, 'rows'), dimOf(dims, 'n')];
    const order = permutation(prng(seed), m);
    return {
      // each row once while there are enough, as each token's logits are wanted once
      pick: Float64Array.from({ length: rows }, (_, i) => at(order, i % m)),
      x: roundTo('f32', fillWith(fill, m * n, seed)),
      residual: roundTo('f32', fillWith(fill, m * n, seed + 2)),
      weight: roundTo('f32', fillWith('normal', n, seed + 1)),
    };
  },
  reference: (inputs, dims, picked) => {
    const [rows, n] = [dimOf(dims, 'rows'), dimOf(dims, 'n')];
    const { pick = [], x = [], residual = [], weight = [] } = inputs;
    const wanted = picked ?? Array.from({ length: rows }, (_, i) => i);
    const cells = wanted.length * n;
    const y = { value: new Float64Array(cells), magnitude: new Float64Array(cells) };
    wanted.forEach((row, i) => {
      const from = at(pick, row) * n;
      normRow((c) => at(x, from + c) + at(residual, from + c), weight, n, dimOf(dims, 'epsilon'), y, i * n);
      for (let c = 0; c < n; c++) {
        const [a, b] = [at(x, from + c), at(residual, from + c)];
        if (a + b !== 0)
          y.magnitude[i * n + c] =
            at(y.magnitude, i * n + c) * ((Math.abs(a) + Math.abs(b)) / Math.abs(a + b));
      }
    });
    return { y };
  },
  tolerance: (dims) => normTolerance(dimOf(dims, 'n')),
};
export default op;
