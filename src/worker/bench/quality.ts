// Scores ways of storing a trained model on held-out documents, and times each: the documents are computed as prompts, many
// in a step, and every token's logits are read back. What is scored how is in measure/quality.ts and measure/divergence.ts.

import { BlockTables } from '../../cache/block-tables.ts';
import { KvCache } from '../../cache/kv-cache.ts';
import { at } from '../../core/assert.ts';
import { err, explain, failure, ok, type Result } from '../../core/result.ts';
import { spread } from '../../core/stats.ts';
import type { Awake } from '../../gpu/awake.ts';
import type { Gpu } from '../../gpu/device.ts';
import type { Pipelines } from '../../gpu/pipelines.ts';
import {
  type DraftRow,
  type QualityFile,
  type QualityRow,
  qualitySchema,
  type Rate,
  type ScoredDocument,
  type Tally,
} from '../../measure/quality.ts';
import type { DeviceReport } from '../../measure/schema.ts';
import { BatchBuilder, greedy } from '../../model/batch.ts';
import { parameterCount } from '../../model/config.ts';
import type { LoadedModel, ModelOptions, RuntimeOptions, TensorView } from '../../model/contract.ts';
import { loadProbed } from '../../model/load-probed.ts';
import { describeInvariance } from '../../model/probe-report.ts';
import { GpuRuntime } from '../../model/runtime.ts';
import { modelPageBytes } from '../../model/sizes.ts';
import type { WeightSource } from '../../model/weights.ts';
import { openModel } from '../open-model.ts';
import type { WorkerFailure } from '../protocol.ts';
import { KeptLogits, LogitCounts, type LogitUse } from './logit-counts.ts';
import { type StepKind, Steps } from './steps.ts';
import { type Stretch, stepsOf } from './stretches.ts';

export type StoredOptions = Required<Pick<ModelOptions, 'weights' | 'kv' | 'activations'>>;

export interface QualityRequest {
  /** A trained model in the box. */
  readonly model: string;
  /** Trained models whose first choices are compared with its own on stories. */
  readonly drafts: readonly string[];
  readonly stored: readonly StoredOptions[];
  readonly documents: readonly ScoredDocument[];
  /** Samples of each rate; 0: only text is scored. */
  readonly samples: number;
  readonly command: string;
}

export interface QualityBench {
  readonly gpu: Gpu;
  readonly pipelines: Pipelines;
  /** Keeps the device's clock up between steps; undefined where there is nothing to keep. */
  readonly awake: Awake | undefined;
  readonly device: DeviceReport;
  readonly request: QualityRequest;
  progress(done: number, total: number, what: string): void;
  row(row: QualityRow): void;
  stop(): string | null;
}

const pageSize = 16;
const window = 2048;
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
/** Bytes of f32's logits that are kept for the others to be compared with: 47,000 positions of 1,408 tokens. */
const keptBytes = 256 * 2 ** 20;
/** What rates are of: prompts of 32 tokens, and one sequence that decodes after 128 tokens. */
const timed = {
  prefill: { phase: 'prefill', batch: 1, count: 32, start: 0 },
  decode: { phase: 'decode', batch: 1, count: 1, start: 128 },
} as const satisfies Record<string, StepKind>;

const reference: StoredOptions = { weights: 'f32', activations: 'f32', kv: 'f32' };
const isReference = ({ weights, activations, kv }: StoredOptions): boolean =>
  weights === 'f32' && activations === 'f32' && kv === 'f32';

