// The runner's logits against the whole model in double precision, over mixed steps.

import { describe, expect, it } from 'vitest';
import { prng } from '../../../src/core/prng.ts';
import type { ModelConfig } from '../../../src/model/config.ts';
import type { ModelOptions } from '../../../src/model/contract.ts';
import { presets } from '../../../src/model/presets.ts';
import { ReferenceModel } from '../../../src/model/reference.ts';
import { seededHostWeights } from '../../../src/model/seeded.ts';
import { testGpu } from '../gpu.ts';
import { Bench, plain } from './setup.ts';

const { gpu } = await testGpu();
const prompt = (seed: number, length: number, vocab: number): number[] => {
  const random = prng(seed);
  return Array.from({ length }, () => random.int(0, vocab - 1));
};

/** Largest difference of two rows of logits. */
const worst = (got: ArrayLike<number>, want: ArrayLike<number>): number =>
  Array.from(got).reduce((most, x, i) => Math.max(most, Math.abs(x - (want[i] ?? Number.NaN))), 0);

async function check(config: ModelConfig, options: ModelOptions, tolerance: number): Promise<void> {
  const weights = seededHostWeights(config, 42, options.weights);
  const [a, b] = [prompt(1, 21, config.vocab), prompt(2, 9, config.vocab)];
  const wantA = new ReferenceModel(config, weights, options.kv).run(a);
  const wantB = new ReferenceModel(config, weights, options.kv).run(b);
  const bench = await Bench.open(config, options);
  const [rowA, rowB] = [bench.row([5, 3]), bench.row([60])];
  const expected = (want: readonly Float64Array[], from: number, count: number) =>
    want.slice(from, from + count);
  // a chunk of a; then the rest of a beside a chunk of b; then single tokens of b
  const steps = [
    { parts: [{ row: rowA, start: 0, tokens: a.slice(0, 13), logits: 13 }], want: expected(wantA, 0, 13) },
    {
      parts: [
        { row: rowA, start: 13, tokens: a.slice(13), logits: 1 },
        { row: rowB, start: 0, tokens: b.slice(0, 7), logits: 2 },
      ],
      want: [...expected(wantA, 20, 1), ...expected(wantB, 5, 2)],
    },
    { parts: [{ row: rowB, start: 7, tokens: [b[7] ?? 0], logits: 1 }], want: expected(wantB, 7, 1) },
    { parts: [{ row: rowB, start: 8, tokens: [b[8] ?? 0], logits: 1 }], want: expected(wantB, 8, 1) },
  ];
  for (const { parts, want } of steps) {
    const { logits, sampled } = await bench.step(parts);
    logits.forEach((got, i) => {
      expect(worst(got, want[i] ?? [])).toBeLessThan(tolerance);
      expect(sampled[i]).toBe(got.indexOf(Math.max(...got)));
    });
  }
  bench.dispose();
  expect(gpu.memory.live).toBe(0);
}

describe('logits agree with the reference in double precision', () => {
  it('nano, f32', () => check(presets.nano, plain, 2e-5));
});
