// Generating from one model: estimates before anything is allocated, loads, runs steps until told to stop, brings back one
// dispatch's buffers or the likeliest tokens. One model at a time; the worker runs one call at a time.

import { KvCache } from '../../cache/kv-cache.ts';
import { err, explain, failure, ok, type Result } from '../../core/result.ts';
import type { Gpu } from '../../gpu/device.ts';
import type { Pipelines } from '../../gpu/pipelines.ts';
import { BatchBuilder } from '../../model/batch.ts';
import { type ModelConfig, parameterCount } from '../../model/config.ts';
import type { Capture, LoadedModel, RuntimeOptions } from '../../model/contract.ts';
import { estimateMemory } from '../../model/memory.ts';
import { GpuRuntime } from '../../model/runtime.ts';
import { openModel } from '../open-model.ts';
import type { WorkerFailure } from '../protocol.ts';
import { candidates } from './candidates.ts';
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
} from './protocol.ts';
import { Sequence, type StepPart } from './sequence.ts';
import { watchLoading } from './watch-loading.ts';

/** Most tokens of a prompt in one step: a step stays short enough to be stopped after. */
const longestChunk = 64;
/** Milliseconds between two messages to the page: about a frame. */
const pace = 16;
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

const refused = (cause: { readonly message: string; readonly hint: string }): Result<never, WorkerFailure> =>
  err(failure('refused', cause.message, cause.hint));
const nothingLoaded = failure(
  'bad-request',
  'No model is loaded.',
  'Load it again: a benchmark or a lost device has taken its place.',
);

export class GenerateHost {
  readonly #gpu: Gpu;
  readonly #pipelines: Pipelines;
  #resident: Resident | undefined;
  #sequence: Sequence | undefined;
  /** The last step whose ids are known. */
  #last: StepPart | undefined;
  #lastToken: number | null = null;

  constructor(gpu: Gpu, pipelines: Pipelines) {
    this.#gpu = gpu;
    this.#pipelines = pipelines;
  }

