// ceiling_copy: reading and writing as fast as the device can; at a few words, the cost of a dispatch.

import { at } from '../../src/core/assert.ts';
import { hash32 } from '../../src/core/prng.ts';
import { dimOf } from '../../src/kernels/dims.ts';
import type { Op } from '../../src/kernels/op.ts';

const op: Op = {
  id: 'ceiling_copy',
  title: 'Copy bandwidth',
  about: 'y = x, 16 bytes at a time. Bytes count the read and the write.',
  purpose: 'ceiling',
  dims: { n: 'words, a multiple of 4', seed: 'what x was filled with' },
  dtypes: ['f32'],
  tensors: {
    x: { role: 'in', cells: 'u32', shape: ['n'], about: 'hashed noise' },
    y: { role: 'out', cells: 'u32', shape: ['n'], about: 'the copy' },
  },
  cellMap: ['y[n] <- x[n]'],
  flops: '0',
  shapes: {
    test: [{ dims: { n: 4100, seed: 5 }, fill: 'iota' }],
    bench: {},
    quick: [],
    step: { n: 1024, seed: 5 },
  },
  inputs: (dims) => ({
    x: Float64Array.from({ length: dimOf(dims, 'n') }, (_, i) => hash32(i ^ dimOf(dims, 'seed'))),
  }),
  reference: (inputs, dims, rows) => {
    const seed = dimOf(dims, 'seed');
    const value = rows
      ? Float64Array.from(rows, (i) => hash32(i ^ seed))
      : Float64Array.from(inputs['x'] ?? [], (_, i) => at(inputs['x'] ?? [], i));
    return { y: { value, magnitude: value } };
  },
  tolerance: () => ({ relative: 0, absolute: 0, reason: 'integers, exact' }),
};
export default op;
