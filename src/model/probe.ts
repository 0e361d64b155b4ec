// Checks on the user's own device what the reduction ids promise: that a token's logits are the same bits alone,
// beside neighbours, in chunks and on other pages. Compilers may fuse a·b + c in one kernel and not in another;
// this is how we know whether they did.

import { BlockTables } from '../cache/block-tables.ts';
import { prng } from '../core/prng.ts';
import { ok, type Result } from '../core/result.ts';
import { BatchBuilder, greedy, type ModelId } from './batch.ts';
import type { Runtime, StepFailure } from './contract.ts';
import type { ProbeReport } from './probe-report.ts';

/** One way of running the probe's prompt. */
export interface ProbeRun {
  readonly name: string;
  /** Tokens in each step. */
  readonly chunks: readonly number[];
  /** A sequence of random tokens that runs beside it. */
  readonly neighbour: 'none' | 'present';
  /** First page; the prompt's pages follow one another upwards or downwards. */
  readonly pages: 'first upwards' | 'last downwards';
}

const runsFor = (tokens: number): ProbeRun[] => [
  { name: 'alone, whole', chunks: [tokens], neighbour: 'none', pages: 'first upwards' },
  {
    name: 'token by token at the end',
    chunks: [tokens - 2, 1, 1],
    neighbour: 'none',
    pages: 'first upwards',
  },
  {
    name: 'in chunks beside a neighbour',
    chunks: [7, tokens - 12, 5],
    neighbour: 'present',
    pages: 'first upwards',
  },
  { name: 'on other pages', chunks: [tokens - 1, 1], neighbour: 'present', pages: 'last downwards' },
];

/**
 * Probes a loaded model with a prompt of `length` tokens (at least 16, at most half a step). It writes pages and rows 0 and 1 of the
 * block tables: run it before requests do. Canonical numerics must come out identical; fast ones may differ, and the report says so.
 */
export async function probe(
  runtime: Runtime,
  model: ModelId,
  length = 70,
): Promise<Result<ProbeReport, StepFailure>> {
  // a chunk and its neighbour's share a step
  const tokens = Math.min(length, Math.floor(runtime.options.maxTokens / 2));
  const loaded = runtime.models.get(model);
  const vocab = loaded?.config.vocab ?? 1;
  const random = prng(tokens);
  const ids = Array.from({ length: 2 * tokens }, () => random.int(0, vocab - 1));
  const runs = runsFor(tokens);
  const about = { numerics: loaded?.options.numerics ?? 'canonical', tokens, runs: runs.map((r) => r.name) };
  let want: Float32Array | undefined;
  let cells = 0;
  for (const run of runs) {
    const got = await runOnce(runtime, model, run, ids.slice(0, tokens), ids.slice(tokens));
    if (!got.ok) return got;
    want ??= got.value;
    cells += want.length;
    for (let id = 0; id < want.length; id++) {
      // compared as bits would be: NaN equals NaN, and the zeros differ
      if (!Object.is(got.value[id], want[id])) {
        const difference = { run: run.name, id, got: got.value[id] ?? 0, want: want[id] ?? 0 };
        return ok({ ...about, identical: false, cells, difference });
      }
    }
  }
  return ok({ ...about, identical: true, cells });
}

/** Logits of the prompt's last token, run as `run` says. */
async function runOnce(
  runtime: Runtime,
  model: ModelId,
  run: ProbeRun,
  prompt: readonly number[],
  other: readonly number[],
): Promise<Result<Float32Array, StepFailure>> {
  const { options } = runtime;
  const need = Math.ceil(prompt.length / options.pageSize);
  const tables = new BlockTables(options.rows, Math.ceil(options.window / options.pageSize));
  const [row, beside] = [tables.openRow(), tables.openRow()];
  for (let i = 0; i < need; i++) {
    const up = run.pages === 'first upwards';
    tables.push(row, up ? i : options.pages - 1 - i);
    tables.push(beside, up ? need + i : options.pages - 1 - need - i);
  }
  runtime.syncTables(tables);
  const batch = new BatchBuilder(options, (r, index) => tables.page(r, index));
  let start = 0;
  for (const count of run.chunks) {
    batch.begin(model);
    const part = { start, sampleSlot: 0, sampling: greedy };
    if (run.neighbour === 'present')
      batch.add({ ...part, row: beside, tokens: other.slice(start, start + count), logits: 0 });
    batch.add({ ...part, row, tokens: prompt.slice(start, start + count), logits: 1 });
    const step = runtime.step(batch);
    if (!step.ok) return step;
    await step.value.sampled;
    start += count;
  }
  return ok((await runtime.readLogits()).values);
}
