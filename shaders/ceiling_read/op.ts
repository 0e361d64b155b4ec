// ceiling_read: the most that kernels can read from memory in a second.

import { hash32 } from '../../src/core/prng.ts';
import { dimOf } from '../../src/kernels/dims.ts';
import type { Op } from '../../src/kernels/op.ts';

const op: Op = {
  id: 'ceiling_read',
  title: 'Read bandwidth',
  about: 'y[l] = xor of all words that invocation l reads; x is read once, in order, 16 bytes a load.',
  purpose: 'ceiling',
  dims: {
    n: 'words of x, a multiple of 4',
    lanes: 'invocations, a multiple of 256',
    seed: 'what x was filled with',
  },
  dtypes: ['f32'],
  tensors: {
    x: { role: 'in', cells: 'u32', shape: ['n'], about: 'hashed noise' },
    y: { role: 'out', cells: 'u32', shape: ['lanes'], about: 'one xor an invocation' },
  },
  cellMap: ['y[lanes] <- x[*]'],
  flops: '0',
  shapes: {
    test: [
      { dims: { n: 4096, lanes: 256, seed: 3 }, fill: 'iota' },
      { dims: { n: 20_004, lanes: 512, seed: 3 }, fill: 'iota' },
    ],
    bench: {},
    quick: [],
    step: { n: 2048, lanes: 256, seed: 3 },
  },
  inputs: (dims) => ({
    x: Float64Array.from({ length: dimOf(dims, 'n') }, (_, i) => hash32(i ^ dimOf(dims, 'seed'))),
  }),
  reference: (_, dims, rows) => {
    const [n, lanes, seed] = [dimOf(dims, 'n') / 4, dimOf(dims, 'lanes'), dimOf(dims, 'seed')];
    const picked = rows ?? Array.from({ length: lanes }, (_lane, i) => i);
    const value = Float64Array.from(picked, (lane) => {
      let all = 0;
      for (let i = lane; i < n; i += lanes) {
        for (let j = 0; j < 4; j++) all ^= hash32((4 * i + j) ^ seed);
      }
      return all >>> 0;
    });
    return { y: { value, magnitude: value } };
  },
  tolerance: () => ({ relative: 0, absolute: 0, reason: 'integers, exact' }),
};
export default op;
