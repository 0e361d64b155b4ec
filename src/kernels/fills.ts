// Seeded inputs, hard on purpose: easy inputs hide wrong kernels.

import { unreachable } from '../core/assert.ts';
import { prng } from '../core/prng.ts';
import type { Fill } from './op.ts';

/**
 * `count` values in double precision (round them to the cells' type with roundTo).
 * normal: N(0, 1); outliers: the same with 1 % a hundred times larger; special: a few NaN and ±Inf among
 * normals; iota: 0, 1, 2 … modulo 61, exact in every type.
 */
export function fillWith(fill: Fill, count: number, seed: number): Float64Array {
  const out = new Float64Array(count);
  const random = prng(seed);
  switch (fill) {
    case 'zeros':
      return out;
    case 'iota':
      return out.map((_, i) => i % 61);
    case 'normal':
      return uniformish(out, random.next);
    case 'outliers':
      return uniformish(out, random.next).map((x) => (random.next() < 0.01 ? x * 100 : x));
    case 'special':
      return uniformish(out, random.next).map((x) => {
        const r = random.next();
        return r < 0.01
          ? Number.NaN
          : r < 0.02
            ? Number.POSITIVE_INFINITY
            : r < 0.03
              ? Number.NEGATIVE_INFINITY
              : x;
      });
    default:
      return unreachable(fill, 'fill');
  }
}

/** Sum of four uniforms, scaled to unit variance: near enough to normal, and fast for millions of cells. */
function uniformish(out: Float64Array, next: () => number): Float64Array {
  const scale = Math.sqrt(3);
  for (let i = 0; i < out.length; i++) out[i] = (next() + next() + next() + next() - 2) * scale;
  return out;
}
