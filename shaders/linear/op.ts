// linear: y = x · wᵀ with weights as models store them, one row an output. Weights are f32, packed f16 or int8
// with scales; sums are f32. Versions whose reduction id is k32 agree bit for bit whatever the row count.

import { at } from '../../src/core/assert.ts';
import { dimOf } from '../../src/kernels/dims.ts';
import { fillWith } from '../../src/kernels/fills.ts';
import { roundTo } from '../../src/kernels/layout.ts';
import type { Dims, Op } from '../../src/kernels/op.ts';
import { packRows, unpackRows } from '../../src/kernels/packing.ts';

/** All dims of one shape: the whole of y, f32 weights. */
const shape = (m: number, n: number, k: number): Dims => ({
  m,
  n,
  k,
  y_n: n,
  y_0: 0,
  format: 0,
  cells: 4,
  group: k,
  groups: 1,
});
const f16 = { format: 1, cells: 8 };
const i8 = (k: number, group: number): Dims => ({
  format: 2,
  cells: 16,
  group,
  groups: Math.ceil(k / group),
});

const op: Op = {
  id: 'linear',
  title: 'Linear layer',
  about:
    'y[m, y_0 + n] = Σ over k of x[m, k] · w[n, k], with w in f32, f16 or int8: every projection of a model. Part of a split w writes part of the columns of y.',
  dims: {
    m: 'rows of x and y',
    n: 'rows of w',
    k: 'columns of x and w',
    y_n: 'columns of y',
    y_0: 'first column written',
    format: 'of w: 0 f32, 1 f16, 2 i8',
    cells: 'cells in a 16-byte unit: 4, 8 or 16',
    group: 'cells of a row that share a scale (i8): k, or a multiple of 32',
    groups: 'scales a row (i8), else 1',
  },
  dtypes: ['f32'],
  tensors: {
    x: { role: 'in', cells: 'f32', shape: ['m', 'k'], rows: 'vec4', about: 'activations' },
    w: {
      role: 'in',
      cells: 'u32',
      shape: ['n', '4 * ceil(k / cells)'],
      packed: { kind: 'rows', format: 'format', columns: 'k', group: 'group', scales: 'scales' },
      about: 'packed rows of weights',
    },
    scales: {
      role: 'in',
      cells: 'f32',
      shape: ['n', 'groups'],
      moves: { reads: 'select(0, 4 * n * groups, format == 2)' },
      about: 'i8 scales',
    },
    y: {
      role: 'out',
      cells: 'f32',
      shape: ['m', 'y_n'],
      rows: 'vec4',
      moves: { writes: '4 * m * n' },
      about: 'products',
    },
  },
  cellMap: ['y[m, n] <- x[m, *], w[n, *], scales[n, *]'],
  flops: '2 * m * n * k',
  shapes: {
    test: [
      { dims: shape(8, 64, 64), fill: 'normal' },
      { dims: shape(1, 130, 75), fill: 'outliers' },
      { dims: shape(37, 53, 132), fill: 'normal' },
      { dims: { ...shape(3, 17, 96), ...f16 }, fill: 'normal' },
      { dims: { ...shape(33, 20, 100), ...f16 }, fill: 'outliers' },
      { dims: { ...shape(5, 24, 288), ...i8(288, 288) }, fill: 'normal' },
      { dims: { ...shape(18, 9, 160), ...i8(160, 64) }, fill: 'outliers' },
      { dims: { ...shape(2, 12, 128), ...i8(128, 32), y_n: 40, y_0: 20 }, fill: 'normal' },
      { dims: shape(4, 5, 33), fill: 'zeros' },
      // more segments than any version takes in one round
      { dims: shape(2, 5, 1100), fill: 'normal' },
      { dims: { ...shape(1, 3, 4224), ...i8(4224, 4224) }, fill: 'normal' },
    ],
    bench: {
      'row 1×2048×2048': shape(1, 2048, 2048),
      'rows 8×2048×2048': shape(8, 2048, 2048),
      'f16 row 1×2048×2048': { ...shape(1, 2048, 2048), ...f16 },
      'i8 row 1×16384×2048': { ...shape(1, 16384, 2048), ...i8(2048, 2048) },
      'i8 row 1×2048×8192': { ...shape(1, 2048, 8192), ...i8(8192, 8192) },
      'i8 rows 8×16384×2048': { ...shape(8, 16384, 2048), ...i8(2048, 2048) },
      'i8 rows 8×2048×8192': { ...shape(8, 2048, 8192), ...i8(8192, 8192) },
      'f16 row 1×3072×576': { ...shape(1, 3072, 576), ...f16 },
      'f16 rows 8×3072×576': { ...shape(8, 3072, 576), ...f16 },
      'f16 64×576×1536': { ...shape(64, 576, 1536), ...f16 },
      'f16 2048×3072×576': { ...shape(2048, 3072, 576), ...f16 },
      '512×2048×2048': shape(512, 2048, 2048),
    },
    quick: ['row 1×2048×2048', 'rows 8×2048×2048'],
    step: shape(2, 4, 64),
  },
  inputs: (dims, fill, _dtype, seed) => {
    const [m, n, k] = [dimOf(dims, 'm'), dimOf(dims, 'n'), dimOf(dims, 'k')];
    const w = fillWith(fill, n * k, seed + 1);
    const packed = packRows(dimOf(dims, 'format'), w, n, k, dimOf(dims, 'group'));
    return {
      x: roundTo('f32', fillWith(fill, m * k, seed)),
      w: Float64Array.from(packed.words),
      scales: packed.scales.length > 0 ? Float64Array.from(packed.scales) : new Float64Array(n),
      unquantized: w,
    };
  },
  reference: (inputs, dims, rows) => {
    const { x = [], w: words = [], scales = [] } = inputs;
    const w = unpackRows(
      dimOf(dims, 'format'),
      { words, scales },
      dimOf(dims, 'n'),
      dimOf(dims, 'k'),
      dimOf(dims, 'group'),
    );
    return { y: product(x, w, dims, rows) };
  },
  ideal: ({ x = [], unquantized = [] }, dims, rows) => ({ y: product(x, unquantized, dims, rows).value }),
  tolerance: (dims) => ({
    relative: 2 * (dimOf(dims, 'k') + 4) * 2 ** -24,
    absolute: 1e-37,
    reason: '|error| ≤ γ_k · Σ|x·w| for any order of summation in f32 (Higham 2002, §3.1)',
  }),
};
export default op;

function product(x: ArrayLike<number>, w: ArrayLike<number>, dims: Dims, rows?: readonly number[]) {
  const [m, n, k] = [dimOf(dims, 'm'), dimOf(dims, 'n'), dimOf(dims, 'k')];
  const [columns, first] = [dimOf(dims, 'y_n'), dimOf(dims, 'y_0')];
  const picked = rows ?? Array.from({ length: m }, (_, i) => i);
  const value = new Float64Array(picked.length * columns);
  const magnitude = new Float64Array(picked.length * columns);
  picked.forEach((row, i) => {
    for (let c = 0; c < n; c++) {
      let sum = 0;
      let size = 0;
      for (let t = 0; t < k; t++) {
        const term = at(x, row * k + t) * at(w, c * k + t);
        sum += term;
        size += Math.abs(term);
      }
      value[i * columns + first + c] = sum;
      magnitude[i * columns + first + c] = size;
    }
  });
  return { value, magnitude };
}
