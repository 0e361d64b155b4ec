// The runner's logits against the whole model in double precision, over mixed steps.

import { describe, expect, it } from 'vitest';
import { prng } from '../../../src/core/prng.ts';
import { Divergence, type LogitDivergence } from '../../../src/measure/divergence.ts';
import { Tally } from '../../../src/measure/quality.ts';
import type { ModelConfig } from '../../../src/model/config.ts';
import type { ModelOptions } from '../../../src/model/contract.ts';
import { presets } from '../../../src/model/presets.ts';
import { ReferenceModel } from '../../reference-model.ts';
import { seededHostWeights } from '../../seeded-host-weights.ts';
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
  const wantA = new ReferenceModel(config, weights, options.kv, options.activations).run(a);
  const wantB = new ReferenceModel(config, weights, options.kv, options.activations).run(b);
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

const nano = presets.nano;
const small = { ...nano, layers: 1, vocab: 96 } as const;
/** Shapes that use what the presets use: biases, scaled rope, head sizes, groups, projections of their own. */
const shapes: readonly ModelConfig[] = [
  { ...small, name: 'head of 48, no groups', heads: 3, kvHeads: 3, headDim: 48, width: 72, hidden: 100 },
  { ...small, name: 'bias, group of 7, head of 64', heads: 7, kvHeads: 1, headDim: 64, qkvBias: 'present' },
  {
    ...small,
    name: 'llama3 rope, group of 4, head of 64',
    heads: 4,
    kvHeads: 1,
    headDim: 64,
    ropeTheta: 500000,
    ropeScaling: {
      kind: 'llama3',
      factor: 32,
      lowFrequencyFactor: 1,
      highFrequencyFactor: 4,
      originalWindow: 8,
    },
  },
  { ...small, name: 'group of 3, head of 48', heads: 6, kvHeads: 2, headDim: 48 },
  { ...small, name: 'group of 5, head of 32', heads: 5, kvHeads: 1 },
  { ...small, name: 'group of 6, head of 96', heads: 6, kvHeads: 1, headDim: 96 },
  { ...small, name: 'linear rope, head of 96', headDim: 96, ropeScaling: { kind: 'linear', factor: 4 } },
  {
    ...small,
    name: 'output projection of its own, group of 8, head of 128',
    heads: 8,
    headDim: 128,
    embeddings: 'separate',
  },
];

describe('logits agree with the reference in double precision', () => {
  it('nano, f32', () => check(nano, plain, 2e-5));
  for (const shape of shapes) it(shape.name, () => check(shape, plain, 2e-5));
  // K, V and weights are compared as stored: what is left is the rounding of K and V at another side of a tie
  it('f16 weights and pages', () => check(small, { ...plain, weights: 'f16', kv: 'f16' }, 2e-3));
  it('int8 weights by row, int8 pages', () => check(small, { ...plain, weights: 'i8-row', kv: 'i8' }, 2e-2));
  it('int8 weights by groups of 32', () => check(small, { ...plain, weights: 'i8-g32' }, 5e-3));
  for (const kernels of ['cpu', 'gpu'] as const)
    for (const weights of ['i8-row', 'i8-g32'] as const)
      it(`int8 inputs of ${weights} weights, kernels for a ${kernels}`, () =>
        check(small, { ...plain, kernels, weights, activations: 'i8' }, 2e-2));
  it('int8 inputs of f32 weights', () => check(small, { ...plain, activations: 'i8' }, 2e-2));
  it('kernels for a GPU', () => check(nano, { ...plain, kernels: 'gpu' }, 2e-5));
  for (const kernels of ['cpu', 'gpu'] as const)
    it(`fast numerics, kernels for a ${kernels}`, () =>
      check(small, { ...plain, kernels, numerics: 'fast' }, 2e-5));
});

describe('what quantization costs', () => {
  const ids = prompt(9, 60, nano.vocab);
  /** Logits [tokens, vocabulary] of every token of one prompt, in two chunks. */
  async function logitsOf(options: ModelOptions, first: number): Promise<Float32Array> {
    const bench = await Bench.open(nano, options);
    const row = bench.row([0, 1, 2, 3]);
    const logits: number[] = [];
    for (const [start, end] of [
      [0, first],
      [first, ids.length],
    ] as const) {
      const tokens = ids.slice(start, end);
      for (const of of (await bench.step([{ row, start, tokens, logits: tokens.length }])).logits)
        logits.push(...of);
    }
    bench.dispose();
    return Float32Array.from(logits);
  }
  let f32: Promise<Float32Array> | undefined;
  /** Against f32: divergence, and the share of equal first choices. */
  async function cost(options: ModelOptions): Promise<LogitDivergence & { readonly top1: number }> {
    f32 ??= logitsOf(plain, 60 - 7);
    const want = await f32;
    const got = await logitsOf(options, 31);
    const divergence = new Divergence();
    divergence.add(want, got, nano.vocab);
    const document = { kind: 'random', ids: [...ids, 0], answers: [] };
    const [wanted, found] = [new Tally([document]), new Tally([document])];
    wanted.add(0, 0, want, nano.vocab);
    found.add(0, 0, got, nano.vocab);
    const { right, asked } = found.agreement(wanted);
    if (!divergence.summary) throw new Error('no positions');
    return { ...divergence.summary, top1: right / asked };
  }
  it('is nothing at all for f32, run again in other chunks', async () => {
    expect(await cost(plain)).toEqual({
      positions: 60,
      logitRms: 0,
      logitMax: 0,
      klMean: 0,
      klP99: 0,
      top1: 1,
    });
  });
  it('shows, stays small, and shrinks with smaller groups', async () => {
    const f16 = await cost({ ...plain, weights: 'f16', kv: 'f16' });
    const row = await cost({ ...plain, weights: 'i8-row', kv: 'i8' });
    const pages = await cost({ ...plain, kv: 'i8' });
    const group = await cost({ ...plain, weights: 'i8-g32' });
    const inputs = await cost({ ...plain, activations: 'i8' });
    const both = await cost({ ...plain, weights: 'i8-row', activations: 'i8' });
    expect(row.klMean).toBeGreaterThan(1e-6);
    expect(row.klMean).toBeLessThan(5e-3);
    expect(row.top1).toBeGreaterThan(0.8);
    expect(f16.klMean).toBeLessThan(row.klMean / 10);
    expect(group.klMean).toBeLessThan(row.klMean);
    expect(inputs.klMean).toBeGreaterThan(1e-6);
    expect(both.klMean).toBeLessThan(5e-3);
    for (const found of [f16, row, pages, group, inputs, both]) {
      expect(found.logitRms).toBeGreaterThan(0);
      expect(found.logitMax).toBeGreaterThan(found.logitRms);
      expect(found.klP99).toBeGreaterThan(found.klMean);
    }
    expect(pages.logitRms).toBeLessThan(row.logitRms);
  });
});
