// A token's logits are the same bits alone, in any batch, in any chunking of its prompt, beside any neighbours
// and on any pages. fast-check makes up the schedules; the first schedule of a case is the plainest. Beside the fixed schedules run
// random ones: LOCKSTEP_SEED and LOCKSTEP_RUNS set their seed, which a failure prints, and how many there are.

import fc from 'fast-check';
import { describe, expect, inject, it } from 'vitest';
import { prng } from '../../../src/core/prng.ts';
import { greedy } from '../../../src/model/batch.ts';
import type { ModelConfig } from '../../../src/model/config.ts';
import type { ModelOptions } from '../../../src/model/contract.ts';
import { presets } from '../../../src/model/presets.ts';
import { Bench, plain, smallRuntime } from './setup.ts';

/** One layer, three sequences of different lengths: long enough for two partitions. */
const config: ModelConfig = { ...presets.nano, name: 'invariance', layers: 1, vocab: 128 };
const lengths = [3, 70, 530];
const prompts = lengths.map((length, i) => {
  const random = prng(i + 7);
  return Array.from({ length }, () => random.int(0, config.vocab - 1));
});

interface Schedule {
  /** In which order sequences take their turns, and how many tokens each turn computes. */
  readonly turns: readonly { readonly sequence: number; readonly tokens: number }[];
  /** Turns that share a step. */
  readonly width: number;
  readonly pageSeed: number;
}

/** The plainest schedule: each sequence alone, its last tokens one by one, as a decode would. */
const alone: Schedule = {
  turns: lengths.flatMap((n, sequence) => {
    const head = Math.max(0, n - 5);
    const turn = (tokens: number) => ({ sequence, tokens });
    return [
      ...Array.from({ length: Math.floor(head / 60) }, () => turn(60)),
      turn(head % 60),
      ...Array.from({ length: n - head }, () => turn(1)),
    ];
  }),
  width: 1,
  pageSeed: 0,
};

const schedules = fc.record({
  turns: fc.array(
    fc.record({ sequence: fc.nat(lengths.length - 1), tokens: fc.integer({ min: 1, max: 70 }) }),
    { minLength: 3, maxLength: 20 },
  ),
  width: fc.integer({ min: 1, max: 4 }),
  pageSeed: fc.nat(1000),
});

function shuffledPages(count: number, seed: number): number[] {
  const random = prng(seed);
  const pages = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = random.int(0, i);
    [pages[i], pages[j]] = [pages[j] ?? 0, pages[i] ?? 0];
  }
  return pages;
}

/** Runs all prompts to their ends as the schedule says; the logits of the last tokens, by sequence. */
async function run(bench: Bench, s: Schedule, last: number): Promise<Map<string, Float32Array>> {
  const { pages, pageSize, maxTokens } = bench.runtime.options;
  const free = shuffledPages(pages, s.pageSeed);
  const rows = lengths.map((n) => bench.row(free.splice(0, Math.ceil(n / pageSize))));
  const done = lengths.map(() => 0);
  const found = new Map<string, Float32Array>();
  const rest = lengths.flatMap((n, sequence) => [
    { sequence, tokens: n },
    ...Array.from({ length: Math.ceil(n / 60) }, () => ({ sequence, tokens: 60 })),
  ]);
  const queue = [...s.turns, ...rest];
  while (queue.length > 0) {
    const taken = new Map<number, number>();
    let room = maxTokens;
    while (taken.size < s.width) {
      const turn = queue[0];
      if (!turn || taken.has(turn.sequence)) break;
      queue.shift();
      const count = Math.min(turn.tokens, room, (lengths[turn.sequence] ?? 0) - (done[turn.sequence] ?? 0));
      if (count > 0) taken.set(turn.sequence, count);
      room -= count;
    }
    if (taken.size === 0) continue;
    const wanted: string[] = [];
    const parts = [...taken].map(([sequence, count]) => {
      const start = done[sequence] ?? 0;
      const end = start + count;
      done[sequence] = end;
      const logits = Math.max(0, Math.min(count, end - ((lengths[sequence] ?? 0) - last)));
      for (let i = 0; i < logits; i++) wanted.push(`${sequence}@${end - logits + i}`);
      const tokens = prompts[sequence]?.slice(start, end) ?? [];
      return { row: rows[sequence] ?? 0, start, tokens, logits, sampling: greedy };
    });
    const { logits } = await bench.step(parts);
    wanted.forEach((key, i) => {
      found.set(key, logits[i] ?? new Float32Array());
    });
  }
  for (const row of rows) {
    while ((bench.tables.lengths[row] ?? 0) > 0) bench.tables.pop(row);
    bench.tables.closeRow(row);
  }
  return found;
}

