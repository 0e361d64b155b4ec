// matmul: c = a · b, row-major, the operation that most of a model's time goes into.

import { at } from '../../src/core/assert.ts';
import { dimOf } from '../../src/kernels/dims.ts';
import { fillWith } from '../../src/kernels/fills.ts';
import { roundTo } from '../../src/kernels/layout.ts';
import type { Expected, Op } from '../../src/kernels/op.ts';

const op: Op = {
  id: 'matmul',
  title: 'Matrix product',
  about:
    'c[m, n] = Σ over k of a[m, k] · b[k, n]. Sums are kept in f32 for f16 inputs too: f16 sums overflow on real models.',
  dims: { m: 'rows of a and c', n: 'columns of b and c', k: 'columns of a, rows of b' },
  dtypes: ['f32', 'f16'],
  tensors: {
    a: { role: 'in', cells: 'Elem', shape: ['m', 'k'], rows: 'vec4', about: 'left matrix' },
    b: { role: 'in', cells: 'Elem', shape: ['k', 'n'], rows: 'vec4', about: 'right matrix' },
    c: { role: 'out', cells: 'Elem', shape: ['m', 'n'], rows: 'vec4', about: 'product' },
  },
  cellMap: ['c[m, n] <- a[m, *], b[*, n]'],
  flops: '2 * m * n * k',
  split: 'm',
  shapes: {
    test: [
      { dims: { m: 64, n: 64, k: 64 }, fill: 'normal' },
      { dims: { m: 37, n: 53, k: 29 }, fill: 'normal' },
      { dims: { m: 1, n: 130, k: 75 }, fill: 'outliers' },
      { dims: { m: 130, n: 1, k: 33 }, fill: 'normal' },
      { dims: { m: 129, n: 65, k: 1 }, fill: 'normal' },
      { dims: { m: 5, n: 7, k: 0 }, fill: 'normal' },
      { dims: { m: 70, n: 66, k: 131 }, fill: 'outliers' },
      { dims: { m: 33, n: 34, k: 35 }, fill: 'zeros' },
      { dims: { m: 18, n: 20, k: 22 }, fill: 'special' },
      { dims: { m: 9, n: 22, k: 530 }, fill: 'outliers' },
      { dims: { m: 16, n: 5, k: 259 }, fill: 'special' },
    ],
    bench: {
      '256': { m: 256, n: 256, k: 256 },
      '512': { m: 512, n: 512, k: 512 },
      '1024': { m: 1024, n: 1024, k: 1024 },
      '2048': { m: 2048, n: 2048, k: 2048 },
      '4096': { m: 4096, n: 4096, k: 4096 },
      'row 1×4096×4096': { m: 1, n: 4096, k: 4096 },
      'rows 8×4096×4096': { m: 8, n: 4096, k: 4096 },
      'row 1×16384×16384': { m: 1, n: 16384, k: 16384 },
      'long 128×128×16384': { m: 128, n: 128, k: 16384 },
    },
    quick: ['256', '512'],
    step: { m: 32, n: 32, k: 32 },
  },
  inputs: (dims, fill, dtype, seed) => {
    const [m, n, k] = [dimOf(dims, 'm'), dimOf(dims, 'n'), dimOf(dims, 'k')];
    return {
      a: roundTo(dtype, fillWith(fill, m * k, seed)),
      b: roundTo(dtype, fillWith(fill, k * n, seed + 1)),
    };
  },
  reference: (inputs, dims, rows) => {
    const [m, n, k] = [dimOf(dims, 'm'), dimOf(dims, 'n'), dimOf(dims, 'k')];
    const { a = new Float64Array(), b = new Float64Array() } = inputs;
    const picked = rows ?? Array.from({ length: m }, (_, i) => i);
    const value = new Float64Array(picked.length * n);
    const magnitude = new Float64Array(picked.length * n);
    picked.forEach((row, i) => {
      for (let t = 0; t < k; t++) {
        const x = at(a, row * k + t);
        for (let j = 0; j < n; j++) {
          const term = x * at(b, t * n + j);
          value[i * n + j] = (value[i * n + j] ?? 0) + term;
          magnitude[i * n + j] = (magnitude[i * n + j] ?? 0) + Math.abs(term);
        }
      }
    });
    return { c: { value, magnitude } satisfies Expected };
  },
  tolerance: (dims, dtype) => {
    const unit = 2 ** -24;
    const k = dimOf(dims, 'k');
    const stored = dtype === 'f16' ? 2 ** -11 : 0;
    return {
      relative: 2 * (k + 2) * unit + stored,
      absolute: dtype === 'f16' ? 2 ** -24 : 1e-37,
      reason: `|error| ≤ γ_k · Σ|a·b| for any order of summation in f32 (Higham 2002, §3.1)${dtype === 'f16' ? ', plus the rounding of c to f16' : ''}`,
    };
  },
};
export default op;
