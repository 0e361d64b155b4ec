// argmax: the column of each row's largest cell; of equal cells the first. The plain form of greedy sampling.

import { at } from '../../src/core/assert.ts';
import { dimOf } from '../../src/kernels/dims.ts';
import { fillWith } from '../../src/kernels/fills.ts';
import { roundTo } from '../../src/kernels/layout.ts';
import type { Op } from '../../src/kernels/op.ts';

const op: Op = {
  id: 'argmax',
  title: 'Argmax',
  about: 'ids[m] = the lowest n whose x[m, n] is largest.',
  dims: { m: 'rows', n: 'cells of a row, at least one' },
  dtypes: ['f32'],
  tensors: {
    x: { role: 'in', cells: 'f32', shape: ['m', 'n'], rows: 'vec4', about: 'scores' },
    ids: { role: 'out', cells: 'u32', shape: ['m'], about: 'columns' },
  },
  cellMap: ['ids[m] <- x[m, *]'],
  flops: 'm * n',
  shapes: {
    test: [
      { dims: { m: 5, n: 512 }, fill: 'normal' },
      { dims: { m: 3, n: 1000 }, fill: 'iota' },
      { dims: { m: 70, n: 3 }, fill: 'zeros' },
      { dims: { m: 2, n: 1 }, fill: 'normal' },
    ],
    bench: { '64×32000': { m: 64, n: 32000 }, '1×128256': { m: 1, n: 128256 } },
    quick: ['64×32000'],
    step: { m: 2, n: 16 },
  },
  inputs: (dims, fill, _dtype, seed) => ({
    x: roundTo('f32', fillWith(fill, dimOf(dims, 'm') * dimOf(dims, 'n'), seed)),
  }),
  reference: ({ x = new Float64Array() }, dims, rows) => {
    const [m, n] = [dimOf(dims, 'm'), dimOf(dims, 'n')];
    const picked = rows ?? Array.from({ length: m }, (_, i) => i);
    const value = Float64Array.from(picked, (row) => {
      let best = 0;
      for (let i = 1; i < n; i++) if (at(x, row * n + i) > at(x, row * n + best)) best = i;
      return best;
    });
    return { ids: { value, magnitude: value } };
  },
  tolerance: () => ({ relative: 0, absolute: 0, reason: 'ids; ties go to the lowest' }),
};
export default op;