const cases: readonly {
  readonly name: string;
  readonly config: ModelConfig;
  readonly options: ModelOptions;
}[] = [
  { name: 'f32 weights, f32 pages', config, options: plain },
  { name: 'one version, f32', config, options: { ...plain, numerics: 'one-version' } },
  {
    name: 'one version, int8 weights and inputs',
    config,
    options: { ...plain, weights: 'i8-g32', activations: 'i8', numerics: 'one-version' },
  },
  { name: 'f16 weights, f16 pages', config, options: { ...plain, weights: 'f16', kv: 'f16' } },
  { name: 'int8 weights and inputs', config, options: { ...plain, weights: 'i8-g32', activations: 'i8' } },
  { name: 'f16 weights, int8 inputs', config, options: { ...plain, weights: 'f16', activations: 'i8' } },
  { name: 'int8 weights by group, int8 pages', config, options: { ...plain, weights: 'i8-g32', kv: 'i8' } },
  {
    name: 'one KV head a query head, bias, odd widths',
    config: { ...config, heads: 3, kvHeads: 3, headDim: 16, width: 100, hidden: 68, qkvBias: 'present' },
    options: { ...plain, weights: 'i8-row' },
  },
];
/** Both sets of kernels share their reduction ids, so one set's bits are the other's. */
const kinds = ['cpu', 'gpu'] as const;
const checkedOnGpuKernels = new Set([
  'one version, f32',
  'f32 weights, f32 pages',
  'f16 weights, f16 pages',
  'int8 weights by group, int8 pages',
  'int8 weights and inputs',
  'f16 weights, int8 inputs',
]);

describe('logits are the same bits in any batch', () => {
  for (const { name, config: shape, options } of cases) {
    let first: Map<string, Float32Array> | undefined;
    // the kernels for a GPU are slow where there is none: each format once is enough
    for (const kernels of kinds.filter((kind) => kind === 'cpu' || checkedOnGpuKernels.has(name))) {
      it(`${name}, kernels for a ${kernels}`, async () => {
        const bench = await Bench.open(shape, { ...options, kernels });
        first ??= await run(bench, alone, 3);
        const want = first;
        expect(want.size).toBe(9);
        const same = fc.asyncProperty(schedules, async (schedule) => {
          const got = await run(bench, schedule, 3);
          for (const [key, row] of want) expect(got.get(key), key).toEqual(row);
        });
        await fc.assert(same, { numRuns: kernels === 'cpu' ? 5 : 2, seed: 11 });
        const { seed, runs } = inject('schedules');
        await fc.assert(same, { numRuns: runs, seed });
        bench.dispose();
      });
    }
  }
});

describe('logits are the same bits in a step of hundreds of tokens', () => {
  // a layer wide enough for the tiles that such a step is computed with, which no step of the schedules above is
  const wide: ModelConfig = { ...config, hidden: 1536 };
  const atOnce: Schedule = {
    turns: lengths.map((tokens, sequence) => ({ sequence, tokens })),
    ...{ width: lengths.length, pageSeed: 5 },
  };
  it.each(['f32', 'i8-row'] as const)('%s weights, kernels for a gpu', async (weights) => {
    const bench = await Bench.open(
      wide,
      { ...plain, weights, kernels: 'gpu' },
      { ...smallRuntime, maxTokens: 640 },
    );
    const kernelsAt = (t: number) =>
      bench.model.choose({ t, logits: 9, items: t, itemTokens: 1, longest: 530 });
    const tokens = lengths.reduce((sum, n) => sum + n, 0);
    expect(kernelsAt(tokens)).not.toEqual(kernelsAt(smallRuntime.maxTokens));
    expect(await run(bench, atOnce, 3)).toEqual(await run(bench, alone, 3));
    bench.dispose();
  });
});

describe('logits are the same bits whatever the page size', () => {
  it('8, 16 and 64 tokens a page', async () => {
    const found: unknown[] = [];
    for (const pageSize of [8, 16, 64]) {
      const bench = await Bench.open(
        config,
        { ...plain, kv: 'i8' },
        { ...smallRuntime, pageSize, pages: 1024 / pageSize },
      );
      found.push(await run(bench, alone, 3));
      bench.dispose();
    }
    expect(found[1]).toEqual(found[0]);
    expect(found[2]).toEqual(found[0]);
  });
});
