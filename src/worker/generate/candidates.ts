// A row of logits as the likeliest next tokens.

import { at } from '../../core/assert.ts';
import type { Candidates } from './protocol.ts';

/** The `most` likeliest ids of softmax(logits), the rank of `chosen`, and the entropy. Sums in double precision. */
export function candidates(logits: Float32Array, chosen: number, position: number, most: number): Candidates {
  let peak = Number.NEGATIVE_INFINITY;
  for (const x of logits) peak = Math.max(peak, x);
  let sum = 0;
  for (const x of logits) sum += Math.exp(x - peak);
  const probability = (id: number): number => Math.exp(at(logits, id) - peak) / sum;
  let entropy = 0;
  let rank = 0;
  const mark = at(logits, chosen);
  for (const [id, x] of logits.entries()) {
    const p = Math.exp(x - peak) / sum;
    if (p > 0) entropy -= p * Math.log2(p);
    // ties go to the lower id, as the sampling kernel breaks them
    if (x > mark || (x === mark && id < chosen)) rank++;
  }
  const ids = Uint32Array.from(logits, (_, id) => id).sort((a, b) => at(logits, b) - at(logits, a) || a - b);
  return {
    position,
    best: [...ids.subarray(0, most)].map((id) => ({
      id,
      logit: at(logits, id),
      probability: probability(id),
    })),
    chosen: { id: chosen, rank, probability: probability(chosen) },
    entropyBits: entropy,
  };
}
