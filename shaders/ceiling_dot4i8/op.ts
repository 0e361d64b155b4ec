// ceiling_dot4i8: the most int8 dot products a second, from independent chains in registers.

import { at } from '../../src/core/assert.ts';
import { dimOf } from '../../src/kernels/dims.ts';
import type { Op } from '../../src/kernels/op.ts';

const signed = (word: number, byte: number): number => (word << (24 - 8 * byte)) >> 24;

/** dot4I8Packed of WGSL: four products of signed bytes, summed in i32. */
const dot4 = (a: number, b: number): number => {
  let sum = 0;
  for (let i = 0; i < 4; i++) sum += signed(a, i) * signed(b, i);
  return sum | 0;
};

const op: Op = {
  id: 'ceiling_dot4i8',
  title: 'dot4I8Packed peak',
  about:
    'Eight chains c[j] += dot4I8Packed(c[j + 1], w): each step needs its neighbour, none is loop-invariant.',
  purpose: 'ceiling',
  dims: {
    lanes: 'invocations, a multiple of 256',
    steps: 'steps of each chain, a multiple of 4',
    w: 'the packed weight',
  },
  dtypes: ['f32'],
  tensors: { y: { role: 'out', cells: 'i32', shape: ['lanes'], about: 'xor of the eight chains' } },
  cellMap: [],
  flops: '2 * 4 * 8 * steps * lanes',
  shapes: {
    test: [{ dims: { lanes: 256, steps: 32, w: 0x7f03fe81 }, fill: 'zeros' }],
    bench: {},
    quick: [],
    step: { lanes: 256, steps: 8, w: 0x7f03fe81 },
  },
  inputs: () => ({}),
  reference: (_, dims, rows) => {
    const [steps, w] = [dimOf(dims, 'steps'), dimOf(dims, 'w')];
    const picked = rows ?? Array.from({ length: dimOf(dims, 'lanes') }, (_lane, i) => i);
    const value = Float64Array.from(picked, (lane) => {
      const chain = Int32Array.from({ length: 8 }, (_chain, j) => lane + j);
      for (let i = 0; i < steps; i++) {
        for (let j = 0; j < 8; j++) chain[j] = at(chain, j) + dot4(at(chain, (j + 1) % 8), w);
      }
      return chain.reduce((x, y) => x ^ y, 0);
    });
    return { y: { value, magnitude: value.map(Math.abs) } };
  },
  tolerance: () => ({ relative: 0, absolute: 0, reason: 'integers, exact with wrap-around' }),
};
export default op;
