// Scores one way of storing a trained model after another, and times each: the documents are computed as prompts, many in a
// step, and every token's logits are read back.

import { BlockTables } from '../../cache/block-tables.ts';
import { KvCache } from '../../cache/kv-cache.ts';
import { at } from '../../core/assert.ts';
import { err, explain, type Failure, ok, type Result } from '../../core/result.ts';
import { spread } from '../../core/stats.ts';
import type { Awake } from '../../gpu/awake.ts';
import type { Gpu } from '../../gpu/device.ts';
import type { Pipelines } from '../../gpu/pipelines.ts';
import type { Rate, ScoredDocument } from '../../measure/quality.ts';
import { BatchBuilder, greedy } from '../../model/batch.ts';
import type { ModelConfig } from '../../model/config.ts';
import type { LoadedModel, ModelOptions, RuntimeOptions, TensorView } from '../../model/contract.ts';
import { loadProbed } from '../../model/load-probed.ts';
import { describeInvariance } from '../../model/probe-report.ts';
import { GpuRuntime } from '../../model/runtime.ts';
import type { WeightSource } from '../../model/weights.ts';
import { LogitCounts, type LogitUse } from './logit-counts.ts';
import { type StepKind, Steps } from './steps.ts';
import { type Stretch, stepsOf } from './stretches.ts';

export type StoredOptions = Required<Pick<ModelOptions, 'weights' | 'kv' | 'activations'>>;

export interface Scoring {
  readonly documents: readonly ScoredDocument[];
  /** Samples of each rate; 0: only text is scored. */
  readonly samples: number;
}

export interface ScorerBench {
  readonly gpu: Gpu;
  readonly pipelines: Pipelines;
  /** Keeps the device's clock up between steps; undefined where there is nothing to keep. */
  readonly awake: Awake | undefined;
  readonly request: Scoring;
  progress(done: number, total: number, what: string): void;
  stop(): string | null;
}

export const pageSize = 16;
export const window = 2048;
const tableWidth = window / pageSize;
/** Tokens of a step, and sequences that they may be of. */
const [chunk, rows] = [256, 16];
const options: RuntimeOptions = {
  pages: (2 * window) / pageSize + rows,
  pageSize,
  rows,
  window,
  maxTokens: chunk,
  maxLogits: chunk,
  sampleSlots: 2 * chunk,
  inFlight: 2,
};
/** What rates are of: prompts of 32 tokens, and one sequence that decodes after 128 tokens. */
const timed = {
  prefill: { phase: 'prefill', batch: 1, count: 32, start: 0 },
  decode: { phase: 'decode', batch: 1, count: 1, start: 128 },
} as const satisfies Record<string, StepKind>;

export interface Scored {
  readonly counts: LogitCounts;
  readonly weightBytes: number;
  readonly prefill: Rate | null;
  readonly decode: Rate | null;
}

/** Loads one model after another into one runtime and scores the documents with each. */
export class Scorer {
  readonly #bench: ScorerBench;
  readonly #runtime: GpuRuntime;
  readonly #steps: readonly (readonly Stretch[])[];
  /** Formats whose logits still vary with the batch, with the probe’s finding. */
  readonly broken: string[] = [];
  #done = 0;
  #total = 1;

  private constructor(bench: ScorerBench, runtime: GpuRuntime) {
    this.#bench = bench;
    this.#runtime = runtime;
    this.#steps = stepsOf(bench.request.documents, chunk, rows, window);
  }

  static async create(bench: ScorerBench): Promise<Result<Scorer, Failure>> {
    const made = await GpuRuntime.create(bench.gpu, bench.pipelines, options);
    return made.ok ? ok(new Scorer(bench, made.value)) : made;
  }

  dispose(): void {
    this.#runtime.dispose();
  }

  plan(models: number): void {
    this.#total = models * this.#steps.length;
  }

