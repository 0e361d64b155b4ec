// linear_a8: y = x · wᵀ with int8 activations and float weights. The values are those that rounding to int8 and back would
// give, so that it shows what int8 activations cost apart from int8 weights; it saves no time.

import { at } from '../../src/core/assert.ts';
import { dimOf } from '../../src/kernels/dims.ts';
import { fillWith } from '../../src/kernels/fills.ts';
import type { Dims, Op, Values } from '../../src/kernels/op.ts';
import { packRows, unpackRows } from '../../src/kernels/packing.ts';
import { productOfRows, quantizeRows, rowsOr } from '../../src/kernels/quantized.ts';

/** All dims of one shape, f32 weights. */
const shape = (m: number, n: number, k: number): Dims => ({ m, n, k, format: 0, cells: 4 });
const f16 = { format: 1, cells: 8 };

const op: Op = {
  id: 'linear_a8',
  title: 'Linear layer of int8 activations',
  about:
    'y[m, n] = Σ over k of (x[m, k] · x_scales[m]) · w[n, k] with int8 x and w in f32 or f16: the same bits as dequantize_rows, then linear.',
  dims: {
    m: 'rows of x and y',
    n: 'rows of w, columns of y',
    k: 'columns of x and w',
    format: 'of w: 0 f32, 1 f16',
    cells: 'cells of w in a 16-byte unit: 4 or 8',
  },
  dtypes: ['f32'],
  tensors: {
    x: { role: 'in', cells: 'i8', shape: ['m', 'k'], about: 'activations' },
    x_scales: { role: 'in', cells: 'f32', shape: ['m'], about: 'one a row' },
    w: { role: 'in', cells: 'u32', shape: ['n', '4 * ceil(k / cells)'], about: 'packed rows of weights' },
    y: { role: 'out', cells: 'f32', shape: ['m', 'n'], rows: 'vec4', about: 'products' },
  },
  cellMap: ['y[m, n] <- x[m, *], x_scales[m], w[n, *]'],
  flops: '2 * m * n * k',
  shapes: {
    test: [
      { dims: shape(8, 64, 64), fill: 'normal' },
      { dims: shape(1, 130, 75), fill: 'outliers' },
      { dims: shape(37, 53, 132), fill: 'normal' },
      { dims: { ...shape(3, 17, 96), ...f16 }, fill: 'normal' },
      { dims: { ...shape(33, 20, 100), ...f16 }, fill: 'outliers' },
      { dims: shape(4, 5, 33), fill: 'zeros' },
    ],
    bench: { 'row 1×2048×2048': shape(1, 2048, 2048), 'rows 8×2048×2048': shape(8, 2048, 2048) },
    quick: ['rows 8×2048×2048'],
    step: shape(2, 4, 64),
  },
  inputs: (dims, fill, _dtype, seed) => {
    const [m, n, k] = [dimOf(dims, 'm'), dimOf(dims, 'n'), dimOf(dims, 'k')];
    const unquantized = fillWith(fill, m * k, seed);
    const { cells, scales } = quantizeRows(unquantized, m, k, k);
    const packed = packRows(dimOf(dims, 'format'), fillWith(fill, n * k, seed + 1), n, k, k);
    return { x: cells, x_scales: scales, w: Float64Array.from(packed.words), unquantized };
  },
  reference: (inputs, dims, rows) => {
    const { x = new Float64Array(), x_scales = [] } = inputs;
    const k = dimOf(dims, 'k');
    const values = x.map((cell, i) => cell * at(x_scales, Math.floor(i / k)));
    const w = weightsOf(inputs, dims);
    return {
      y: {
        value: product(values, w, dims, rows),
        magnitude: product(values.map(Math.abs), w.map(Math.abs), dims, rows),
      },
    };
  },
  ideal: (inputs, dims, rows) => {
    const { unquantized = new Float64Array() } = inputs;
    return { y: product(unquantized, weightsOf(inputs, dims), dims, rows) };
  },
  tolerance: (dims) => ({
    relative: 2 * (dimOf(dims, 'k') + 5) * 2 ** -24,
    absolute: 1e-37,
    reason:
      '|error| ≤ γ_k · Σ|x·w| for any order of summation in f32 (Higham 2002, §3.1); x · scale rounds once',
  }),
};
export default op;

function weightsOf({ w: words = new Float64Array() }: Values, dims: Dims): Float64Array {
  const [n, k] = [dimOf(dims, 'n'), dimOf(dims, 'k')];
  return unpackRows(dimOf(dims, 'format'), { words, scales: new Float64Array() }, n, k, k);
}

function product(
  x: Float64Array,
  w: Float64Array,
  dims: Dims,
  rows: readonly number[] | undefined,
): Float64Array {
  return productOfRows(x, w, dimOf(dims, 'k'), dimOf(dims, 'n'), rowsOr(rows, dimOf(dims, 'm')));
}
