// Answers to one prompt: steps, shared pages, copies on the first write, ends. No GPU.

import { describe, expect, it } from 'vitest';
import { KvCache } from '../../../src/cache/kv-cache.ts';
import { longestAnswers, pagesForAnswers } from '../../../src/cache/shared-prompt.ts';
import { BatchBuilder, type ModelId } from '../../../src/model/batch.ts';
import { Answers, mostAnswers } from '../../../src/worker/generate/answers.ts';
import type { GeneratePrompt } from '../../../src/worker/generate/protocol.ts';

const one: GeneratePrompt = {
  tokens: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
  sampling: { temperature: 0, topK: 0, topP: 1, seed: 7 },
  maxTokens: 4,
  answers: 1,
  stops: [99],
};
const make = (prompt: GeneratePrompt, pages = 8) => {
  const cache = new KvCache({ pages, pageSize: 8, rows: mostAnswers, window: 32 });
  const batch = new BatchBuilder({ maxTokens: 8, maxLogits: mostAnswers, pageSize: 8 }, (row, index) =>
    cache.tables.page(row, index),
  );
  return { cache, batch, answers: new Answers(cache, prompt) };
};
const id = 1 as ModelId;

describe('one answer', () => {
  it('computes its prompt in chunks, then takes tokens on the GPU until they are known', () => {
    const { batch, answers } = make(one);
    const parts = [1, 2, 3].map(() => answers.next(batch, id, 8));
    expect(parts).toMatchObject([
      { phase: 'prefill', start: 0, count: 8, answers: [] },
      { phase: 'prefill', start: 8, count: 2, answers: [0], half: 0 },
      { phase: 'decode', start: 10, count: 1, answers: [0], half: 1 },
    ]);
    expect(batch.from[0]).toBe(1); // slot 0, of the step before
    const [, first, second] = parts;
    if (!first || !second) throw new Error('steps');
    expect(answers.commit(first, [50])).toEqual([50]);
    expect(answers.commit(second, [51])).toEqual([51]);
    answers.next(batch, id, 8);
    expect([batch.from[0], batch.tokens[0]]).toEqual([0, 51]);
  });

  it('gives back what was computed past its end token', () => {
    const { cache, batch, answers } = make(one);
    const parts = [1, 2, 3, 4].map(() => answers.next(batch, id, 8));
    expect(answers.state.answers[0]?.computed).toBe(12);
    const [, first, second] = parts;
    if (!first || !second) throw new Error('steps');
    expect(answers.commit(first, [99])).toEqual([99]);
    expect(answers.commit(second, [50])).toEqual([null]);
    expect(answers.state).toMatchObject({
      ended: true,
      answers: [{ ended: 'stop-token', generated: 1, computed: 10 }],
    });
    expect(answers.more).toBe(false);
    answers.close();
    expect(cache.pool.free).toBe(8);
  });
});

describe('three answers', () => {
  const three = { ...one, answers: 3 };

  it('share the prompt’s pages and copy the partial one when they first write', () => {
    const { cache, batch, answers } = make(three);
    expect(answers.next(batch, id, 8)).toMatchObject({ start: 0, count: 8, answers: [] });
    expect(answers.next(batch, id, 8)).toMatchObject({ start: 8, count: 1, answers: [] });
    expect([cache.pool.free, batch.logitCount, cache.copies]).toEqual([6, 0, []]);
    // the prompt's last token is each answer's own: the same for all, drawn with seeds that follow one another
    expect(answers.next(batch, id, 8)).toMatchObject({
      phase: 'prefill',
      start: 9,
      count: 1,
      answers: [0, 1, 2],
    });
    expect([...batch.tokens.subarray(0, 3)]).toEqual([10, 10, 10]);
    expect([...batch.seeds.subarray(0, 3)]).toEqual([7, 8, 9]);
    // two took a copy; the last writes the page that is its own by now
    expect(cache.copies).toHaveLength(4);
    expect(cache.copies[0]).toBe(cache.copies[2]);
    const tables = answers.state.answers.map(({ table }) => table);
    expect(new Set(tables.map(([first]) => first)).size).toBe(1);
    expect(new Set(tables.map(([, second]) => second)).size).toBe(3);
    expect(cache.pool.free).toBe(4);
  });

  it('end one by one, and the others go on with their own tokens', () => {
    const { cache, batch, answers } = make(three);
    answers.next(batch, id, 8);
    answers.next(batch, id, 8);
    const first = answers.next(batch, id, 8);
    expect(answers.commit(first, [20, 99, 22])).toEqual([20, 99, 22]);
    const second = answers.next(batch, id, 8);
    expect(second.answers).toEqual([0, 2]);
    expect([...batch.tokens.subarray(0, 2)]).toEqual([20, 22]);
    const ahead = answers.next(batch, id, 8);
    // submitted before the ids are known: from the slots of the same answers in the step before
    const slots = second.answers.map((i) => second.half * mostAnswers + i);
    expect([...batch.from.subarray(0, 2)]).toEqual(slots.map((slot) => slot + 1));
    expect(answers.commit(second, [99, 32])).toEqual([99, null, 32]);
    expect(answers.commit(ahead, [77, 33])).toEqual([null, null, 33]);
    expect(answers.state.answers.map(({ generated, ended }) => [generated, ended])).toEqual([
      [2, 'stop-token'],
      [1, 'stop-token'],
      [3, null],
    ]);
    expect(answers.state.ended).toBe(false);
    answers.close();
    expect(cache.pool.free).toBe(8);
  });

  it('never need more pages than are asked for', () => {
    for (const length of [1, 2, 8, 9, 10, 16, 17]) {
      for (const maxTokens of [1, 4, 9]) {
        for (const count of [1, 2, 5, 8]) {
          const prompt = {
            ...one,
            tokens: Array<number>(length).fill(1),
            maxTokens,
            answers: count,
            stops: [],
          };
          const need = pagesForAnswers(length, maxTokens, count, 8);
          const { cache, batch, answers } = make(prompt, need);
          let least = need;
          while (answers.more) {
            const part = answers.next(batch, id, 8);
            least = Math.min(least, cache.pool.free);
            answers.commit(part, Array<number>(mostAnswers).fill(5));
          }
          expect(least, `${count} answers of ${maxTokens} to ${length}`).toBe(0);
          const most = longestAnswers(length, count, 8, need);
          expect(most).toBeGreaterThanOrEqual(maxTokens);
          expect(pagesForAnswers(length, most, count, 8)).toBeLessThanOrEqual(need);
          expect(pagesForAnswers(length, most + 1, count, 8)).toBeGreaterThan(need);
        }
      }
    }
  });
});
