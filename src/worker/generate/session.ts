// Generating from one model: estimates before anything is allocated, loads, runs steps until told to stop, looks into the last
// one: a dispatch's buffers, the likeliest tokens, its time by op. One model at a time; the worker runs one call at a time.

import { KvCache } from '../../cache/kv-cache.ts';
import { err, explain, failure, ok, type Result } from '../../core/result.ts';
import type { Gpu } from '../../gpu/device.ts';
import type { Pipelines } from '../../gpu/pipelines.ts';
import type { Clock } from '../../gpu/timing.ts';
import type { StepSplit } from '../../measure/split.ts';
import { BatchBuilder } from '../../model/batch.ts';
import type { Capture, LoadedModel } from '../../model/contract.ts';
import { loadProbed } from '../../model/load-probed.ts';
import { roomOf } from '../../model/memory.ts';
import { probe } from '../../model/probe.ts';
import type { ProbeReport } from '../../model/probe-report.ts';
import { GpuRuntime } from '../../model/runtime.ts';
import { cancelled, type Stop, unlessStopped } from '../../model/stopped.ts';
import { measureSplit } from '../bench/split.ts';
import { openModel } from '../open-model.ts';
import type { WorkerFailure } from '../protocol.ts';
import { refused } from '../refused.ts';
import { Answers, type StepPart } from './answers.ts';
import { candidates } from './candidates.ts';
import { checkPrompt } from './check-prompt.ts';
import type {
  Candidates,
  GenerateCapture,
  GeneratedStep,
  GenerateEstimate,
  GenerateEvent,
  GenerateLoaded,
  GenerateModel,
  GeneratePrompt,
  GenerateRan,
  GenerateRun,
  SplitEvent,
} from './protocol.ts';
import { sizesFor } from './sizing.ts';
import { watchLoading } from './watch-loading.ts';

/** Milliseconds between two messages to the page: about a frame. */
const pace = 16;
/** Samples of each op when a step is split. */
const splitSamples = 7;
/** Candidates that a page lists. */
const listed = 12;

interface Resident {
  readonly runtime: GpuRuntime;
  readonly model: LoadedModel;
  readonly cache: KvCache;
  readonly batch: BatchBuilder;
  readonly chunk: number;
}

/** A step whose ids are on their way. */
interface Flying {
  readonly part: StepPart;
  readonly submitted: number;
  readonly hostMs: number;
  readonly dispatches: number;
  readonly ids: Promise<Uint32Array>;
}

const nothingLoaded = failure(
  'bad-request',
  'No model is loaded.',
  'Load it again: a benchmark or a lost device has taken its place.',
);

export class GenerateHost {
  readonly #gpu: Gpu;
  readonly #pipelines: Pipelines;
  #resident: Resident | undefined;
  #answers: Answers | undefined;
  /** The last step whose ids are known, and the ids by answer. */
  #last: { readonly part: StepPart; readonly tokens: readonly (number | null)[] } | undefined;

  constructor(gpu: Gpu, pipelines: Pipelines) {
    this.#gpu = gpu;
    this.#pipelines = pipelines;
  }

