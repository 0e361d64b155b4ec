// Keeps the model that serves loaded between runs: the same model and limits are not loaded twice.

import { err, type Failure, failure, ok, type Result } from '../../core/result.ts';
import type { Limits } from '../../engine/view.ts';
import type { Gpu } from '../../gpu/device.ts';
import type { Pipelines } from '../../gpu/pipelines.ts';
import type { LoadedModel } from '../../model/contract.ts';
import { loadProbed } from '../../model/load-probed.ts';
import type { Invariance } from '../../model/probe-report.ts';
import { GpuRuntime } from '../../model/runtime.ts';
import { weightsOf } from '../open-model.ts';
import type { WorkerFailure } from '../protocol.ts';
import type { ServedModel } from './protocol.ts';

/** Residents at once at most; strategies' slots are clamped to it. */
const rows = 256;
/** Most logit rows of a step. */
const maxLogits = 256;

export interface Served {
  readonly runtime: GpuRuntime;
  readonly model: LoadedModel;
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
  async load(served: ServedModel, limits: Limits): Promise<Result<Served, WorkerFailure>> {
    const key = JSON.stringify([served, limits]);
    if (this.#served && this.#key === key) return ok(this.#served);
    this.dispose();
    const refused = (cause: Failure) => err(failure('refused', cause.message, cause.hint));
    const source = await weightsOf(this.#gpu, this.#pipelines, served);
    if (!source.ok) return refused(source.error);
    const window = Math.min(limits.window, served.config.window);
    const made = await GpuRuntime.create(this.#gpu, this.#pipelines, {
      pages: limits.pages,
      pageSize: limits.pageSize,
      rows,
      window,
      // the most that a padded batch of whole prompts computes at once
      maxTokens: Math.max(1024, Math.min(8192, 16 * window)),
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
    this.#served = { runtime: made.value, ...loaded.value, maxLogits };
    return ok(this.#served);
  }

  dispose(): void {
    this.#served?.runtime.dispose();
    this.#served = undefined;
  }
}
