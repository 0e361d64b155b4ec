// fill_hash: noise made on the device, so that no benchmark input and no generated weight is uploaded.

import { hash32 } from '../../src/core/prng.ts';
import { dimOf } from '../../src/kernels/dims.ts';
import type { Op } from '../../src/kernels/op.ts';

const op: Op = {
  id: 'fill_hash',
  title: 'Fill with hashed noise',
  about: 'y[i] = hash32(i xor seed). Caches and compressors cannot shorten reading it.',
  dims: { n: 'words to write', seed: 'names the stream' },
  dtypes: ['f32'],
  tensors: { y: { role: 'out', cells: 'u32', shape: ['n'], about: 'the noise' } },
  cellMap: [],
  flops: '0',
  shapes: {
    test: [
      { dims: { n: 1000, seed: 7 }, fill: 'zeros' },
      { dims: { n: 1, seed: 0 }, fill: 'zeros' },
    ],
    bench: {},
    quick: [],
    step: { n: 64, seed: 7 },
  },
  inputs: () => ({}),
  reference: (_, dims, rows) => {
    const seed = dimOf(dims, 'seed');
    const picked = rows ?? Array.from({ length: dimOf(dims, 'n') }, (_row, i) => i);
    const value = Float64Array.from(picked, (i) => hash32(i ^ seed));
    return { y: { value, magnitude: value } };
  },
  tolerance: () => ({ relative: 0, absolute: 0, reason: 'integers, exact' }),
};
export default op;