  /** What a model would take. Reads a checkpoint's headers and allocates nothing. */
  async estimate(wanted: GenerateModel): Promise<Result<GenerateEstimate, WorkerFailure>> {
    const opened = await openModel(this.#gpu, this.#pipelines, wanted.source);
    if (!opened.ok) return refused(opened.error);
    const { cap: budget } = this.#gpu;
    // what is loaded now is freed before this is
    const sized = sizesFor(wanted, opened.value.config, { ...roomOf(this.#gpu), left: budget });
    return sized.ok ? ok({ ...sized.value.estimate, budget }) : refused(sized.error);
  }

  /** Frees what was loaded before, then loads. Refuses what does not fit the budget; a stop leaves nothing. */
  async load(
    wanted: GenerateModel,
    emit: (event: GenerateEvent) => void,
    stop: Stop,
  ): Promise<Result<GenerateLoaded, WorkerFailure>> {
    this.dispose();
    const from = performance.now();
    const opened = await openModel(this.#gpu, this.#pipelines, wanted.source);
    if (!opened.ok) return refused(opened.error);
    const { config } = opened.value;
    const sized = sizesFor(wanted, config, roomOf(this.#gpu));
    if (!sized.ok) return refused(sized.error);
    const { options, estimate } = sized.value;
    if (estimate.misfit) return refused(estimate.misfit);
    // a download may take long
    const source = await unlessStopped(opened.value.weights(), stop);
    if (!source) return refused(cancelled('Loading'));
    if (!source.ok) return refused(source.error);
    const made = await GpuRuntime.create(this.#gpu, this.#pipelines, options);
    if (!made.ok) return refused(made.error);
    const runtime = made.value;
    const watched = () => watchLoading(source.value, config, emit);
    try {
      const loaded = await loadProbed(runtime, config, wanted.options, watched, stop);
      if (!loaded.ok) return refused(loaded.error);
      const { model, invariance } = loaded.value;
      this.#resident = {
        runtime,
        model,
        cache: new KvCache(options),
        batch: new BatchBuilder(options, (row, index) => this.#table(row, index)),
        chunk: options.maxTokens,
      };
      return ok({
        ...estimate,
        budget: this.#gpu.cap,
        options: model.options,
        program: model.program,
        chunk: options.maxTokens,
        reduction: model.reduction,
        invariance,
        seconds: (performance.now() - from) / 1e3,
      });
    } finally {
      // also where something threw
      if (this.#resident?.runtime !== runtime) runtime.dispose();
    }
  }

  /** Runs steps; a stop drains what is in flight and keeps it. */
  async run(
    request: GenerateRun,
    emit: (event: GenerateEvent) => void,
    stop: Stop,
  ): Promise<Result<GenerateRan, WorkerFailure>> {
    const resident = this.#resident;
    if (!resident) return err(nothingLoaded);
    if (request.prompt) {
      const begun = this.#begin(resident, request.prompt);
      if (!begun.ok) return begun;
    }
    const answers = this.#answers;
    if (!answers) return err(failure('bad-request', 'There is no prompt yet.', 'Give one.'));

    const steps: GeneratedStep[] = [];
    let sent = 0;
    let sentAt = 0;
    const flying: Flying[] = [];
    const ahead = request.pace === 'flow' ? 2 : 1;
    let left = request.steps ?? Number.POSITIVE_INFINITY;
    let landed = 0;
    for (;;) {
      while (flying.length < ahead && left > 0 && answers.more && !stop()) {
        const submitted = this.#submit(resident, answers);
        if (!submitted.ok) return submitted;
        flying.push(submitted.value);
        left--;
      }
      const step = flying.shift();
      if (!step) break;
      const ids = await step.ids;
      const now = performance.now();
      const tokens = answers.commit(step.part, ids);
      // a step whose answers had all ended before it was one too many
      if (step.part.answers.length === 0 || tokens.some((token) => token !== null)) {
        this.#last = { part: step.part, tokens };
        steps.push({
          phase: step.part.phase,
          start: step.part.start,
          count: step.part.count,
          tokens,
          ms: now - Math.max(step.submitted, landed),
          pace: request.pace,
          hostMs: step.hostMs,
          dispatches: step.dispatches,
        });
      }
      landed = now;
      if (now - sentAt >= pace) {
        emit({ type: 'steps', steps: steps.slice(sent), state: answers.state });
        sent = steps.length;
        sentAt = now;
      }
    }
    return ok({ steps, state: answers.state });
  }

  /** One dispatch of the last step with its real buffers. The step is computed again, with the same result. */
  async capture(wanted: GenerateCapture, stop: Stop): Promise<Result<Capture, WorkerFailure>> {
    const again = this.#again();
    if (!again.ok) return again;
    const { runtime, batch } = again.value;
    const captured = await runtime.capture(batch, wanted.layer, wanted.role, stop);
    return captured.ok ? captured : refused(captured.error);
  }

  /** The likeliest tokens of an answer's last logits; null when the last step gave it none. The step is computed again. */
  async candidates(answer: number): Promise<Result<Candidates | null, WorkerFailure>> {
    const again = this.#again();
    if (!again.ok) return again;
    const { runtime, batch, part, tokens } = again.value;
    const [row, token] = [part.answers.indexOf(answer), tokens[answer] ?? null];
    if (row < 0 || token === null) return ok(null);
    const step = runtime.step(batch);
    if (!step.ok) return refused(step.error);
    await step.value.sampled;
    const { values, columns } = await runtime.readLogits();
    const logits = values.subarray(row * columns, (row + 1) * columns);
    return ok(candidates(logits, token, part.start + part.count, listed));
  }

  /**
   * The last step's time on the device by op, estimated. The step is computed again and again, with the same result. A stop keeps the
   * turns that every op has had.
   */
  async split(
    clock: Clock,
    emit: (event: SplitEvent) => void,
    stop: Stop,
  ): Promise<Result<StepSplit, WorkerFailure>> {
    const again = this.#again();
    if (!again.ok) return again;
    const { runtime, batch } = again.value;
    const progress = (done: number, total: number, what: string): void => emit({ done, total, what });
    return measureSplit({ gpu: this.#gpu, clock, runtime, samples: splitSamples, stop, progress }, batch);
  }

  /** Runs a prompt in several ways and compares the logits' bits. Ends the generation: its pages are written over. */
  async probe(stop: Stop): Promise<Result<ProbeReport, WorkerFailure>> {
    const resident = this.#resident;
    if (!resident) return err(nothingLoaded);
    this.#end();
    const probed = await probe(resident.runtime, resident.model.id, stop);
    return probed.ok ? probed : refused(probed.error);
  }

  dispose(): void {
    this.#resident?.runtime.dispose();
    this.#resident = undefined;
    this.#answers = undefined;
    this.#last = undefined;
  }

  #end(): void {
    this.#answers?.close();
    this.#answers = undefined;
    this.#last = undefined;
  }

  /** The last step put into the batch once more. */
  #again() {
    const [resident, answers, last] = [this.#resident, this.#answers, this.#last];
    if (!resident) return err(nothingLoaded);
    if (!answers || !last)
      return err(failure('bad-request', 'No step has run yet.', 'Run a step, then look into it.'));
    answers.fill(resident.batch, resident.model.id, last.part);
    return ok({ ...resident, ...last });
  }

  #begin(resident: Resident, prompt: GeneratePrompt): Result<true, WorkerFailure> {
    const { vocab } = resident.model.config;
    const checked = checkPrompt(prompt, { vocab, ...resident.runtime.options });
    if (!checked.ok) return checked;
    this.#end();
    this.#answers = new Answers(resident.cache, prompt);
    return ok(true);
  }

  #submit(resident: Resident, answers: Answers): Result<Flying, WorkerFailure> {
    const { runtime, batch, model, cache, chunk } = resident;
    const submitted = performance.now();
    const part = answers.next(batch, model.id, chunk);
    runtime.syncTables(cache.tables);
    runtime.copyPages(cache.copies);
    cache.copies.length = 0;
    const step = runtime.step(batch);
    if (!step.ok) return err(failure('refused', explain(step.error), 'Generate again.'));
    return ok({
      part,
      submitted,
      hostMs: performance.now() - submitted,
      dispatches: step.value.dispatches,
      ids: step.value.sampled,
    });
  }

  #table(row: number, index: number): number {
    return this.#resident?.cache.tables.page(row, index) ?? 0;
  }
}
