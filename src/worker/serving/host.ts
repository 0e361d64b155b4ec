// Keeps the model that serves loaded between runs: the same model and limits are not loaded twice.

import { ok, type Result } from '../../core/result.ts';
import { stepLimitsOf } from '../../engine/step-limits.ts';
import type { Limits } from '../../engine/view.ts';
import type { Awake } from '../../gpu/awake.ts';
import type { Gpu } from '../../gpu/device.ts';
import type { Pipelines } from '../../gpu/pipelines.ts';
import type { LoadedModel, Pool, Runtime, RuntimeOptions } from '../../model/contract.ts';
import { loadProbed } from '../../model/load-probed.ts';
import { checkMemory, poolFor, roomOf } from '../../model/memory.ts';
import type { Invariance } from '../../model/probe-report.ts';
import { GpuRuntime } from '../../model/runtime.ts';
import { cancelled, never, type Stop, unlessStopped } from '../../model/stopped.ts';
import { weightsOf } from '../open-model.ts';
import type { WorkerFailure } from '../protocol.ts';
import { refused } from '../refused.ts';
import type { ServedModel } from './protocol.ts';

/** Sizes of a runtime that serves within these limits. */
function sizesFor({ config }: ServedModel, limits: Omit<Limits, 'pages'>): Omit<RuntimeOptions, 'pages'> {
  const window = Math.min(limits.window, config.window);
  const { rows, tokens } = stepLimitsOf(window);
  // a resident has one logit row at most
  const sizes = { rows, maxTokens: tokens, maxLogits: rows, sampleSlots: 2 * rows, inFlight: 2 };
  return { pageSize: limits.pageSize, window, ...sizes };
}

export interface Served {
  readonly runtime: Runtime;
  readonly model: LoadedModel;
  /** What was asked for, as far as the model and the runtime go: the engine plans within these. */
  readonly limits: Limits;
  /** Comparing strategies rests on it: only where bits do not depend on the batch must answers be the same. */
  readonly invariance: Invariance;
  /** Most logit rows of a step: one for every resident. */
  readonly maxLogits: number;
  /** Absent on a CPU adapter. */
  readonly awake?: Awake | undefined;
}

export class ServingHost {
  readonly #gpu: Gpu;
  readonly #pipelines: Pipelines;
  #key = '';
  #served: Served | undefined;
  readonly #awake: () => Promise<Awake | undefined>;

  constructor(
    gpu: Gpu,
    pipelines: Pipelines,
    awake: () => Promise<Awake | undefined> = async () => undefined,
  ) {
    this.#gpu = gpu;
    this.#pipelines = pipelines;
    this.#awake = awake;
  }

  /** The runtime with `served` loaded; refuses what does not fit, before the driver sees it. A stop or a failure leaves nothing. */
  async load(served: ServedModel, asked: Limits, stop: Stop = never): Promise<Result<Served, WorkerFailure>> {
    const window = Math.min(asked.window, served.config.window);
    const vocabulary = Math.min(asked.vocabulary, served.config.vocab);
    const step = stepLimitsOf(window);
    const limits = { ...asked, window, vocabulary, step };
    const key = JSON.stringify([served, limits]);
    if (this.#served && this.#key === key) return ok(this.#served);
    this.dispose();
    const options = { ...sizesFor(served, limits), pages: limits.pages };
    const fits = checkMemory(served.config, served.options, options, roomOf(this.#gpu));
    if (!fits.ok) return refused(fits.error);
    // a download may take long
    const source = await unlessStopped(weightsOf(this.#gpu, this.#pipelines, served), stop);
    if (!source) return refused(cancelled('Loading'));
    if (!source.ok) return refused(source.error);
    const made = await GpuRuntime.create(this.#gpu, this.#pipelines, options);
    if (!made.ok) return refused(made.error);
    const runtime = made.value;
    try {
      const loaded = await loadProbed(runtime, served.config, served.options, () => source.value, stop);
      if (!loaded.ok) return refused(loaded.error);
      const awake = await this.#awake();
      this.#key = key;
      this.#served = { awake, runtime, ...loaded.value, limits, maxLogits: options.maxLogits };
      return ok(this.#served);
    } finally {
      // also where something threw
      if (this.#served?.runtime !== runtime) runtime.dispose();
    }
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
