// The flat batch: one step's tokens of all its sequences, one after another, as typed-array columns. Any mix
// of prefill chunks, decodes and draft checks; the runner does not know which is which.

import { assert } from '../core/assert.ts';
import type { Brand } from '../core/brand.ts';

export type ModelId = Brand<number, 'ModelId'>;

/** In `slots`: this token is padding, its K and V are written nowhere. */
export const NO_SLOT = 0xffffffff;
/** In `from`: the token's id is in `tokens`. */
export const FROM_HOST = 0;
/** In `from`: the token's id is what was last sampled into `slot`, which never left the GPU. */
export const fromSample = (slot: number): number => slot + 1;

/** How one row of logits becomes a token. Temperature 0 is greedy, and then the rest is not looked at. */
export interface Sampling {
  readonly temperature: number;
  /** Keep the k most likely; 0 keeps all. */
  readonly topK: number;
  /** Then keep the smallest set with this share of what is left; 1 keeps all. */
  readonly topP: number;
  /** Noise is a function of (seed, position, token id): the same under every strategy. */
  readonly seed: number;
}

export const greedy: Sampling = { temperature: 0, topK: 0, topP: 1, seed: 0 };

export interface FlatBatch {
  readonly model: ModelId;
  /** Rows in use: columns may be longer. */
  readonly tokenCount: number;
  readonly sequenceCount: number;
  readonly logitCount: number;

  /** [tokens] token ids; ignored where `from` is not FROM_HOST. */
  readonly tokens: Uint32Array;
  /** [tokens] FROM_HOST, or fromSample(slot). */
  readonly from: Uint32Array;
  /** [tokens] position in its sequence, from 0. */
  readonly positions: Uint32Array;
  /** [tokens] page · pageSize + offset where its K and V go, or NO_SLOT. */
  readonly slots: Uint32Array;

  /** [sequences + 1] first token of each sequence; ascending, the last is tokenCount. */
  readonly starts: Uint32Array;
  /** [sequences] tokens of K and V that the sequence has once this step's are written. */
  readonly lengths: Uint32Array;
  /** [sequences] its row in the block tables. */
  readonly rows: Uint32Array;

  /** [logits] tokens (indices into this batch) whose logits are wanted; a sequence may have none or several. */
  readonly logitRows: Uint32Array;
  /** [logits] where the sampled id is kept on the GPU, below the runtime's `sampleSlots`. */
  readonly sampleSlots: Uint32Array;
  /** [logits] sampling parameters, one column each. */
  readonly temperatures: Float32Array;
  readonly topKs: Uint32Array;
  readonly topPs: Float32Array;
  readonly seeds: Uint32Array;
}

/** One sequence's part of a step, as BatchBuilder.add takes it. */
export interface Part {
  /** Block-table row. */
  readonly row: number;
  /** Position of its first token in this step. */
  readonly start: number;
  /** Token ids, or one token that was sampled into `slot` on the GPU. */
  readonly tokens: ArrayLike<number> | { readonly sampled: number };
  /** How many of its last tokens give logits: 0 for an unfinished chunk, 1, or k + 1 when drafts are checked. */
  readonly logits: number;
  /** Where the first of its samples is kept; the next ones follow. */
  readonly sampleSlot: number;
  /** What is left out is as in `greedy`. */
  readonly sampling: Pick<Sampling, 'temperature' | 'seed'> & Partial<Sampling>;
}

/**
 * Fills a FlatBatch in columns that are allocated once. The caller's block tables say which page holds which
 * position: `pageOf(row, index)`. Copying out of this class is not needed: the runner reads it at once.
 */
export class BatchBuilder implements FlatBatch {
  model: ModelId = 0 as ModelId;
  tokenCount = 0;
  sequenceCount = 0;
  logitCount = 0;
  readonly tokens: Uint32Array;
  readonly from: Uint32Array;
  readonly positions: Uint32Array;
  readonly slots: Uint32Array;
  readonly starts: Uint32Array;
  readonly lengths: Uint32Array;
  readonly rows: Uint32Array;
  readonly logitRows: Uint32Array;
  readonly sampleSlots: Uint32Array;
  readonly temperatures: Float32Array;
  readonly topKs: Uint32Array;
  readonly topPs: Float32Array;
  readonly seeds: Uint32Array;
  readonly pageSize: number;
  readonly #pageOf: (row: number, index: number) => number;

