// rope: rotary position embedding. Cells i and i + d/2 of a head are a pair that turns by position · θ^(−2i/d).

import { at } from '../../src/core/assert.ts';
import { prng } from '../../src/core/prng.ts';
import { dimOf } from '../../src/kernels/dims.ts';
import { fillWith } from '../../src/kernels/fills.ts';
import { roundTo } from '../../src/kernels/layout.ts';
import type { Op } from '../../src/kernels/op.ts';
import { rotations } from '../../src/kernels/rope.ts';

const shape = (t: number, heads: number, head_dim: number, window = 64) => ({ t, heads, head_dim, window });

const op: Op = {
  id: 'rope',
  title: 'Rotary embedding',
  about: 'Turns each pair of cells of Q or K by an angle that grows with the position (Su et al. 2021).',
  dims: { t: 'tokens', heads: 'heads', head_dim: 'cells of a head', window: 'rows of the table' },
  dtypes: ['f32'],
  tensors: {
    rotations: {
      role: 'in',
      cells: 'f32',
      shape: ['window', 'head_dim'],
      moves: { reads: '4 * head_dim * min(t, window)' },
      about: 'cosines, then sines',
    },
    positions: { role: 'in', cells: 'u32', shape: ['t'], about: 'position of each token' },
    x: { role: 'inout', cells: 'f32', shape: ['t', 'heads', 'head_dim'], about: 'queries or keys' },
  },
  cellMap: ['x[t, heads, head_dim] <- x[t, heads, *], rotations[*, *], positions[t]'],
  flops: '3 * t * heads * head_dim',
  shapes: {
    test: [
      { dims: shape(5, 3, 32), fill: 'normal' },
      { dims: shape(3, 2, 48), fill: 'outliers' },
      { dims: shape(2, 3, 64), fill: 'normal' },
      { dims: shape(3, 1, 96), fill: 'normal' },
      { dims: shape(2, 1, 128, 4000), fill: 'normal' },
    ],
    bench: {
      '8×40 heads of 64': shape(8, 40, 64, 2048),
      '2048×40 heads of 64': shape(2048, 40, 64, 2048),
      // 200 µs of bytes at the 3.3 TB/s of an H100
      '32768×40 heads of 64': shape(32768, 40, 64, 2048),
    },
    quick: ['8×40 heads of 64'],
    step: shape(2, 1, 16, 8),
  },
  inputs: (dims, fill, _dtype, seed) => {
    const [t, heads, d, window] = [
      dimOf(dims, 't'),
      dimOf(dims, 'heads'),
      dimOf(dims, 'head_dim'),
      dimOf(dims, 'window'),
    ];
    const random = prng(seed);
    const frequencies = Float64Array.from({ length: d / 2 }, (_, i) => 10000 ** ((-2 * i) / d));
    return {
      rotations: Float64Array.from(rotations(window, frequencies)),
      positions: Float64Array.from({ length: t }, () => random.int(0, window - 1)),
      x: roundTo('f32', fillWith(fill, t * heads * d, seed)),
    };
  },
  reference: ({ x = [], positions = [] }, dims, rows) => {
    const [t, heads, d] = [dimOf(dims, 't'), dimOf(dims, 'heads'), dimOf(dims, 'head_dim')];
    const picked = rows ?? Array.from({ length: t }, (_, i) => i);
    const value = new Float64Array(picked.length * heads * d);
    const magnitude = new Float64Array(picked.length * heads * d);
    picked.forEach((token, i) => {
      for (let c = 0; c < (heads * d) / 2; c++) {
        const pair = c % (d / 2);
        const from = token * heads * d + Math.floor(c / (d / 2)) * d + pair;
        const to = from + (i - token) * heads * d;
        const angle = at(positions, token) * 10000 ** ((-2 * pair) / d);
        const [low, high] = [at(x, from), at(x, from + d / 2)];
        value[to] = low * Math.cos(angle) - high * Math.sin(angle);
        value[to + d / 2] = high * Math.cos(angle) + low * Math.sin(angle);
        magnitude[to] = Math.abs(low) + Math.abs(high);
        magnitude[to + d / 2] = at(magnitude, to);
      }
    });
    return { x: { value, magnitude } };
  },
  tolerance: () => ({
    relative: 4 * 2 ** -24,
    absolute: 1e-37,
    reason: 'the table is rounded to f32, then a product and an fma',
  }),
};
export default op;
