// silu_mul: the gate of a SwiGLU feed-forward part (Shazeer 2020).

import { at } from '../../src/core/assert.ts';
import { dimOf } from '../../src/kernels/dims.ts';
import { fillWith } from '../../src/kernels/fills.ts';
import { roundTo } from '../../src/kernels/layout.ts';
import type { Op } from '../../src/kernels/op.ts';

const op: Op = {
  id: 'silu_mul',
  title: 'SiLU gate',
  about: 'y = gate · sigmoid(gate) · up, cell by cell; gate and up are the halves of one projection.',
  dims: { m: 'rows', n: 'cells of a row of y' },
  dtypes: ['f32'],
  tensors: {
    x: { role: 'in', cells: 'f32', shape: ['m', '2', 'n'], rows: 'vec4', about: 'gate, then up' },
    y: { role: 'out', cells: 'f32', shape: ['m', 'n'], rows: 'vec4', about: 'gated cells' },
  },
  cellMap: ['y[m, n] <- x[m, *, n]'],
  flops: '5 * m * n',
  shapes: {
    test: [
      { dims: { m: 3, n: 192 }, fill: 'normal' },
      { dims: { m: 2, n: 77 }, fill: 'outliers' },
      { dims: { m: 1, n: 1 }, fill: 'normal' },
    ],
    bench: {
      '8×8192': { m: 8, n: 8192 },
      '2048×8192': { m: 2048, n: 8192 },
      // 200 µs of bytes at the 3.3 TB/s of an H100
      '8192×8192': { m: 8192, n: 8192 },
    },
    quick: ['8×8192'],
    step: { m: 2, n: 8 },
  },
  inputs: (dims, fill, _dtype, seed) => ({
    x: roundTo('f32', fillWith(fill, dimOf(dims, 'm') * 2 * dimOf(dims, 'n'), seed)),
  }),
  reference: ({ x = new Float64Array() }, dims, rows) => {
    const [m, n] = [dimOf(dims, 'm'), dimOf(dims, 'n')];
    const picked = rows ?? Array.from({ length: m }, (_, i) => i);
    const value = new Float64Array(picked.length * n);
    const magnitude = new Float64Array(picked.length * n);
    picked.forEach((row, i) => {
      for (let c = 0; c < n; c++) {
        const gate = at(x, row * 2 * n + c);
        value[i * n + c] = (gate / (1 + Math.exp(-gate))) * at(x, (row * 2 + 1) * n + c);
        // exp's relative error grows with its argument (3 + 2·|x| ulp in WGSL)
        magnitude[i * n + c] = Math.abs(at(value, i * n + c)) * (1 + Math.abs(gate));
      }
    });
    return { y: { value, magnitude } };
  },
  tolerance: () => ({
    relative: 16 * 2 ** -24,
    absolute: 1e-30,
    reason: 'exp within 3 + 2·|x| ulp and division within 2.5 ulp (WGSL accuracy of built-ins)',
  }),
};
export default op;
