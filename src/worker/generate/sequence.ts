// One sequence being generated: what is known, what has been submitted, and the batch of the next step. Pure but for the
// KV cache's bookkeeping; session.ts submits and reads back.

import type { KvCache } from '../../cache/kv-cache.ts';
import { assert } from '../../core/assert.ts';
import type { BatchBuilder, ModelId } from '../../model/batch.ts';
import type { GenerateEnd, GeneratePrompt, GenerateState } from './protocol.ts';

/** A step as it was put together. */
export interface StepPart {
  readonly phase: 'prefill' | 'decode';
  readonly start: number;
  readonly count: number;
  /** Whether it samples. */
  readonly samples: boolean;
  readonly sampleSlot: number;
  /** Page of its last token. */
  readonly page: number;
}

export class Sequence {
  readonly prompt: GeneratePrompt;
  readonly row: number;
  readonly #cache: KvCache;
  /** Prompt and the ids that have been read back. */
  readonly #known: number[];
  #computed = 0;
  #sampled = 0;
  #ended: GenerateEnd | null = null;
  #stop: ReadonlySet<number>;

  constructor(cache: KvCache, prompt: GeneratePrompt) {
    this.prompt = prompt;
    this.row = cache.tables.openRow();
    this.#cache = cache;
    this.#known = [...prompt.tokens];
    this.#stop = new Set(prompt.stops);
  }

  get state(): GenerateState {
    const pages = this.#cache.tables.lengths[this.row] ?? 0;
    return {
      computed: this.#computed,
      generated: this.#known.length - this.prompt.tokens.length,
      table: Array.from({ length: pages }, (_, i) => this.#cache.tables.page(this.row, i)),
      ended: this.#ended,
    };
  }

  /** Whether a further step may be submitted. */
  get more(): boolean {
    return this.#ended === null && this.#sampled < this.prompt.maxTokens;
  }

  /** Puts the next step into `batch`: a chunk of the prompt, or the last token (on the GPU while its id is on its way). */
  next(batch: BatchBuilder, model: ModelId, chunk: number): StepPart {
    assert(this.more, 'a step after the end');
    const length = this.prompt.tokens.length;
    const start = this.#computed;
    const prefill = start < length;
    const count = prefill ? Math.min(chunk, length - start) : 1;
    const samples = start + count >= length;
    const roomy = this.#cache.prepare(this.row, start, start + count);
    assert(roomy, 'the pool holds a whole window');
    const part: StepPart = {
      phase: prefill ? 'prefill' : 'decode',
      start,
      count,
      samples,
      sampleSlot: this.#sampled % 2,
      page: this.#cache.tables.page(this.row, Math.floor((start + count - 1) / this.#cache.pageSize)),
    };
    this.fill(batch, model, part);
    this.#computed += count;
    if (samples) this.#sampled++;
    return part;
  }

  /** Puts a step into `batch`, also one that has run: its tokens stand at the same places and give the same result. */
  fill(batch: BatchBuilder, model: ModelId, part: StepPart): void {
    const { start, count, samples, sampleSlot } = part;
    const tokens =
      start + count <= this.#known.length
        ? this.#known.slice(start, start + count)
        : { sampled: 1 - sampleSlot };
    batch.begin(model).add({
      row: this.row,
      start,
      tokens,
      logits: samples ? 1 : 0,
      sampleSlot,
      sampling: this.prompt.sampling,
    });
  }

  /** Takes a sampled id. False when the text had ended before it: the step that made it was one too many. */
  commit(id: number): boolean {
    if (this.#ended !== null) return false;
    this.#known.push(id);
    if (this.#stop.has(id)) this.#ended = 'stop-token';
    else if (this.#known.length - this.prompt.tokens.length >= this.prompt.maxTokens) this.#ended = 'length';
    if (this.#ended !== null) {
      // the last token's K and V are not needed, nor what was computed ahead of knowing that it ends
      this.#computed = Math.min(this.#computed, this.#known.length - 1);
      this.#cache.shorten(this.row, this.#computed);
    }
    return true;
  }

  close(): void {
    this.#cache.close(this.row);
  }
}
