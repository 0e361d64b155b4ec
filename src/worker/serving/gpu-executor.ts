// The engine's executor on the GPU: turns a step's rows into the runner's flat batch, submits it, and answers when its
// sampled ids are back. Times are seconds of the wall clock since the run began.

import { assert } from '../../core/assert.ts';
import { messageOf } from '../../core/message-of.ts';
import { err, explain, failure, ok, type Result } from '../../core/result.ts';
import type { Executor, ExecutorFailure, StepBatch, StepResult } from '../../engine/executor.ts';
import type { Awake } from '../../gpu/awake.ts';
import { BatchBuilder, type ModelId } from '../../model/batch.ts';
import type { Runtime, StepHandle } from '../../model/contract.ts';
import { never, type Stop } from '../../model/stopped.ts';
import { fillBatch } from './fill-batch.ts';

export interface GpuExecutorOptions {
  /** It has two sample slots for every logit row, because two steps may be in flight. */
  readonly runtime: Runtime;
  readonly model: ModelId;
  /** Keeps the device's clock up where it would wait; steps planned ahead leave it nothing to wait for. */
  readonly awake?: Pick<Awake, 'burst' | 'bursting'> | undefined;
  readonly lookahead?: 0 | 1;
  /** Ends waiting for an arrival; between steps it is the run loop that asks. */
  readonly stop?: Stop;
}

/** How late this thread noticed what it waited for; latencies count from scheduled arrivals all the same. */
export interface Lag {
  /** Waits that ended late, and by how much, in seconds. */
  readonly waits: number;
  readonly mean: number;
  readonly max: number;
}

export class GpuExecutor implements Executor {
  readonly clock = 'wall';
  /** Seconds from a step's plan to its submit: block tables, the flat batch, encoding. */
  readonly encode: number[] = [];
  /**
   * Seconds between a step's end (or a wait's) and the next step: planning, commits, trace and the turn of the event loop. Planned
   * ahead, that time runs beside the step before and is not in it.
   */
  readonly between: number[] = [];
  readonly #options: GpuExecutorOptions;
  readonly #batch: BatchBuilder;
  readonly #epoch = performance.now();
  #tables: StepBatch['tables'] | undefined;
  #steps = 0;
  #end = 0;
  /** When the engine got its turn: an answer or the end of a wait. */
  #handed: number | undefined;
  #late = { waits: 0, sum: 0, max: 0 };

  constructor(options: GpuExecutorOptions) {
    this.#options = options;
    const { maxTokens, maxLogits, pageSize, sampleSlots } = options.runtime.options;
    assert(sampleSlots >= 2 * maxLogits, `${sampleSlots} sample slots for ${maxLogits} logit rows`);
    this.#batch = new BatchBuilder({ maxTokens, maxLogits, pageSize }, (row, index) => {
      const tables = this.#tables;
      assert(tables, 'no step is being built');
      return tables.pages[row * tables.width + index] ?? 0;
    });
  }

  get lag(): Lag {
    const { waits, sum, max } = this.#late;
    return { waits, mean: waits > 0 ? sum / waits : 0, max };
  }

  now(): number {
    return (performance.now() - this.#epoch) / 1e3;
  }

  async idle(time: number): Promise<number> {
    const { stop = never } = this.#options;
    for (let left = time - this.now(); left > 0; left = time - this.now()) {
      if (stop()) return this.now();
      // a nested timer is never shorter than 4 ms (HTML, "timers"): the last milliseconds are spent yielding by messages
      if (left > 0.008 && this.#options.awake) await this.#options.awake.bursting();
      else if (left > 0.008)
        await new Promise((resolve) => setTimeout(resolve, Math.min(longestWait, (left - 0.006) * 1e3)));
      else await yieldOnce();
    }
    const now = this.now();
    this.#handed = now;
    this.#late.waits++;
    this.#late.sum += now - time;
    this.#late.max = Math.max(this.#late.max, now - time);
    return now;
  }

  async execute(step: StepBatch): Promise<StepResult> {
    const begun = this.now();
    if (this.#handed !== undefined) this.between.push(begun - this.#handed);
    this.#handed = undefined;
    try {
      const submitted = this.#submit(step);
      if (!submitted.ok)
        return err(failure('step-failed', explain(submitted.error), 'The step was not run.'));
      const host = this.now() - begun;
      this.encode.push(host);
      if (this.#options.lookahead !== 1) this.#options.awake?.burst();
      const ids = await submitted.value.sampled;
      const end = this.now();
      // planned ahead, a step waits for the one before it
      const start = Math.max(begun, this.#end);
      this.#end = end;
      this.#handed = end;
      return ok({
        start,
        end: Math.max(end, start),
        tokens: Int32Array.from(ids),
        host,
      });
    } catch (cause) {
      return err(await this.#failureOf(cause));
    }
  }

  #submit(step: StepBatch): Result<StepHandle> {
    const { runtime, model } = this.#options;
    const { maxLogits } = runtime.options;
    this.#tables = step.tables;
    runtime.syncTables(step.tables);
    // handed over before anything can fail: from then on the runtime owes them
    if (step.copies.length > 0) runtime.copyPages(step.copies);
    // ids sampled by odd and even steps lie apart: the step before may still be read
    const half = (this.#steps % 2) * maxLogits;
    const before = maxLogits - half;
    this.#steps++;
    return runtime.step(
      fillBatch(this.#batch, model, step, half, (i) => ({ sampled: before + (step.feed[i] ?? 0) })),
    );
  }

  async #failureOf(cause: unknown): Promise<ExecutorFailure> {
    const lost = await Promise.race([this.#options.runtime.lost, pause(toldOfLoss)]);
    const why = messageOf(cause);
    return lost === undefined
      ? failure(
          'step-failed',
          `The step broke off: ${why}`,
          'What was measured until then is kept; run again.',
        )
      : failure(
          'lost',
          `The device was lost during a step: ${lost || why}`,
          'What was measured until then is kept; run again.',
        );
  }
}

/** Milliseconds between two looks at `stop`. */
const longestWait = 25;

/** Milliseconds: a lost device is told of beside the failures that it causes, in no fixed order. */
const toldOfLoss = 100;

const pause = (ms: number): Promise<undefined> => new Promise((resolve) => setTimeout(resolve, ms));

const channel = new MessageChannel();
/** Who waits for a message, in the order in which they were sent. */
const yielding: (() => void)[] = [];

/** Lets other tasks of this thread run, and comes back at once. */
const yieldOnce = (): Promise<void> =>
  new Promise((resolve) => {
    yielding.push(resolve);
    channel.port1.onmessage = takeTurn;
    channel.port2.postMessage(0);
  });

const takeTurn = (): void => yielding.shift()?.();
