// What becomes of the logits of a way of storing a model, step by step: scores, and divergence from f32 where f32's are kept.

import { Divergence, type LogitDivergence } from '../../measure/divergence.ts';
import { type ScoredDocument, Tally } from '../../measure/quality.ts';
import type { TensorView } from '../../model/contract.ts';
import type { Stretch } from './stretches.ts';

/** Logits of f32, [tokens, vocabulary] of each of the first steps, as many as `most` bytes hold. */
export class KeptLogits {
  readonly #steps: Float32Array[] = [];
  readonly #most: number;
  #bytes = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** Keeps the next step's logits, unless that takes more bytes than may be kept. */
  push(values: Float32Array): void {
    this.#bytes += values.byteLength;
    if (this.#bytes <= this.#most) this.#steps.push(values);
  }

  /** The logits of a step; undefined where they were not kept. */
  step(index: number): Float32Array | undefined {
    return this.#steps[index];
  }
}

/** What logits are for beside their scores: to be compared with, or to be held against those of f32. */
export type LogitUse =
  | { readonly kind: 'scored' }
  | { readonly kind: 'kept' | 'compared'; readonly f32: KeptLogits };

/** Counts one way's logits. Every way has the same steps in the same order. */
export class LogitCounts {
  readonly tally: Tally;
  readonly #divergence = new Divergence();
  readonly #use: LogitUse;
  #steps = 0;

  constructor(documents: readonly ScoredDocument[], use: LogitUse) {
    this.tally = new Tally(documents);
    this.#use = use;
  }

  /** Logits of the next step, whose stretches follow each other in their rows. */
  add(step: readonly Stretch[], { values, columns }: TensorView): void {
    let from = 0;
    for (const { document, start, count } of step) {
      this.tally.add(document, start, values.subarray(from, from + count * columns), columns);
      from += count * columns;
    }
    const index = this.#steps++;
    if (this.#use.kind === 'kept') this.#use.f32.push(values);
    if (this.#use.kind !== 'compared') return;
    const f32 = this.#use.f32.step(index);
    if (f32) this.#divergence.add(f32, values, columns);
  }

  /** Null where nothing was compared. */
  get fromF32(): LogitDivergence | null {
    return this.#divergence.summary;
  }
}