  constructor(
    size: { readonly maxTokens: number; readonly maxLogits: number; readonly pageSize: number },
    pageOf: (row: number, index: number) => number,
  ) {
    const { maxTokens, maxLogits } = size;
    this.pageSize = size.pageSize;
    this.#pageOf = pageOf;
    this.tokens = new Uint32Array(maxTokens);
    this.from = new Uint32Array(maxTokens);
    this.positions = new Uint32Array(maxTokens);
    this.slots = new Uint32Array(maxTokens);
    this.starts = new Uint32Array(maxTokens + 1);
    this.lengths = new Uint32Array(maxTokens);
    this.rows = new Uint32Array(maxTokens);
    this.logitRows = new Uint32Array(maxLogits);
    this.sampleSlots = new Uint32Array(maxLogits);
    this.temperatures = new Float32Array(maxLogits);
    this.topKs = new Uint32Array(maxLogits);
    this.topPs = new Float32Array(maxLogits);
    this.seeds = new Uint32Array(maxLogits);
  }

  /** Forgets the last step. */
  begin(model: ModelId): this {
    this.model = model;
    this.tokenCount = 0;
    this.sequenceCount = 0;
    this.logitCount = 0;
    return this;
  }

  /** Adds one sequence's tokens. The pages of its positions are already in the block tables. */
  add(part: Part): this {
    const list = 'sampled' in part.tokens ? undefined : part.tokens;
    const count = list ? list.length : 1;
    const first = this.tokenCount;
    assert(first + count <= this.tokens.length, `a step of more than ${this.tokens.length} tokens`);
    assert(part.logits <= count, `${part.logits} logit rows of ${count} tokens`);
    for (let i = 0; i < count; i++) {
      const position = part.start + i;
      const t = first + i;
      this.tokens[t] = list ? (list[i] ?? 0) : 0;
      this.from[t] = 'sampled' in part.tokens ? fromSample(part.tokens.sampled) : FROM_HOST;
      this.positions[t] = position;
      const page = this.#pageOf(part.row, Math.floor(position / this.pageSize));
      this.slots[t] = page * this.pageSize + (position % this.pageSize);
    }
    this.tokenCount = first + count;
    const s = this.sequenceCount++;
    this.starts[s] = first;
    this.starts[s + 1] = this.tokenCount;
    this.lengths[s] = part.start + count;
    this.rows[s] = part.row;
    const { temperature, topK = greedy.topK, topP = greedy.topP, seed } = part.sampling;
    for (let i = 0; i < part.logits; i++) {
      const l = this.logitCount++;
      assert(l < this.logitRows.length, `a step of more than ${this.logitRows.length} logit rows`);
      this.logitRows[l] = this.tokenCount - part.logits + i;
      this.sampleSlots[l] = part.sampleSlot + i;
      this.temperatures[l] = temperature;
      this.topKs[l] = topK;
      this.topPs[l] = topP;
      this.seeds[l] = seed;
    }
    return this;
  }

  /**
   * Adds tokens that are computed and thrown away, as a padded static batch computes them: each attends to what the
   * sequence in `row` holds up to `position`, writes no K and V, and gives no logits.
   */
  pad(row: number, position: number, count: number): this {
    assert(this.tokenCount + count <= this.tokens.length, `a step of more than ${this.tokens.length} tokens`);
    for (let i = 0; i < count; i++) {
      const t = this.tokenCount++;
      this.tokens[t] = 0;
      this.from[t] = FROM_HOST;
      this.positions[t] = position;
      this.slots[t] = NO_SLOT;
      const s = this.sequenceCount++;
      this.starts[s] = t;
      this.starts[s + 1] = t + 1;
      this.lengths[s] = position + 1;
      this.rows[s] = row;
    }
    return this;
  }
}
