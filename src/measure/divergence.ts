// How far one way of storing a model moves its next-token distributions from those of f32 on the same text: the error of the
// logits and the Kullback–Leibler divergence. Pure; logits come in a few rows at a time, sums are in double precision.

import { assert, at } from '../core/assert.ts';
import { mean, quantile } from '../core/stats.ts';

/** Over every compared position. A row of logits is one position's, a for f32 and b for this way. */
export interface LogitDivergence {
  /** Positions compared. */
  readonly positions: number;
  /**
   * √(mean over positions and vocabulary of (dᵢ − d̄)²) with d = b − a and d̄ its mean over the row: what is added to a whole
   * row changes no probability and is no error. In units of a logit (nats).
   */
  readonly logitRms: number;
  /** Largest |dᵢ − d̄| of all. */
  readonly logitMax: number;
  /** Mean over positions of KL(f32 ‖ this) = Σ pᵢ (ln pᵢ − ln qᵢ) with p = softmax(a), q = softmax(b). In nats. */
  readonly klMean: number;
  /** 99th percentile of it over positions (type 7, src/core/stats.ts). In nats. */
  readonly klP99: number;
}

/** ln Σ exp xᵢ. */
function logSum(logits: Float32Array): number {
  let peak = Number.NEGATIVE_INFINITY;
  for (const x of logits) if (x > peak) peak = x;
  let sum = 0;
  for (const x of logits) sum += Math.exp(x - peak);
  return peak + Math.log(sum);
}

/** KL(softmax(a) ‖ softmax(b)) in nats. Never below 0, where rounding alone would take it. */
export function kullbackLeibler(a: Float32Array, b: Float32Array): number {
  const [zA, zB] = [logSum(a), logSum(b)];
  let sum = 0;
  for (let i = 0; i < a.length; i++) {
    const logP = at(a, i) - zA;
    sum += Math.exp(logP) * (logP - (at(b, i) - zB));
  }
  return Math.max(0, sum);
}

/** Adds up differences of logits, position by position. */
export class Divergence {
  readonly #kl: number[] = [];
  #squares = 0;
  #cells = 0;
  #max = 0;

  /** Logits [rows, vocabulary] of the same positions, of f32 and of this way. */
  add(reference: Float32Array, own: Float32Array, vocabulary: number): void {
    assert(reference.length === own.length, 'both have the same positions and vocabulary');
    for (let from = 0; from < own.length; from += vocabulary) {
      const [a, b] = [reference.subarray(from, from + vocabulary), own.subarray(from, from + vocabulary)];
      let shift = 0;
      for (let i = 0; i < vocabulary; i++) shift += (at(b, i) - at(a, i)) / vocabulary;
      for (let i = 0; i < vocabulary; i++) {
        const error = Math.abs(at(b, i) - at(a, i) - shift);
        this.#squares += error * error;
        this.#max = Math.max(this.#max, error);
      }
      this.#cells += vocabulary;
      this.#kl.push(kullbackLeibler(a, b));
    }
  }

  /** Null before the first position. */
  get summary(): LogitDivergence | null {
    if (this.#kl.length === 0) return null;
    return {
      positions: this.#kl.length,
      logitRms: Math.sqrt(this.#squares / this.#cells),
      logitMax: this.#max,
      klMean: mean(this.#kl),
      klP99: quantile(this.#kl, 0.99),
    };
  }
}
