// Keeps the model that serves loaded between runs: the same model and limits are not loaded twice.

import { err, failure, ok, type Result } from '../../core/result.ts';
import type { Limits } from '../../engine/view.ts';
import type { Gpu } from '../../gpu/device.ts';
import type { Pipelines } from '../../gpu/pipelines.ts';
import type { LoadedModel } from '../../model/contract.ts';
import { GpuRuntime } from '../../model/runtime.ts';
import { seededSource } from '../../model/seeded-source.ts';
import type { WorkerFailure } from '../protocol.ts';
import type { ServedModel } from './protocol.ts';

/** Residents at once at most; strategies' slots are clamped to it. */
const rows = 256;
/** Most logit rows of a step. */
const maxLogits = 256;

export interface Served {
  readonly runtime: GpuRuntime;
  readonly model: LoadedModel;
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
    if (!made.ok) return err(failure('refused', made.error.message, made.error.hint));
    const loaded = await made.value.load(
      served.config,
      served.options,
      seededSource(this.#gpu, this.#pipelines, served.seed),
    );
    if (!loaded.ok) {
      made.value.dispose();
      return err(failure('refused', loaded.error.message, loaded.error.hint));
    }
    this.#key = key;
    this.#served = { runtime: made.value, model: loaded.value, maxLogits };
    return ok(this.#served);
  }

  dispose(): void {
    this.#served?.runtime.dispose();
    this.#served = undefined;
  }
}
