// The answers to one prompt being generated: what is known, what has been submitted, and the batch of the next step. The prompt
// is computed once; then each answer shares its pages and copies a page only when it first writes into it. Pure but for the KV
// cache's bookkeeping; session.ts submits and reads back.

import type { KvCache } from '../../cache/kv-cache.ts';
import { assert, at } from '../../core/assert.ts';
import type { BatchBuilder, ModelId } from '../../model/batch.ts';
import type { AnswerState, GeneratePrompt, GenerateState } from './protocol.ts';

/** Answers to one prompt at most. */
export const mostAnswers = 8;

/** A step as it was put together. */
export interface StepPart {
  readonly phase: 'prefill' | 'decode';
  /** Position of its first token in each sequence, and how many it computes of each. */
  readonly start: number;
  readonly count: number;
  /** The answers that it computes a token of and samples for; none while a chunk does not finish the prompt. */
  readonly answers: readonly number[];
  /** Which half of the sample slots it writes; the step before wrote the other. */
  readonly half: 0 | 1;
}

interface Answer {
  readonly row: number;
  /** Ids that have been read back. */
  readonly ids: number[];
  computed: number;
  sampled: number;
  ended: AnswerState['ended'];
}

export class Answers {
  readonly prompt: GeneratePrompt;
  readonly #cache: KvCache;
  readonly #answers: Answer[];
  readonly #stop: ReadonlySet<number>;
  /** Tokens of the prompt that one sequence computes for all: with several answers, the last token is each one's own. */
  readonly #together: number;
  #half: 0 | 1 = 0;

  constructor(cache: KvCache, prompt: GeneratePrompt) {
    this.prompt = prompt;
    this.#cache = cache;
    this.#stop = new Set(prompt.stops);
    this.#together = prompt.answers === 1 ? prompt.tokens.length : prompt.tokens.length - 1;
    this.#answers = [];
    if (this.#together > 0) this.#open(cache.tables.openRow(), 0);
    else this.#fork();
  }

  #open(row: number, computed: number): void {
    this.#answers.push({ row, ids: [], computed, sampled: 0, ended: null });
  }

  /** Gives every answer a row; those after the first share what the first holds. */
  #fork(): void {
    const [first] = this.#answers;
    while (this.#answers.length < this.prompt.answers)
      this.#open(
        first ? this.#cache.fork(first.row, first.computed) : this.#cache.tables.openRow(),
        first?.computed ?? 0,
      );
  }

  get state(): GenerateState {
    const { tables } = this.#cache;
    return {
      answers: this.#answers.map(({ row, ids, computed, ended }) => ({
        computed,
        generated: ids.length,
        table: Array.from({ length: tables.lengths[row] ?? 0 }, (_, i) => tables.page(row, i)),
        ended,
      })),
      ended: this.#answers.every(({ ended }) => ended !== null),
    };
  }

  /** Answers that a further step may be submitted for. */
  get #live(): readonly number[] {
    return this.#answers.flatMap(({ ended, sampled }, i) =>
      ended === null && sampled < this.prompt.maxTokens ? [i] : [],
    );
  }

  /** Whether a further step may be submitted. */
  get more(): boolean {
    return this.#live.length > 0;
  }

  /** Puts the next step into `batch`: a chunk of the prompt, or a token of every answer that goes on. */
  next(batch: BatchBuilder, model: ModelId, chunk: number): StepPart {
    assert(this.more, 'a step after the end');
    const part = this.#plan(chunk);
    for (const { row } of this.#computing(part)) {
      const roomy = this.#cache.prepare(row, part.start, part.start + part.count);
      assert(roomy, 'the pool holds what was asked for');
    }
    this.fill(batch, model, part);
    for (const answer of this.#computing(part)) answer.computed += part.count;
    for (const i of part.answers) at(this.#answers, i).sampled++;
    if (part.answers.length > 0) this.#half = this.#half === 0 ? 1 : 0;
    return part;
  }

  #plan(chunk: number): StepPart {
    const length = this.prompt.tokens.length;
    const start = at(this.#answers, this.#live[0] ?? 0).computed;
    const half = this.#half;
    if (start < this.#together) {
      const count = Math.min(chunk, this.#together - start);
      const answers = start + count === length ? [0] : [];
      return { phase: 'prefill', start, count, answers, half };
    }
    this.#fork();
    return { phase: start < length ? 'prefill' : 'decode', start, count: 1, answers: this.#live, half };
  }

  /** The answers whose rows a step computes: the first alone while the prompt is not done. */
  #computing({ answers }: StepPart): readonly Answer[] {
    return (answers.length > 0 ? answers : [0]).map((i) => at(this.#answers, i));
  }

  /** Puts a step into `batch`, also one that has run: its tokens stand at the same places and give the same result. */
  fill(batch: BatchBuilder, model: ModelId, part: StepPart): void {
    const { start, count, answers, half } = part;
    const { tokens: prompt, sampling } = this.prompt;
    batch.begin(model);
    for (const [nth, answer] of this.#computing(part).entries()) {
      const known = prompt.length + answer.ids.length;
      const index = answers[nth] ?? 0;
      batch.add({
        row: answer.row,
        start,
        tokens:
          start + count <= known
            ? Array.from(
                { length: count },
                (_, i) => prompt[start + i] ?? at(answer.ids, start + i - prompt.length),
              )
            : { sampled: (1 - half) * mostAnswers + index },
        logits: answers.length > 0 ? 1 : 0,
        sampleSlot: half * mostAnswers + index,
        sampling: { ...sampling, seed: sampling.seed + index },
      });
    }
  }

  /**
   * Takes the sampled ids of a step, by answer; null where the answer does not sample in it, or had ended before: a step may be
   * one too many.
   */
  commit(part: StepPart, ids: ArrayLike<number>): readonly (number | null)[] {
    const taken: (number | null)[] = Array.from({ length: this.prompt.answers }, () => null);
    for (const [nth, index] of part.answers.entries()) {
      const answer = at(this.#answers, index);
      if (answer.ended !== null) continue;
      const id = ids[nth] ?? 0;
      taken[index] = id;
      answer.ids.push(id);
      if (this.#stop.has(id)) answer.ended = 'stop-token';
      else if (answer.ids.length >= this.prompt.maxTokens) answer.ended = 'length';
      if (answer.ended !== null) {
        // the last token's K and V are not needed, nor what was computed ahead of knowing that it ends
        answer.computed = Math.min(answer.computed, this.prompt.tokens.length + answer.ids.length - 1);
        this.#cache.shorten(answer.row, answer.computed);
      }
    }
    return taken;
  }

  close(): void {
    for (const { row } of this.#answers) this.#cache.close(row);
  }
}
