// Checks on the user's own device what the reduction ids promise: that a token's logits are the same bits alone,
// beside neighbours, in chunks and on other pages. Compilers may fuse a·b + c in one kernel and not in another;
// this is how we know whether they did.

import { BlockTables } from '../cache/block-tables.ts';
import { assert, at } from '../core/assert.ts';
import { type Prng, prng } from '../core/prng.ts';
import { err, failure, ok, type Result } from '../core/result.ts';
import { BatchBuilder, greedy, type ModelId, type Part } from './batch.ts';
import type { LoadedModel, Runtime, StepFailure } from './contract.ts';
import { type ProbePlan, type ProbeStage, planProbe } from './probe-plan.ts';
import type { ProbeDifference, ProbeReport } from './probe-report.ts';
import { cancelled, never, type Stop } from './stopped.ts';

type Steps<T> = Promise<Result<T, StepFailure>>;

/**
 * Probes a loaded model by running a prompt in as many ways as take every kernel that serves it (probe-plan.ts). It writes over pages,
 * block tables and sample slots, and so refuses while a sequence lives in the runtime. Fast numerics may differ, and the report says so.
 * A stop ends it before its next step.
 */
export async function probe(runtime: Runtime, id: ModelId, stop: Stop = never): Steps<ProbeReport> {
  const model = runtime.models.get(id);
  assert(model, `model ${id} is loaded`);
  const living = runtime.openRows;
  if (living > 0)
    return err(
      failure(
        'bad-batch',
        `The probe would write over the pages of ${living} sequence${living > 1 ? 's' : ''} in this runtime.`,
        'End what runs, then probe.',
      ),
    );
  const prober = new Prober(runtime, model, planProbe(runtime.options, model), stop);
  const ran = await prober.run();
  prober.close();
  return ran.ok ? ok(prober.report()) : ran;
}

/** Logits by position. */
type Logits = ReadonlyMap<number, Float32Array>;

class Prober {
  readonly #runtime: Runtime;
  readonly #model: LoadedModel;
  readonly #plan: ProbePlan;
  readonly #stop: Stop;
  readonly #tables: BlockTables;
  readonly #batch: BatchBuilder;
  readonly #random: Prng;
  readonly #runs: string[] = [];
  #cells = 0;
  #difference: ProbeDifference | undefined;

  constructor(runtime: Runtime, model: LoadedModel, plan: ProbePlan, stop: Stop) {
    const { options } = runtime;
    this.#runtime = runtime;
    this.#model = model;
    this.#plan = plan;
    this.#stop = stop;
    this.#tables = new BlockTables(options.rows, Math.ceil(options.window / options.pageSize));
    this.#batch = new BatchBuilder(options, (row, index) => this.#tables.page(row, index));
    this.#random = prng(model.config.vocab);
  }

