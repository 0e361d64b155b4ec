// matmul_w8a8: int8 activations times int8 weights, sums in i32. Where packed dot products exist, four
// products cost what one f32 product costs.

import { at } from '../../src/core/assert.ts';
import { dimOf } from '../../src/kernels/dims.ts';
import { fillWith } from '../../src/kernels/fills.ts';
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
  id: 'matmul_w8a8',
  title: 'Matrix product, int8 × int8',
  about:
    'c[m, n] = a_scales[m] · Σ over groups g of w_scales[n, g] · Σ over k in g of a[m, k] · w[n, k]. The inner sums are exact: i32 holds 127² · k up to k = 133,144.',
  dims: {
    m: 'rows of a and c',
    n: 'rows of w, columns of c',
    k: 'columns of a and w, at most 133,144',
    group: 'cells of a row of w that share a scale: k, or a multiple of 32',
    groups: 'scales a row of w: ceil(k / group)',
  },
  dtypes: ['f32', 'f16'],
  tensors: {
    a: {
      role: 'in',
      cells: 'i8',
      shape: ['m', 'k'],
      packed: { kind: 'rows', format: '2', columns: 'k', group: 'k', scales: 'a_scales' },
      about: 'activations',
    },
    a_scales: { role: 'in', cells: 'f32', shape: ['m'], about: 'one a row' },
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
  cellMap: ['c[m, n] <- a[m, *], a_scales[m], w[n, *], w_scales[n, *]'],
  flops: '2 * m * n * k',
  shapes: {
    // the grouped ones share their number of groups: a kernel that sizes itself by it compiles once for all
    test: [
      { dims: shape(64, 64, 64), fill: 'normal' },
      { dims: shape(37, 53, 29), fill: 'normal' },
      { dims: shape(1, 130, 75), fill: 'outliers' },
      { dims: shape(66, 1, 33), fill: 'normal' },
      { dims: shape(5, 7, 0, 32), fill: 'normal' },
      { dims: shape(35, 34, 131), fill: 'outliers' },
      { dims: shape(33, 34, 35), fill: 'zeros' },
      { dims: shape(9, 22, 200, 32), fill: 'outliers' },
      { dims: shape(4, 18, 430, 64), fill: 'normal' },
      { dims: shape(16, 6, 870, 128), fill: 'normal' },
      { dims: shape(3, 9, 2300), fill: 'normal' },
    ],
    bench: {
      '128×512×512': shape(128, 512, 512),
      '128×4096×4096': shape(128, 4096, 4096),
      '512×4096×4096': shape(512, 4096, 4096),
      '2048×4096×4096': shape(2048, 4096, 4096),
      '512×4096×4096 by 128': shape(512, 4096, 4096, 128),
      '512×4096×4096 by 32': shape(512, 4096, 4096, 32),
      'row 1×4096×4096': shape(1, 4096, 4096),
      'row 1×4096×4096 by 32': shape(1, 4096, 4096, 32),
      'rows 8×4096×4096': shape(8, 4096, 4096),
      'row 1×32768×32768': shape(1, 32768, 32768),
    },
    quick: ['128×512×512', 'row 1×4096×4096'],
    step: shape(4, 4, 32),
  },
  inputs: (dims, fill, _dtype, seed) => {
    const [m, n, k] = [dimOf(dims, 'm'), dimOf(dims, 'n'), dimOf(dims, 'k')];
    const exactA = fillWith(fill, m * k, seed);
    const exactW = fillWith(fill, n * k, seed + 1);
    const a = quantizeRows(exactA, m, k, Math.max(1, k));
    const w = quantizeRows(exactW, n, k, dimOf(dims, 'group'));
    return {
      a: a.cells,
      a_scales: k > 0 ? a.scales : new Float64Array(m),
      w: w.cells,
      w_scales: w.scales,
      exactA,
      exactW,
    };
  },
  reference: (inputs, dims, rows) => {
    const { a = none, a_scales = none, w = none, w_scales = none } = inputs;
    const [n, k] = [dimOf(dims, 'n'), dimOf(dims, 'k')];
    const [group, groups] = [dimOf(dims, 'group'), dimOf(dims, 'groups')];
    const picked = rowsOr(rows, dimOf(dims, 'm'));
    const value = new Float64Array(picked.length * n);
    const magnitude = new Float64Array(picked.length * n);
    picked.forEach((row, i) => {
      const scale = at(a_scales, row);
      for (let j = 0; j < n; j++) {
        for (let g = 0; g < groups; g++) {
          let sum = 0;
          for (let t = g * group; t < Math.min(k, (g + 1) * group); t++)
            sum += at(a, row * k + t) * at(w, j * k + t);
          const term = scale * at(w_scales, j * groups + g) * sum;
          value[i * n + j] = (value[i * n + j] ?? 0) + term;
          magnitude[i * n + j] = (magnitude[i * n + j] ?? 0) + Math.abs(term);
        }
      }
    });
    return { c: { value, magnitude } };
  },
  ideal: ({ exactA = none, exactW = none }, dims, rows) => {
    const [m, n, k] = [dimOf(dims, 'm'), dimOf(dims, 'n'), dimOf(dims, 'k')];
    return { c: productOfRows(exactA, exactW, k, n, rowsOr(rows, m)) };
  },
  tolerance: (dims, dtype) => ({
    relative: (dimOf(dims, 'groups') + 3) * 2 ** -23 + (dtype === 'f16' ? 2 ** -11 : 0),
    absolute: dtype === 'f16' ? 2 ** -24 : 1e-37,
    reason:
      'i32 sums are exact; their conversion, the scales and one sum over the groups round in f32 (γ of groups + 3), then c to its cells',
  }),
};
export default op;
