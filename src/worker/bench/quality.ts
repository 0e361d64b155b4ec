// Scores ways of storing a trained model on held-out documents, f32 first, and makes the file of results. How one way is
// scored and timed is in quality-scorer.ts; what is scored how in measure/quality.ts and measure/divergence.ts.

import { err, failure, ok, type Result } from '../../core/result.ts';
import {
  type DraftRow,
  type QualityFile,
  type QualityRow,
  qualitySchema,
  type Tally,
} from '../../measure/quality.ts';
import type { DeviceReport } from '../../measure/schema.ts';
import { storedAs } from '../../measure/stored.ts';
import { type ModelConfig, parameterCount } from '../../model/config.ts';
import { modelPageBytes } from '../../model/sizes.ts';
import { openModel } from '../open-model.ts';
import type { WorkerFailure } from '../protocol.ts';
import { refused } from '../refused.ts';
import { KeptLogits, type LogitUse } from './logit-counts.ts';
import {
  pageSize,
  type Scored,
  Scorer,
  type ScorerBench,
  type Scoring,
  type StoredOptions,
  window,
} from './quality-scorer.ts';

export interface QualityRequest extends Scoring {
  /** A trained model in the box. */
  readonly model: string;
  /** Trained models whose first choices are compared with its own on stories. */
  readonly drafts: readonly string[];
  readonly stored: readonly StoredOptions[];
  readonly command: string;
}

export interface QualityBench extends ScorerBench {
  readonly device: DeviceReport;
  readonly request: QualityRequest;
  row(row: QualityRow): void;
}

/** Bytes of f32's logits that are kept for the others to be compared with: 47,000 positions of 1,408 tokens. */
const keptBytes = 256 * 2 ** 20;
const reference: StoredOptions = { weights: 'f32', activations: 'f32', kv: 'f32' };
const isReference = ({ weights, activations, kv }: StoredOptions): boolean =>
  weights === 'f32' && activations === 'f32' && kv === 'f32';

/** Scores every way, f32 first, because the others are held against it; a stop keeps what is finished. */
export async function runQuality(bench: QualityBench): Promise<Result<QualityFile, WorkerFailure>> {
  const { request, gpu, pipelines } = bench;
  const opened = await openModel(gpu, pipelines, { kind: 'built-in', name: request.model });
  if (!opened.ok) return err(failure('bad-request', opened.error.message, opened.error.hint));
  const source = await opened.value.weights();
  if (!source.ok) return refused(source.error);
  const made = await Scorer.create(bench);
  if (!made.ok) return refused(made.error);
  const scorer = made.value;
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
      const what = `${config.name} ${storedAs(stored)}`;
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
    scorer.dispose();
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

function rowOf(
  config: ModelConfig,
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