/** Scores every way, f32 first, because the others are held against it; a stop keeps what is finished. */
export async function runQuality(bench: QualityBench): Promise<Result<QualityFile, WorkerFailure>> {
  const { request, gpu, pipelines } = bench;
  const opened = await openModel(gpu, pipelines, { kind: 'built-in', name: request.model });
  if (!opened.ok) return err(failure('bad-request', opened.error.message, opened.error.hint));
  const source = await opened.value.weights();
  if (!source.ok) return err(failure('refused', source.error.message, source.error.hint));
  const made = await GpuRuntime.create(gpu, pipelines, options);
  if (!made.ok) return err(failure('refused', made.error.message, made.error.hint));
  const scorer = new Scorer(bench, made.value);
  const { config } = opened.value;
  const drafts: DraftRow[] = [];
  const kept = new KeptLogits(keptBytes);
  const results: QualityRow[] = [];
  try {
    const others = request.stored.filter((stored) => !isReference(stored));
    scorer.plan(others.length + 1 + request.drafts.length);
    let f32: Tally | undefined;
    for (const stored of [reference, ...others]) {
      if (bench.stop()) break;
      const use: LogitUse = { kind: isReference(stored) ? 'kept' : 'compared', f32: kept };
      const what = `${config.name} ${nameOf(stored)}`;
      const scored = await scorer.score(what, config, stored, source.value, use);
      const row = rowOf(config, stored, scored, f32);
      if (scored.ok && isReference(stored)) f32 = scored.value.counts.tally;
      results.push(row);
      bench.row(row);
    }
    for (const name of request.drafts) {
      const draft = await openModel(gpu, pipelines, { kind: 'built-in', name });
      const weights = draft.ok ? await draft.value.weights() : draft;
      if (!f32 || !draft.ok || !weights.ok || bench.stop()) continue;
      const use: LogitUse = { kind: 'scored' };
      const scored = await scorer.score(`${name} f32`, draft.value.config, reference, weights.value, use);
      if (!scored.ok) continue;
      const agreement = scored.value.counts.tally.agreement(f32, ({ kind }) => kind === 'story');
      drafts.push({ draft: name, parameters: parameterCount(draft.value.config), agreement });
    }
  } finally {
    made.value.dispose();
  }
  const stopped = bench.stop();
  return ok({
    schema: qualitySchema,
    version: 2,
    date: new Date().toISOString(),
    commit: null,
    command: request.command,
    device: bench.device,
    model: config.name,
    parameters: parameterCount(config),
    window,
    documents: request.documents.length,
    invalid: [...(stopped ? [stopped] : []), ...scorer.broken],
    results,
    drafts,
  });
}

const nameOf = ({ weights, activations, kv }: StoredOptions): string =>
  `${weights}, activations ${activations}, KV ${kv}`;

interface Scored {
  readonly counts: LogitCounts;
  readonly weightBytes: number;
  readonly prefill: Rate | null;
  readonly decode: Rate | null;
}

function rowOf(
  config: LoadedModel['config'],
  stored: StoredOptions,
  scored: Result<Scored, string>,
  f32: Tally | undefined,
): QualityRow {
  const blank: QualityRow = {
    ...stored,
    weightBytes: 0,
    kvBytesPerToken: modelPageBytes({ config, options: stored }, pageSize) / pageSize,
    tokens: 0,
    loss: null,
    overF32: null,
    agreement: null,
    fromF32: null,
    scores: {},
    prefill: null,
    decode: null,
    why: null,
  };
  if (!scored.ok) return { ...blank, why: scored.error };
  const { counts, ...measured } = scored.value;
  const { tally, fromF32 } = counts;
  const same = f32 && tally.agreement(f32);
  return {
    ...blank,
    ...measured,
    tokens: tally.tokens,
    loss: tally.loss,
    scores: tally.scores,
    fromF32,
    ...(same && f32 ? { overF32: tally.over(f32), agreement: same.right / same.asked } : {}),
  };
}

/** Loads one model after another into one runtime and scores the documents with each. */
class Scorer {
  readonly #bench: QualityBench;
  readonly #runtime: GpuRuntime;
  readonly #steps: readonly (readonly Stretch[])[];
  /** Ways whose bits depend on the batch whatever serves, and what was found. */
  readonly broken: string[] = [];
  #done = 0;
  #total = 1;

  constructor(bench: QualityBench, runtime: GpuRuntime) {
    this.#bench = bench;
    this.#runtime = runtime;
    this.#steps = stepsOf(bench.request.documents, chunk, rows, window);
  }

  plan(models: number): void {
    this.#total = models * this.#steps.length;
  }

  async score(
    what: string,
    config: LoadedModel['config'],
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
