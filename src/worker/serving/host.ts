// Keeps the model that serves loaded between runs: the same model and limits are not loaded twice.

import { err, type Failure, failure, ok, type Result } from '../../core/result.ts';
import { stepLimitsOf } from '../../engine/step-limits.ts';
import type { Limits } from '../../engine/view.ts';
import type { Gpu } from '../../gpu/device.ts';
import type { Pipelines } from '../../gpu/pipelines.ts';
import type { LoadedModel, Runtime } from '../../model/contract.ts';
import { loadProbed } from '../../model/load-probed.ts';
import type { Invariance } from '../../model/probe-report.ts';
import { GpuRuntime } from '../../model/runtime.ts';
import { weightsOf } from '../open-model.ts';
import type { WorkerFailure } from '../protocol.ts';
import type { ServedModel } from './protocol.ts';

export interface Served {
  readonly runtime: Runtime;
  readonly model: LoadedModel;
  /** What was asked for, as far as the model and the runtime go: the engine plans within these. */
  readonly limits: Limits;
  /** Most logit rows of a step: one for every resident. */
  /** Comparing strategies rests on it: only where bits do not depend on the batch must answers be the same. */
  readonly invariance: Invariance;
  readonly maxLogits: number;
}

export class ServingHost {
  readonly #gpu: Gpu;
  readonly #pipelines: Pipelines;
  #key = '';
  #served: Served | undefined;

  constructor(gpu: Gpu, pipelines: Pipelines) {
    this.#gpu = gpu;
    this.#pipelines = pipelines;
  }

  /** The runtime with `served` loaded; refuses what does not fit, before the driver sees it. */
  async load(served: ServedModel, asked: Limits): Promise<Result<Served, WorkerFailure>> {
    const window = Math.min(asked.window, served.config.window);
    const vocabulary = Math.min(asked.vocabulary, served.config.vocab);
    const step = stepLimitsOf(window);
    const limits = { ...asked, window, vocabulary, step };
    const key = JSON.stringify([served, limits]);
    if (this.#served && this.#key === key) return ok(this.#served);
    this.dispose();
    const refused = (cause: Failure) => err(failure('refused', cause.message, cause.hint));
    const source = await weightsOf(this.#gpu, this.#pipelines, served);
    if (!source.ok) return refused(source.error);
    const maxLogits = step.rows;
    const made = await GpuRuntime.create(this.#gpu, this.#pipelines, {
      pages: limits.pages,
      pageSize: limits.pageSize,
      rows: step.rows,
      window,
      maxTokens: step.tokens,
      maxLogits,
      sampleSlots: 2 * maxLogits,
      inFlight: 2,
    });
    if (!made.ok) return refused(made.error);
    const loaded = await loadProbed(made.value, served.config, served.options, () => source.value);
    if (!loaded.ok) {
      made.value.dispose();
      return refused(loaded.error);
    }
    this.#key = key;
    this.#served = { runtime: made.value, ...loaded.value, limits, maxLogits };
    return ok(this.#served);
  }

  dispose(): void {
    this.#served?.runtime.dispose();
    this.#served = undefined;
  }
}