  async score(
    what: string,
    config: ModelConfig,
    stored: StoredOptions,
    source: WeightSource,
    use: LogitUse,
  ): Promise<Result<Scored, string>> {
    // the probe writes over pages: no sequence of the way before is left
    this.#runtime.syncTables(new BlockTables(rows, tableWidth));
    const options = { ...stored, kernels: 'auto' } as const;
    const loaded = await loadProbed(
      this.#runtime,
      config,
      options,
      () => source,
      () => this.#bench.stop(),
    );
    if (!loaded.ok) {
      this.#done += this.#steps.length;
      const { error } = loaded;
      return err(error.code === 'cancelled' ? 'not run: cancelled' : `refused: ${explain(error)}`);
    }
    const { model, invariance } = loaded.value;
    if (invariance.standing === 'still differs')
      this.broken.push(`${what}: ${describeInvariance(invariance)}`);
    try {
      const counts = await this.#count(what, model, use);
      if (!counts) return err('not run to its end: cancelled');
      const { samples } = this.#bench.request;
      return ok({
        counts,
        weightBytes: model.memory.weights,
        prefill: samples > 0 ? await this.#rate(model, timed.prefill, samples) : null,
        decode: samples > 0 ? await this.#rate(model, timed.decode, samples) : null,
      });
    } finally {
      this.#runtime.unload(model.id);
    }
  }

  /** One step is computed while the one before is counted. Undefined when it was stopped. */
  async #count(what: string, model: LoadedModel, use: LogitUse): Promise<LogitCounts | undefined> {
    const { documents } = this.#bench.request;
    const counts = new LogitCounts(documents, use);
    const cache = new KvCache(options);
    const batch = new BatchBuilder(options, (row, index) => cache.tables.page(row, index));
    const rowOf = new Map<number, number>();
    let before: { readonly step: readonly Stretch[]; readonly logits: TensorView } | undefined;
    for (const step of this.#steps) {
      if (this.#bench.stop()) return undefined;
      this.#bench.progress(this.#done++, this.#total, what);
      batch.begin(model.id);
      let slot = 0;
      for (const { document, start, count: n } of step) {
        const row = rowOf.get(document) ?? cache.tables.openRow();
        rowOf.set(document, row);
        if (!cache.prepare(row, start, start + n)) throw new Error('the pool holds the texts of a step');
        const tokens = at(documents, document).ids.slice(start, start + n);
        batch.add({ row, start, tokens, logits: n, sampleSlot: slot, sampling: greedy });
        slot += n;
      }
      this.#runtime.syncTables(cache.tables);
      const submitted = this.#runtime.step(batch);
      if (!submitted.ok) throw new Error(explain(submitted.error));
      const reading = this.#runtime.readLogits();
      if (before) counts.add(before.step, before.logits);
      before = { step, logits: await reading };
      await submitted.value.sampled;
      for (const { document, start, count: n } of step) {
        const row = rowOf.get(document);
        if (row === undefined || start + n < Math.min(at(documents, document).ids.length - 1, window))
          continue;
        cache.close(row);
        rowOf.delete(document);
      }
    }
    if (before) counts.add(before.step, before.logits);
    return counts;
  }

  async #rate(model: LoadedModel, kind: StepKind, samples: number): Promise<Rate | null> {
    const tables = new BlockTables(rows, tableWidth);
    tables.openRow();
    for (let i = 0; i < tableWidth; i++) tables.push(0, i);
    this.#runtime.syncTables(tables);
    const { awake } = this.#bench;
    const steps = new Steps({ runtime: this.#runtime, model, tables, awake }, kind);
    await steps.warmUp();
    for (let i = 0; i < samples && !this.#bench.stop(); i++) await steps.sample();
    if (steps.flowingMs.length === 0) return null;
    const ms = spread(steps.flowingMs);
    const rate = (step: number): number => (kind.batch * kind.count * 1e3) / step;
    return { tokensPerSecond: rate(ms.median), p10: rate(ms.p90), p90: rate(ms.p10) };
  }
}