  /** What a model would take. Reads a checkpoint's headers and allocates nothing. */
  async estimate(wanted: GenerateModel): Promise<Result<GenerateEstimate, WorkerFailure>> {
    const opened = await openModel(this.#gpu, this.#pipelines, wanted.source);
    return opened.ok ? ok(this.#estimateOf(wanted, opened.value.config)) : refused(opened.error);
  }

  /** Frees what was loaded before, then loads. Refuses what does not fit the budget. */
  async load(
    wanted: GenerateModel,
    emit: (event: GenerateEvent) => void,
    stop: () => string | null,
  ): Promise<Result<GenerateLoaded, WorkerFailure>> {
    this.dispose();
    const from = performance.now();
    const opened = await openModel(this.#gpu, this.#pipelines, wanted.source);
    if (!opened.ok) return refused(opened.error);
    const { config } = opened.value;
    const source = await opened.value.weights();
    if (!source.ok) return refused(source.error);
    const estimate = this.#estimateOf(wanted, config);
    const options = this.#runtimeOptions(wanted, config);
    const made = await GpuRuntime.create(this.#gpu, this.#pipelines, options);
    if (!made.ok) return refused(made.error);
    const runtime = made.value;
    const watched = watchLoading(source.value, config, emit, stop);
    const loaded = await runtime.load(config, wanted.options, watched);
    if (!loaded.ok) {
      runtime.dispose();
      return refused(loaded.error);
    }
    this.#resident = {
      runtime,
      model: loaded.value,
      cache: new KvCache({ ...options, rows: 1 }),
      batch: new BatchBuilder(options, (row, index) => this.#table(row, index)),
      chunk: options.maxTokens,
    };
    return ok({
      ...estimate,
      options: loaded.value.options,
      program: loaded.value.program,
      chunk: options.maxTokens,
      seconds: (performance.now() - from) / 1e3,
    });
  }

  /** Runs steps; a stop drains what is in flight and keeps it. */
  async run(
    request: GenerateRun,
    emit: (event: GenerateEvent) => void,
    stop: () => string | null,
  ): Promise<Result<GenerateRan, WorkerFailure>> {
    const resident = this.#resident;
    if (!resident) return err(nothingLoaded);
    if (request.prompt) {
      const begun = this.#begin(resident, request.prompt);
      if (!begun.ok) return begun;
    }
    const sequence = this.#sequence;
    if (!sequence) return err(failure('bad-request', 'There is no prompt yet.', 'Give one.'));

    const steps: GeneratedStep[] = [];
    let sent = 0;
    let sentAt = 0;
    const flying: Flying[] = [];
    const ahead = request.pace === 'flow' ? 2 : 1;
    let left = request.steps ?? Number.POSITIVE_INFINITY;
    let landed = 0;
    for (;;) {
      while (flying.length < ahead && left > 0 && sequence.more && !stop()) {
        const submitted = this.#submit(resident, sequence);
        if (!submitted.ok) return submitted;
        flying.push(submitted.value);
        left--;
      }
      const step = flying.shift();
      if (!step) break;
      const ids = await step.ids;
      const now = performance.now();
      const token = step.part.samples ? (ids[0] ?? 0) : null;
      if (token === null || sequence.commit(token)) {
        this.#last = step.part;
        this.#lastToken = token;
        steps.push({
          phase: step.part.phase,
          start: step.part.start,
          count: step.part.count,
          token,
          ms: now - Math.max(step.submitted, landed),
          pace: request.pace,
          hostMs: step.hostMs,
          dispatches: step.dispatches,
          page: step.part.page,
        });
      }
      landed = now;
      if (now - sentAt >= pace) {
        emit({ type: 'steps', steps: steps.slice(sent), state: sequence.state });
        sent = steps.length;
        sentAt = now;
      }
    }
    return ok({ steps, state: sequence.state });
  }

  /** One dispatch of the last step with its real buffers. The step is computed again, with the same result. */
  async capture(wanted: GenerateCapture): Promise<Result<Capture, WorkerFailure>> {
    const [resident, sequence, last] = [this.#resident, this.#sequence, this.#last];
    if (!resident) return err(nothingLoaded);
    if (!sequence || !last)
      return err(failure('bad-request', 'No step has run yet.', 'Run a step, then look into it.'));
    sequence.fill(resident.batch, resident.model.id, last);
    const captured = await resident.runtime.capture(resident.batch, wanted.layer, wanted.role);
    return captured.ok ? captured : refused(captured.error);
  }

  /** The likeliest tokens of the last step's logits; null when it was a chunk that has none. */
  async candidates(): Promise<Result<Candidates | null, WorkerFailure>> {
    const [resident, last, token] = [this.#resident, this.#last, this.#lastToken];
    if (!resident) return err(nothingLoaded);
    if (!last || token === null) return ok(null);
    const { values } = await resident.runtime.readLogits();
    return ok(candidates(values, token, last.start + last.count, listed));
  }

  dispose(): void {
    this.#resident?.runtime.dispose();
    this.#resident = undefined;
    this.#sequence = undefined;
    this.#last = undefined;
    this.#lastToken = null;
  }

  #runtimeOptions(wanted: GenerateModel, config: ModelConfig): RuntimeOptions {
    const { pageSize } = wanted;
    const window = Math.min(wanted.window, config.window);
    return {
      pages: Math.ceil(window / pageSize),
      pageSize,
      rows: 1,
      window,
      maxTokens: Math.min(longestChunk, window),
      maxLogits: 1,
      sampleSlots: 2,
      inFlight: 2,
    };
  }

  #estimateOf(wanted: GenerateModel, config: ModelConfig): GenerateEstimate {
    const options = this.#runtimeOptions(wanted, config);
    return {
      config,
      parameters: parameterCount(config),
      window: options.window,
      pages: options.pages,
      memory: estimateMemory(config, wanted.options, options),
      budget: this.#gpu.budget,
    };
  }

  #begin(resident: Resident, prompt: GeneratePrompt): Result<true, WorkerFailure> {
    const { vocab } = resident.model.config;
    const { window } = resident.runtime.options;
    const bad = (message: string, hint: string) => err(failure('bad-request', message, hint));
    const { tokens, maxTokens } = prompt;
    if (tokens.length === 0) return bad('The prompt is empty.', 'Give at least one token.');
    const strange = tokens.find((id) => !Number.isInteger(id) || id < 0 || id >= vocab);
    if (strange !== undefined)
      return bad(`The prompt has token ${strange}.`, `Ids of this model are 0 to ${vocab - 1}.`);
    if (!Number.isInteger(maxTokens) || maxTokens < 1)
      return bad(`${maxTokens} tokens are wanted.`, 'Ask for at least one.');
    if (tokens.length + maxTokens > window)
      return bad(
        `${tokens.length} tokens of prompt and ${maxTokens} to generate do not fit ${window}.`,
        'Shorten the prompt, ask for fewer tokens, or load with a larger context.',
      );
    this.#sequence?.close();
    this.#sequence = new Sequence(resident.cache, prompt);
    this.#last = undefined;
    this.#lastToken = null;
    return ok(true);
  }

  #submit(resident: Resident, sequence: Sequence): Result<Flying, WorkerFailure> {
    const { runtime, batch, model, cache, chunk } = resident;
    const submitted = performance.now();
    const part = sequence.next(batch, model.id, chunk);
    runtime.syncTables(cache.tables);
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
