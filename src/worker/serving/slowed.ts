// A planted difference: an executor whose steps last longer by a known share. It exists to see whether a comparison finds it.

import { ok } from '../../core/result.ts';
import type { Executor, StepBatch, StepResult } from '../../engine/executor.ts';
import type { GpuExecutor } from './gpu-executor.ts';

export class Slowed implements Executor {
  readonly clock = 'wall';
  readonly #inner: Pick<GpuExecutor, 'execute' | 'idle' | 'now'>;
  readonly #share: number;

  /** `share`: 0.05 makes each step last 5 % longer. */
  constructor(inner: Pick<GpuExecutor, 'execute' | 'idle' | 'now'>, share: number) {
    this.#inner = inner;
    this.#share = share;
  }

  async execute(batch: StepBatch): Promise<StepResult> {
    const done = await this.#inner.execute(batch);
    if (!done.ok) return done;
    const { start, end } = done.value;
    const until = end + this.#share * (end - start);
    let now = this.#inner.now();
    while (now < until) now = this.#inner.now(); // shorter than any timer
    return ok({ ...done.value, end: now });
  }

  now(): number {
    return this.#inner.now();
  }

  idle(time: number): Promise<number> {
    return this.#inner.idle(time);
  }
}