  report(): ProbeReport {
    return {
      numerics: this.#model.options.numerics ?? 'canonical',
      identical: this.#difference === undefined,
      runs: this.#runs,
      cells: this.#cells,
      ...(this.#difference && { difference: this.#difference }),
    };
  }

  /** Leaves no sequence behind. */
  close(): void {
    for (let row = 0; row < this.#tables.rows; row++) if (this.#tables.isOpen(row)) this.#release(row);
  }

  /** Every stage, or those up to the first difference. */
  async run(): Steps<true> {
    const { stages, filled, moved } = this.#plan;
    const keys = await this.#fill(filled * this.#runtime.options.pageSize);
    if (!keys.ok) return keys;
    for (const [i, stage] of stages.entries()) {
      const [first] = stage.tails;
      const tokens = this.#draw(first.own);
      const before = this.#before(stage);
      const row = this.#row([...before, ...this.#upwards(filled, first.own)]);
      const want = await this.#tails(row, stage, tokens);
      if (!want.ok) return want;
      this.#release(row);
      if (i === 0 && moved === 'yes' && !this.#difference) {
        const done = await this.#moved(stage, before, tokens, want.value);
        if (!done.ok) return done;
      }
      if (this.#difference) break;
    }
    return ok(true);
  }

  /** K and V of random tokens in the first pages, in steps as large as there are. */
  async #fill(end: number): Steps<true> {
    const { maxTokens } = this.#runtime.options;
    const tokens = this.#draw(end);
    const row = this.#row(this.#upwards(0, end));
    for (let start = 0; start < end; start += maxTokens) {
      const chunk = tokens.slice(start, start + maxTokens);
      const done = await this.#step([part(row, start, chunk, 0)]);
      if (!done.ok) return done;
    }
    this.#release(row);
    return ok(true);
  }

  /** The filled pages over and over in an order without a period: as good as a prompt of that length, and nothing to compute. */
  #before({ before }: ProbeStage): readonly number[] {
    const count = before / this.#runtime.options.pageSize;
    return Array.from({ length: count }, () => this.#random.int(0, this.#plan.filled - 1));
  }

  /** Runs a stage's tails one after another; the logits that the first gave. */
  async #tails(row: number, { before, tails }: ProbeStage, tokens: readonly number[]): Steps<Logits> {
    let want: Logits | undefined;
    const end = before + tokens.length;
    for (const { own, logits, beside } of tails) {
      const got = await this.#step([part(row, end - own, tokens.slice(-own), logits)], beside);
      if (!got.ok) return got;
      const others = beside > 0 ? ` beside ${beside} others` : '';
      const what = own === 1 ? 'the last token' : `the last ${own}`;
      want = this.#compare(`${what} of ${end}${others}`, byPosition(got.value, end), want);
      if (this.#difference) break;
    }
    return ok(want ?? new Map());
  }

  /** The longest tail again, in chunks beside another sequence; what comes before it is copied to other pages too. */
  async #moved(
    { before, tails: [{ logits }] }: ProbeStage,
    pages: readonly number[],
    tokens: readonly number[],
    want: Logits,
  ): Steps<true> {
    const { maxTokens, pageSize } = this.#runtime.options;
    const { filled } = this.#plan;
    const last = this.#runtime.options.pages - 1;
    for (let page = 0; page < filled; page++) this.#runtime.copyPages([page, last - page]);
    const own = Array.from({ length: Math.ceil(tokens.length / pageSize) }, (_, i) => last - filled - i);
    const row = this.#row([...pages.map((page) => last - page), ...own]);
    const beside = this.#row([filled]);
    const few = Math.min(5, logits, tokens.length, maxTokens - 1);
    const chunks = chunksOf(tokens.length, few, maxTokens - 1);
    let start = 0;
    let other = 0;
    for (const count of chunks) {
      const room = Math.min(2, maxTokens - count, pageSize - other);
      const neighbour = room > 0 ? [part(beside, other, this.#draw(room), 0)] : [];
      const end = start + count;
      const mine = part(row, before + start, tokens.slice(start, end), end === tokens.length ? few : 0);
      const got = await this.#step([...neighbour, mine]);
      if (!got.ok) return got;
      start = end;
      other += room;
      if (mine.logits === 0) continue;
      const run = `the last ${tokens.length} of ${before + end} in chunks of ${chunks.join(', ')} beside another sequence, on other pages`;
      this.#compare(run, byPosition(got.value, before + end), want);
    }
    this.#release(beside);
    this.#release(row);
    return ok(true);
  }

  /** One step; its rows of logits. `beside` lone tokens, which write nothing, stand before the parts. */
  async #step(parts: readonly Part[], beside = 0): Steps<readonly Float32Array[]> {
    if (this.#stop()) return err(cancelled('The probe'));
    this.#runtime.syncTables(this.#tables);
    this.#batch.begin(this.#model.id).pad(parts[0]?.row ?? 0, 0, beside);
    for (const each of parts) this.#batch.add(each);
    const step = this.#runtime.step(this.#batch);
    if (!step.ok) return step;
    await step.value.sampled;
    if (this.#batch.logitCount === 0) return ok([]);
    const { rows, columns, values } = await this.#runtime.readLogits();
    return ok(Array.from({ length: rows }, (_, i) => values.subarray(i * columns, (i + 1) * columns)));
  }

  /** Compares as bits would be: NaN equals NaN, and the zeros differ. Without `want` these are what others are held against. */
  #compare(run: string, got: Logits, want: Logits | undefined): Logits {
    this.#runs.push(run);
    if (!want) return got;
    for (const [position, row] of got) {
      const other = want.get(position);
      if (!other) continue;
      this.#cells += row.length;
      const id = row.findIndex((cell, i) => !Object.is(cell, other[i]));
      if (id < 0) continue;
      this.#difference = { run, position, id, got: at(row, id), want: at(other, id) };
      break;
    }
    return want;
  }

  #draw(count: number): readonly number[] {
    const { vocab } = this.#model.config;
    return Array.from({ length: count }, () => this.#random.int(0, vocab - 1));
  }

  /** Pages for `tokens` tokens from `first` on. */
  #upwards(first: number, tokens: number): readonly number[] {
    const count = Math.ceil(tokens / this.#runtime.options.pageSize);
    return Array.from({ length: count }, (_, i) => first + i);
  }

  #row(pages: readonly number[]): number {
    const row = this.#tables.openRow();
    for (const page of pages) this.#tables.push(row, page);
    return row;
  }

  #release(row: number): void {
    while ((this.#tables.lengths[row] ?? 0) > 0) this.#tables.pop(row);
    this.#tables.closeRow(row);
  }
}

const part = (row: number, start: number, tokens: readonly number[], logits: number): Part => ({
  row,
  start,
  tokens,
  logits,
  sampleSlot: 0,
  sampling: greedy,
});

/** Rows of logits of a sequence's last tokens, by position. */
const byPosition = (rows: readonly Float32Array[], tokens: number): Logits =>
  new Map(rows.map((row, i) => [tokens - rows.length + i, row]));

/** Cuts a tail into a short chunk, chunks of `most`, and the last one, so that they begin within tiles and pages. */
function chunksOf(tokens: number, last: number, most: number): readonly number[] {
  const chunks: number[] = [];
  for (let left = tokens - last; left > 0; left -= chunks.at(-1) ?? left)
    chunks.push(Math.min(left, chunks.length === 0 ? 7 : most, most));
  return [...chunks, last];
}
