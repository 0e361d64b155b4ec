// A runtime without a GPU: it takes the batches that the real one takes, answers at once with ids that depend on the position
// alone, and can be told to go wrong.

import { failure, type Result } from '../../../src/core/result.ts';
import type { Limits } from '../../../src/engine/view.ts';
import type { FlatBatch, ModelId } from '../../../src/model/batch.ts';
import type {
  LoadedModel,
  Runtime,
  RuntimeOptions,
  StepFailure,
  StepHandle,
} from '../../../src/model/contract.ts';
import { presets } from '../../../src/model/presets.ts';
import type { ServeHost } from '../../../src/worker/serving/run-one.ts';
import { device } from '../views-rows.ts';

const ID = 1 as ModelId;
export const fakeModel: LoadedModel = {
  id: ID,
  config: presets.nano,
  options: { weights: 'f32', kv: 'f32', kernels: 'auto' },
  memory: { weights: 0, kv: 0, step: 0, total: 0 },
  reduction: 'none',
  program: [],
  choose: () => [],
};

export class FakeRuntime implements Runtime {
  /** Whether a run breaks off as a bug would end it: by an exception. */
  broken = false;
  readonly models = new Map([[ID, fakeModel]]);
  readonly lost: Promise<string>;
  readonly openRows = 0;
  lose: (reason: string) => void = () => undefined;
  readonly #options: RuntimeOptions;
  steps = 0;
  readonly copied: number[] = [];
  /** What becomes of a step, by its number; undefined: it is answered. */
  spoil: (step: number) => Result<StepHandle, StepFailure> | undefined = () => undefined;

  constructor(limits: Limits, options: Partial<RuntimeOptions> = {}) {
    const { pages, pageSize, window } = limits;
    const { rows = 16, tokens = 1024 } = limits.step ?? {};
    const sizes = { rows, maxTokens: tokens, maxLogits: rows, sampleSlots: 2 * rows, inFlight: 2 };
    this.#options = { pages, pageSize, window, ...sizes, ...options };
    this.lost = new Promise((resolve) => {
      this.lose = resolve;
    });
  }

  get options(): RuntimeOptions {
    if (this.broken) throw new Error('planted');
    return this.#options;
  }

  syncTables(): void {}

  copyPages(pairs: ArrayLike<number>): void {
    this.copied.push(...Array.from(pairs));
  }

  step(batch: FlatBatch): Result<StepHandle, StepFailure> {
    const step = this.steps++;
    const ids = Uint32Array.from(
      { length: batch.logitCount },
      (_, i) => (7 * (batch.positions[batch.logitRows[i] ?? 0] ?? 0) + 1) % presets.nano.vocab,
    );
    const answer = { step, dispatches: 1, hostMs: 0.1, sampled: Promise.resolve(ids) };
    return this.spoil(step) ?? { ok: true, value: answer };
  }

  readLogits(): Promise<never> {
    throw new Error('there are no logits');
  }

  capture(): Promise<Result<never, StepFailure>> {
    return Promise.resolve({ ok: false, error: failure('bad-batch', 'Nothing to capture.', '') });
  }

  dispatches(): Result<[], StepFailure> {
    return { ok: true, value: [] };
  }

  unload(): void {}
  dispose(): void {}
}

/** A step that was submitted and whose ids never come back. */
export const brokenRead = (cause: string): Result<StepHandle, StepFailure> => {
  const sampled = Promise.reject(new Error(cause));
  sampled.catch(() => undefined);
  return { ok: true, value: { step: 0, dispatches: 1, hostMs: 0.1, sampled } };
};

export const fakeHost = (runtime: FakeRuntime, limits: Limits): ServeHost => ({
  served: {
    runtime,
    model: fakeModel,
    limits,
    maxLogits: runtime.options.maxLogits,
    invariance: { standing: 'kept', asked: 'canonical', served: 'canonical', probes: [] },
  },
  device,
  emit: () => undefined,
  stop: () => null,
});
