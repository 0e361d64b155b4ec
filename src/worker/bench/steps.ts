// Steps of one kind on one loaded model, one after another: what the model benchmark times. A decode takes the ids that the
// step before left on the GPU; positions stay where they are, so that every step does the same work.

import type { BlockTables } from '../../cache/block-tables.ts';
import { explain } from '../../core/result.ts';
import type { Awake } from '../../gpu/awake.ts';
import { BatchBuilder, greedy } from '../../model/batch.ts';
import type { LoadedModel, Runtime, StepHandle } from '../../model/contract.ts';

export interface StepKind {
  readonly phase: 'prefill' | 'decode';
  /** Sequences in a step. */
  readonly batch: number;
  /** Tokens of each sequence in a step, and the position of the first. */
  readonly count: number;
  readonly start: number;
}

/** Steps between the two moments that a sample of flowing steps lies between. */
const flowing = 8;

/** What steps run on. */
export interface StepBench {
  readonly runtime: Runtime;
  readonly model: LoadedModel;
  readonly tables: BlockTables;
  /** Keeps the device's clock up where a step is awaited; flowing steps leave it nothing to wait for. */
  readonly awake?: Pick<Awake, 'burst' | 'lead' | 'rouse'> | undefined;
}

export class Steps {
  readonly model: LoadedModel;
  readonly kind: StepKind;
  readonly batch: BatchBuilder;
  /** Milliseconds a step: awaited one by one, two in flight, and the host's part of each. */
  readonly awaitedMs: number[] = [];
  readonly flowingMs: number[] = [];
  readonly hostMs: number[] = [];
  dispatches = 0;
  readonly #runtime: Runtime;
  readonly #awake: StepBench['awake'];
  #parity = 0;
  #fed = false;

  constructor({ runtime, model, tables, awake }: StepBench, kind: StepKind) {
    this.model = model;
    this.kind = kind;
    this.#runtime = runtime;
    this.#awake = awake;
    this.batch = new BatchBuilder(runtime.options, (row, index) => tables.page(row, index));
  }

  /** Submits one step. Throws when the runtime refuses it: then the benchmark has built a bad batch. */
  submit(): StepHandle {
    const { maxLogits } = this.#runtime.options;
    const { phase, batch, count, start } = this.kind;
    const [from, to] = [this.#parity * maxLogits, (1 - this.#parity) * maxLogits];
    this.#parity = 1 - this.#parity;
    this.batch.begin(this.model.id);
    for (let row = 0; row < batch; row++) {
      const tokens =
        phase === 'decode' && this.#fed
          ? { sampled: from + row }
          : Array.from({ length: count }, (_, i) => (row + i) % this.model.config.vocab);
      this.batch.add({ row, start, tokens, logits: 1, sampleSlot: to + row, sampling: greedy });
    }
    this.#fed = true;
    const submitted = this.#runtime.step(this.batch);
    if (!submitted.ok) throw new Error(explain(submitted.error));
    this.hostMs.push(submitted.value.hostMs);
    this.dispatches = submitted.value.dispatches;
    return submitted.value;
  }

  /** A step and its end; the device gets something to do meanwhile that is over before the next one, as in serving. */
  async #awaited(): Promise<void> {
    const { sampled } = this.submit();
    this.#awake?.burst();
    await sampled;
  }

  /** Half a second of steps, three at least; nothing of it is kept. Another model's steps may have run before. */
  async warmUp(): Promise<void> {
    this.#fed = false;
    await this.#awake?.rouse();
    const until = performance.now() + 500;
    for (let i = 0; i < 3 || (performance.now() < until && i < 200); i++) await this.#awaited();
    this.hostMs.length = 0;
  }

  /** One sample awaited, one flowing: from the end of one step to the end of another, with two in flight all the while. */
  async sample(): Promise<void> {
    this.#fed = false; // the ids on the GPU may be another model's
    await this.#awake?.lead();
    const began = performance.now();
    await this.#awaited();
    this.awaitedMs.push(performance.now() - began);
    let before = this.submit();
    const after = async (): Promise<number> => {
      const next = this.submit();
      await before.sampled;
      before = next;
      return performance.now();
    };
    const from = await after();
    let to = from;
    for (let i = 0; i < flowing; i++) to = await after();
    this.flowingMs.push((to - from) / flowing);
    await before.sampled;
  }
}
