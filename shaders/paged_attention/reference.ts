// Causal attention of one token in double precision, over any source of K and V; shared by the paged and the
// contiguous op.

import { at } from '../../src/core/assert.ts';

/**
 * Softmax-weighted mean of V for one query head: `q` is scaled by 1/√d here; `k` and `v` give the row of a key. Writes
 * value and magnitude (Σ p·|v|, grown by the size of the scores, whose error the exponential multiplies) at `out`.
 */
export function attendOne(
  q: ArrayLike<number>,
  k: (key: number) => Float64Array,
  v: (key: number) => Float64Array,
  keys: number,
  into: { readonly value: Float64Array; readonly magnitude: Float64Array },
  out: number,
): void {
  const headDim = q.length;
  // the innermost loops run billions of times: no call in them
  const scaled = Float64Array.from(q, (cell) => cell / Math.sqrt(headDim));
  const scores = new Float64Array(keys);
  let size = 0;
  for (let key = 0; key < keys; key++) {
    const row = k(key);
    let sum = 0;
    let terms = 0;
    for (let d = 0; d < headDim; d++) {
      const term = (scaled[d] ?? 0) * (row[d] ?? 0);
      sum += term;
      terms += Math.abs(term);
    }
    scores[key] = sum;
    size = Math.max(size, terms);
  }
  const most = scores.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  let total = 0;
  for (let key = 0; key < keys; key++) total += Math.exp(at(scores, key) - most);
  const value = new Float64Array(headDim);
  const magnitude = new Float64Array(headDim);
  for (let key = 0; key < keys; key++) {
    const p = Math.exp(at(scores, key) - most) / total;
    const row = v(key);
    for (let d = 0; d < headDim; d++) {
      const term = p * (row[d] ?? 0);
      value[d] = (value[d] ?? 0) + term;
      magnitude[d] = (magnitude[d] ?? 0) + Math.abs(term);
    }
  }
  for (let d = 0; d < headDim; d++) {
    into.value[out + d] = at(value, d);
    into.magnitude[out + d] = at(magnitude, d) * (1 + size);
  }
}
