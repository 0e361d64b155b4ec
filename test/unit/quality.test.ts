// Scores: losses, answers and agreement counted by hand on logits of a few tokens; intervals that hold what they promise.

import { describe, expect, it } from 'vitest';
import { prng } from '../../src/core/prng.ts';
import { type ScoredDocument, Tally } from '../../src/measure/quality.ts';
import { stepsOf } from '../../src/worker/bench/stretches.ts';

const vocabulary = 4;
/** Logits whose first choice at each position is given. */
const logitsOf = (choices: readonly number[], height = 2): Float32Array => {
  const cells = new Float32Array(choices.length * vocabulary);
  for (const [row, id] of choices.entries()) cells[row * vocabulary + id] = height;
  return cells;
};
const document: ScoredDocument = {
  kind: 'recall',
  ids: [0, 1, 2, 3, 1],
  answers: [
    { from: 2, to: 4, distance: 100 },
    { from: 4, to: 5, distance: 600 },
  ],
};

describe('a tally', () => {
  it('sums nats, and counts an answer only when all of its tokens are first choices', () => {
    const tally = new Tally([document]);
    tally.add(0, 0, logitsOf([1, 2]), vocabulary);
    tally.add(0, 2, logitsOf([3, 0]), vocabulary);
    // −log softmax: of the first choice, and of one of the three others
    const [hit, miss] = [Math.log(1 + 3 * Math.exp(-2)), Math.log(3 + Math.exp(2))];
    expect(tally.tokens).toBe(4);
    expect(tally.loss).toBeCloseTo((3 * hit + miss) / 4, 6);
    expect(tally.scores).toEqual({
      recall: { right: 1, asked: 2 },
      'recall ≤ 128': { right: 1, asked: 1 },
      'recall > 512': { right: 0, asked: 1 },
    });
  });

  it('leaves out answers of a text that was cut, and ties go to the lower id', () => {
    const tally = new Tally([document]);
    tally.add(0, 0, logitsOf([1, 2, 3]), vocabulary);
    expect(tally.scores).toEqual({
      recall: { right: 1, asked: 1 },
      'recall ≤ 128': { right: 1, asked: 1 },
    });
    const flat = new Tally([document]);
    flat.add(0, 0, new Float32Array(vocabulary), vocabulary);
    expect(flat.best[0]?.[0]).toBe(0);
  });

  it('agrees with itself, and elsewhere position by position', () => {
    const [a, b] = [new Tally([document]), new Tally([document])];
    a.add(0, 0, logitsOf([1, 2, 3, 0]), vocabulary);
    b.add(0, 0, logitsOf([1, 1, 3, 0]), vocabulary);
    expect(a.agreement(a)).toEqual({ right: 4, asked: 4 });
    expect(a.agreement(b)).toEqual({ right: 3, asked: 4 });
    expect(a.agreement(b, ({ kind }) => kind === 'story')).toEqual({ right: 0, asked: 0 });
    expect(a.over(a)).toMatchObject({ ratio: 1 });
  });

  it('has an interval that holds the true ratio in about 95 % of samples of documents', () => {
    const random = prng(3);
    let held = 0;
    const runs = 400;
    for (let run = 0; run < runs; run++) {
      const lengths = Array.from({ length: 60 }, () => random.int(3, 30));
      const documents = lengths.map((n) => ({ kind: 'x', ids: Array<number>(n + 1).fill(0), answers: [] }));
      const [f32, other] = [new Tally(documents), new Tally(documents)];
      for (const [d, n] of lengths.entries())
        for (let t = 0; t < n; t++) {
          const loss = 1 + random.normal() * 0.3;
          f32.losses[d] = (f32.losses[d] ?? 0) + loss;
          other.losses[d] = (other.losses[d] ?? 0) + loss + 0.01 + 0.05 * random.normal();
          f32.counts[d] = n;
          other.counts[d] = n;
        }
      const { low, high } = other.over(f32);
      if (low <= Math.exp(0.01) && Math.exp(0.01) <= high) held++;
    }
    expect(held / runs).toBeGreaterThan(0.91);
    expect(held / runs).toBeLessThan(0.98);
  });
});

describe('documents in steps', () => {
  const of = (...lengths: number[]) => lengths.map((length) => ({ ids: Array<number>(length).fill(0) }));

  it('fill a step with the end of one and the beginning of the next, and leave out last tokens', () => {
    expect(stepsOf(of(7, 4), 4, 8, 100)).toEqual([
      [{ document: 0, start: 0, count: 4 }],
      [
        { document: 0, start: 4, count: 2 },
        { document: 1, start: 0, count: 2 },
      ],
      [{ document: 1, start: 2, count: 1 }],
    ]);
  });

  it('keep to the most documents of a step and to the longest text', () => {
    const steps = stepsOf(of(2, 2, 2, 50), 64, 2, 10);
    expect(steps.map((step) => step.length)).toEqual([2, 2]);
    expect(steps[1]?.[1]).toEqual({ document: 3, start: 0, count: 10 });
  });
});
