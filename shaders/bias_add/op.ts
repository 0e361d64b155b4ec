// bias_add: adds one vector to every row.

import { at } from '../../src/core/assert.ts';
import { dimOf } from '../../src/kernels/dims.ts';
import { fillWith } from '../../src/kernels/fills.ts';
import { roundTo } from '../../src/kernels/layout.ts';
import type { Op } from '../../src/kernels/op.ts';

const op: Op = {
  id: 'bias_add',
  title: 'Bias add',
  about: 'x += bias, row by row: the plain form of what rope_kv_append fuses.',
  dims: { m: 'rows', n: 'cells of a row' },
  dtypes: ['f32'],
  tensors: {
    bias: { role: 'in', cells: 'f32', shape: ['n'], rows: 'vec4', about: 'what is added' },
    x: { role: 'inout', cells: 'f32', shape: ['m', 'n'], rows: 'vec4', about: 'what it is added to' },
  },
  cellMap: ['x[m, n] <- bias[n], x[m, n]'],
  flops: 'm * n',
  shapes: {
    test: [
      { dims: { m: 3, n: 64 }, fill: 'normal' },
      { dims: { m: 5, n: 77 }, fill: 'special' },
      { dims: { m: 1, n: 1 }, fill: 'outliers' },
    ],
    bench: { '8×2048': { m: 8, n: 2048 }, '4096×2048': { m: 4096, n: 2048 } },
    quick: ['8×2048'],
    step: { m: 2, n: 8 },
  },
  inputs: (dims, fill, _dtype, seed) => {
    const [m, n] = [dimOf(dims, 'm'), dimOf(dims, 'n')];
    return {
      bias: roundTo('f32', fillWith(fill, n, seed)),
      x: roundTo('f32', fillWith(fill, m * n, seed + 1)),
    };
  },
  reference: ({ x = [], bias = [] }, dims, rows) => {
    const [m, n] = [dimOf(dims, 'm'), dimOf(dims, 'n')];
    const picked = rows ?? Array.from({ length: m }, (_, i) => i);
    const value = Float64Array.from(
      { length: picked.length * n },
      (_, i) => at(x, at(picked, Math.floor(i / n)) * n + (i % n)) + at(bias, i % n),
    );
    return { x: { value, magnitude: value.map(Math.abs) } };
  },
  tolerance: () => ({ relative: 2 ** -24, absolute: 1e-37, reason: 'one rounding of one sum' }),
};
export default op;
