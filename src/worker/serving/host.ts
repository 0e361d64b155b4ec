// Keeps the model that serves loaded between runs: the same model and limits are not loaded twice.

import { err, type Failure, failure, ok, type Result } from '../../core/result.ts';
import type { Limits } from '../../engine/view.ts';
import type { Gpu } from '../../gpu/device.ts';
import type { Pipelines } from '../../gpu/pipelines.ts';
import type { LoadedModel, Pool, RuntimeOptions } from '../../model/contract.ts';
import { checkMemory, poolFor, roomOf } from '../../model/memory.ts';
import { GpuRuntime } from '../../model/runtime.ts';
import { weightsOf } from '../open-model.ts';
import type { WorkerFailure } from '../protocol.ts';
import type { ServedModel } from './protocol.ts';

/** Residents at once at most; strategies' slots are clamped to it. */
const rows = 256;
/** Most logit rows of a step. */
const maxLogits = 256;

const refused = ({ message, hint }: Failure): Result<never, WorkerFailure> =>
  err(failure('refused', message, hint));

/** Sizes of a runtime that serves within these limits. */
function sizesFor({ config }: ServedModel, limits: Omit<Limits, 'pages'>): Omit<RuntimeOptions, 'pages'> {
  const window = Math.min(limits.window, config.window);
  return {
    pageSize: limits.pageSize,
    rows,
    window,
    // the most that a padded batch of whole prompts computes at once
    maxTokens: Math.max(1024, Math.min(8192, 16 * window)),
    maxLogits,
    sampleSlots: 2 * maxLogits,
    inFlight: 2,
  };
}

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
    const options = { ...sizesFor(served, limits), pages: limits.pages };
    const fits = checkMemory(served.config, served.options, options, roomOf(this.#gpu));
    if (!fits.ok) return refused(fits.error);
    const source = await weightsOf(this.#gpu, this.#pipelines, served);
    if (!source.ok) return refused(source.error);
    const made = await GpuRuntime.create(this.#gpu, this.#pipelines, options);
    if (!made.ok) return refused(made.error);
    const loaded = await made.value.load(served.config, served.options, source.value);
    if (!loaded.ok) {
      made.value.dispose();
      return refused(loaded.error);
    }
    this.#key = key;
    this.#served = { runtime: made.value, model: loaded.value, maxLogits };
    return ok(this.#served);
  }

  /** The pool that `bytes` of KV buy for this model here. Frees what served before. */
  pool(served: ServedModel, limits: Omit<Limits, 'pages'>, bytes: number): Result<Pool, WorkerFailure> {
    this.dispose();
    const pool = poolFor(served.config, served.options, sizesFor(served, limits), bytes, roomOf(this.#gpu));
    return pool.ok ? pool : refused(pool.error);
  }

  dispose(): void {
    this.#served?.runtime.dispose();
    this.#served = undefined;
  }
}
