// Causal attention of one token in double precision, over any source of K and V; shared by the paged and the
// contiguous op.

import { at } from '../../src/core/assert.ts';

/**
 * Softmax-weighted mean of V for one query head: `q` is scaled by 1/√d here. Writes value and magnitude
 * (Σ p·|v|, grown by the size of the scores, whose error the exponential multiplies) at `out`.
 */
export function attendOne(
  q: (d: number) => number,
  k: (key: number, d: number) => number,
  v: (key: number, d: number) => number,
  keys: number,
  headDim: number,
  into: { readonly value: Float64Array; readonly magnitude: Float64Array },
  out: number,
): void {
  const scores = new Float64Array(keys);
  let size = 0;
  for (let key = 0; key < keys; key++) {
    let sum = 0;
    let terms = 0;
    for (let d = 0; d < headDim; d++) {
      const term = (q(d) * k(key, d)) / Math.sqrt(headDim);
      sum += term;
      terms += Math.abs(term);
    }
    scores[key] = sum;
    size = Math.max(size, terms);
  }
  const most = scores.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  let total = 0;
  for (let key = 0; key < keys; key++) total += Math.exp(at(scores, key) - most);
  for (let d = 0; d < headDim; d++) {
    let value = 0;
    let magnitude = 0;
    for (let key = 0; key < keys; key++) {
      const term = (Math.exp(at(scores, key) - most) / total) * v(key, d);
      value += term;
      magnitude += Math.abs(term);
    }
    into.value[out + d] = value;
    into.magnitude[out + d] = magnitude * (1 + size);
  }
}
