// matmul_w8: float activations times int8 weights, dequantized in registers. The path for few rows and for
// devices without packed dot products: a quarter of the bytes of f32 weights.

import { at } from '../../src/core/assert.ts';
import { dimOf } from '../../src/kernels/dims.ts';
import { fillWith } from '../../src/kernels/fills.ts';
import { roundTo } from '../../src/kernels/layout.ts';
import type { Dims, Op } from '../../src/kernels/op.ts';
import { productOfRows, quantizeRows, rowsOr } from '../../src/kernels/quantized.ts';

const shape = (m: number, n: number, k: number, group: number = k): Dims => ({
  m,
  n,
  k,
  group,
  groups: Math.ceil(k / group),
});

const none = new Float64Array();

const op: Op = {
  id: 'matmul_w8',
  title: 'Matrix product, float × int8',
  about:
    'c[m, n] = Σ over groups g of w_scales[n, g] · Σ over k in g of a[m, k] · w[n, k], with a in f32 (W8A32) or f16 (W8A16) and sums in f32.',
  dims: {
    m: 'rows of a and c',
    n: 'rows of w, columns of c',
    k: 'columns of a and w',
    group: 'cells of a row of w that share a scale: k, or a multiple of 32',
    groups: 'scales a row of w: ceil(k / group)',
  },
  dtypes: ['f32', 'f16'],
  tensors: {
    a: { role: 'in', cells: 'Elem', shape: ['m', 'k'], rows: 'vec4', about: 'activations' },
    w: {
      role: 'in',
      cells: 'i8',
      shape: ['n', 'k'],
      packed: { kind: 'rows', format: '2', columns: 'k', group: 'group', scales: 'w_scales' },
      about: 'weights, a row for each column of c',
    },
    w_scales: { role: 'in', cells: 'f32', shape: ['n', 'groups'], about: 'one a row or a group' },
    c: { role: 'out', cells: 'Elem', shape: ['m', 'n'], rows: 'vec4', about: 'product' },
  },
  cellMap: ['c[m, n] <- a[m, *], w[n, *], w_scales[n, *]'],
  flops: '2 * m * n * k',
  shapes: {
    test: [
      { dims: shape(64, 64, 64), fill: 'normal' },
      { dims: shape(37, 53, 29), fill: 'normal' },
      { dims: shape(1, 130, 75), fill: 'outliers' },
      { dims: shape(66, 1, 33), fill: 'normal' },
      { dims: shape(5, 7, 0, 32), fill: 'normal' },
      { dims: shape(35, 34, 131), fill: 'outliers' },
      { dims: shape(33, 34, 35), fill: 'zeros' },
      { dims: shape(18, 20, 22), fill: 'special' },
      { dims: shape(9, 22, 200, 32), fill: 'outliers' },
      { dims: shape(4, 18, 430, 64), fill: 'normal' },
      { dims: shape(16, 6, 870, 128), fill: 'normal' },
      { dims: shape(3, 9, 1100), fill: 'normal' },
    ],
    bench: {
      '128×512×512': shape(128, 512, 512),
      '128×4096×4096': shape(128, 4096, 4096),
      '512×4096×4096': shape(512, 4096, 4096),
      '512×4096×4096 by 32': shape(512, 4096, 4096, 32),
      'row 1×4096×4096': shape(1, 4096, 4096),
      'row 1×4096×4096 by 32': shape(1, 4096, 4096, 32),
      'rows 8×4096×4096': shape(8, 4096, 4096),
      'row 1×32768×32768': shape(1, 32768, 32768),
    },
    quick: ['128×512×512', 'row 1×4096×4096'],
    step: shape(4, 4, 32),
  },
  inputs: (dims, fill, dtype, seed) => {
    const [m, n, k] = [dimOf(dims, 'm'), dimOf(dims, 'n'), dimOf(dims, 'k')];
    const exactW = fillWith(fill, n * k, seed + 1);
    const w = quantizeRows(exactW, n, k, dimOf(dims, 'group'));
    return { a: roundTo(dtype, fillWith(fill, m * k, seed)), w: w.cells, w_scales: w.scales, exactW };
  },
  reference: (inputs, dims, rows) => {
    const { a = none, w = none, w_scales = none } = inputs;
    const [n, k] = [dimOf(dims, 'n'), dimOf(dims, 'k')];
    const [group, groups] = [dimOf(dims, 'group'), dimOf(dims, 'groups')];
    const picked = rowsOr(rows, dimOf(dims, 'm'));
    const value = new Float64Array(picked.length * n);
    const magnitude = new Float64Array(picked.length * n);
    picked.forEach((row, i) => {
      for (let j = 0; j < n; j++) {
        for (let t = 0; t < k; t++) {
          const scale = at(w_scales, j * groups + Math.floor(t / group));
          const term = at(a, row * k + t) * at(w, j * k + t) * scale;
          value[i * n + j] = (value[i * n + j] ?? 0) + term;
          magnitude[i * n + j] = (magnitude[i * n + j] ?? 0) + Math.abs(term);
        }
      }
    });
    return { c: { value, magnitude } };
  },
  ideal: ({ a = none, exactW = none }, dims, rows) => {
    const [m, n, k] = [dimOf(dims, 'm'), dimOf(dims, 'n'), dimOf(dims, 'k')];
    return { c: productOfRows(a, exactW, k, n, rowsOr(rows, m)) };
  },
  tolerance: (dims, dtype) => ({
    relative: 2 * (dimOf(dims, 'k') + 4) * 2 ** -24 + (dtype === 'f16' ? 2 ** -11 : 0),
    absolute: dtype === 'f16' ? 2 ** -24 : 1e-37,
    reason:
      '|error| ≤ γ of k + 2 · Σ|terms| for any order of summation in f32 (Higham 2002, §3.1), then c to its cells',
  }),
};
export default op;
