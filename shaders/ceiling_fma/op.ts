// ceiling_fma: the most fused multiply-adds a second, from independent chains in registers.

import { dimOf } from '../../src/kernels/dims.ts';
import type { Op } from '../../src/kernels/op.ts';

const op: Op = {
  id: 'ceiling_fma',
  title: 'FMA peak',
  about: 'Sixteen chains a = fma(a, scale, shift), scale = shift = 1, so that y counts every step exactly.',
  purpose: 'ceiling',
  dims: {
    lanes: 'invocations, a multiple of 256',
    steps: 'steps of each chain, a multiple of 16, at most 1024 (exact in f16)',
    scale: '1',
    shift: '1',
  },
  dtypes: ['f32', 'f16'],
  tensors: { y: { role: 'out', cells: 'f32', shape: ['lanes'], about: 'sum of the sixteen chains' } },
  cellMap: [],
  flops: '2 * 16 * steps * lanes',
  shapes: {
    test: [{ dims: { lanes: 512, steps: 64, scale: 1, shift: 1 }, fill: 'zeros' }],
    bench: {},
    quick: [],
    step: { lanes: 256, steps: 16, scale: 1, shift: 1 },
  },
  inputs: () => ({}),
  reference: (_, dims, rows) => {
    const steps = dimOf(dims, 'steps');
    const picked = rows ?? Array.from({ length: dimOf(dims, 'lanes') }, (_lane, i) => i);
    // chain j of 16 starts at (lane + j) mod 8
    const value = Float64Array.from(picked, (lane) => {
      let sum = 0;
      for (let j = 0; j < 16; j++) sum += ((lane + j) % 8) + steps;
      return sum;
    });
    return { y: { value, magnitude: value } };
  },
  tolerance: () => ({ relative: 0, absolute: 0, reason: 'small integers, exact in every type' }),
};
export default op;
