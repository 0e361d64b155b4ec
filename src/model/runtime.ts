// Runs models: one page space, one set of step columns, one submit a step. It knows neither requests nor
// strategies: a flat batch comes in, sampled ids come back.

import type { BlockTables } from '../cache/block-tables.ts';
import { assert } from '../core/assert.ts';
import { err, failure, ok, type Result } from '../core/result.ts';
import type { Gpu } from '../gpu/device.ts';
import { readBack } from '../gpu/dispatch.ts';
import type { DeviceFailure } from '../gpu/error-scopes.ts';
import type { CompileFailure, Pipelines } from '../gpu/pipelines.ts';
import { type AllocationFailure, Scope } from '../gpu/scope.ts';
import { Watch } from '../gpu/watch.ts';
import type { FlatBatch, ModelId } from './batch.ts';
import { captureDispatch } from './capture.ts';
import { checkBatch } from './check-batch.ts';
import { checkOptions, type OptionsFailure } from './check-options.ts';
import { checkConfig, type ModelConfig } from './config.ts';
import type {
  Capture,
  DispatchName,
  LoadedModel,
  LoadFailure,
  ModelOptions,
  NamedDispatch,
  Runtime,
  RuntimeOptions,
  StepFailure,
  StepHandle,
  TensorView,
} from './contract.ts';
import { pageBytes } from './formats.ts';
import { chooseKernels } from './kernels.ts';
import { checkMemory, roomOf } from './memory.ts';
import { PageCopier } from './page-copier.ts';
import { encodePlanned, findDispatch, namedDispatch, type Planned, planStep } from './plan-step.ts';
import { buildProgram, nameOf, type Program, type Shared } from './program.ts';
import { ReadbackRing, StepBuffers } from './step-buffers.ts';
import { never, type Stop } from './stopped.ts';
import { loadWeights, type WeightSource } from './weights.ts';

interface Resident {
  readonly public: LoadedModel;
  readonly scope: Scope;
  readonly program: Program;
}

export class GpuRuntime implements Runtime {
  readonly options: RuntimeOptions;
  readonly lost: Promise<string>;
  readonly #shared: Shared;
  readonly #scope: Scope;
  readonly #ring: ReadbackRing;
  readonly #copier: PageCopier;
  /** Absent where the adapter is the CPU. */
  readonly #watch: Watch | undefined;
  readonly #models = new Map<ModelId, Resident>();
  #tables: BlockTables | undefined;
  #nextModel = 1;
  #steps = 0;
  #last: { readonly model: Resident; readonly logits: number } | undefined;

  private constructor(shared: Shared, scope: Scope, ring: ReadbackRing, copier: PageCopier) {
    this.options = shared.options;
    this.lost = shared.gpu.device.lost.then(({ message, reason }) => message || reason);
    this.#shared = shared;
    this.#scope = scope;
    this.#ring = ring;
    this.#copier = copier;
    this.#watch = shared.gpu.fallback ? undefined : new Watch(shared.gpu.device);
  }

  /** Makes the buffers that all models share. */
  static async create(
    gpu: Gpu,
    pipelines: Pipelines,
    options: RuntimeOptions,
  ): Promise<Result<GpuRuntime, OptionsFailure | AllocationFailure | CompileFailure | DeviceFailure>> {
    const checked = checkOptions(options);
    if (!checked.ok) return checked;
    const scope = new Scope(gpu, 'runtime');
    return Scope.fill(scope, () => GpuRuntime.#allocate(scope, pipelines, options));
  }

  static async #allocate(
    scope: Scope,
    pipelines: Pipelines,
    options: RuntimeOptions,
  ): Promise<Result<GpuRuntime, AllocationFailure | CompileFailure>> {
    const columns = StepBuffers.create(scope, options);
    if (!columns.ok) return columns;
    const width = Math.ceil(options.window / options.pageSize);
    const tables = scope.storage('block tables', options.rows * width * 4);
    if (!tables.ok) return tables;
    const sampled = scope.storage('sampled ids', options.sampleSlots * 4);
    if (!sampled.ok) return sampled;
    const ring = ReadbackRing.create(scope, options.inFlight, options.maxLogits * 4);
    if (!ring.ok) return ring;
    const copier = await PageCopier.create(scope, pipelines, options.pages);
    if (!copier.ok) return copier;
    const shared: Shared = {
      gpu: scope.gpu,
      pipelines,
      options,
      columns: columns.value,
      tables: tables.value,
      sampled: sampled.value,
    };
    return ok(new GpuRuntime(shared, scope, ring.value, copier.value));
  }

  get models(): ReadonlyMap<ModelId, LoadedModel> {
    return new Map([...this.#models].map(([id, model]) => [id, model.public]));
  }

  /** Loads a model's weights, compiles its kernels and makes its pages. Refuses what does not fit; keeps nothing when stopped. */
  async load(
    config: ModelConfig,
    options: ModelOptions,
    source: WeightSource,
    stop: Stop = never,
  ): Promise<Result<LoadedModel, LoadFailure>> {
    const { gpu } = this.#shared;
    const checked = checkConfig(config);
    if (!checked.ok) return checked;
    const memory = checkMemory(config, options, this.options, roomOf(gpu));
    if (!memory.ok) return memory;
    const id = this.#nextModel++ as ModelId;
    const scope = new Scope(gpu, `model ${id} ${config.name}`);
    const { largestBinding } = this.options;
    const filled = await Scope.fill(scope, async () => {
      const weights = await loadWeights(scope, config, options.weights, source, largestBinding, stop);
      if (!weights.ok) return weights;
      const program = await buildProgram(this.#shared, scope, config, options, weights.value, stop);
      if (!program.ok) return program;
      const bytes = pageBytes(options.kv, config.kvHeads, config.headDim, this.options.pageSize);
      const copies = this.#copier.add(id, program.value.pages, bytes);
      return copies.ok ? program : copies;
    });
    if (!filled.ok) {
      this.#copier.remove(id);
      return filled;
    }
    const program = filled.value;
    const specs = program.roles.map(({ spec }) => spec);
    const loaded: LoadedModel = {
      id,
      config,
      options,
      memory: memory.value,
      reduction: program.reduction,
      program: program.dispatches.map((dispatch) => nameOf(dispatch)),
      choose: (sizes) => chooseKernels(specs, sizes),
    };
    this.#models.set(id, { public: loaded, scope, program });
    return ok(loaded);
  }

  get openRows(): number {
    return this.#tables ? this.#tables.rows - this.#tables.freeRowCount : 0;
  }

  syncTables(tables: BlockTables): void {
    this.#tables = tables;
    const { queue } = this.#shared.gpu.device;
    tables.drainChanges((row, from, to) => {
      const start = row * tables.width;
      queue.writeBuffer(
        this.#shared.tables,
        (start + from) * 4,
        tables.pages.buffer as ArrayBuffer,
        tables.pages.byteOffset + (start + from) * 4,
        (to - from) * 4,
      );
    });
  }

  copyPages(pairs: ArrayLike<number>): void {
    this.#copier.copy(pairs);
  }

  step(batch: FlatBatch): Result<StepHandle, StepFailure> {
    const started = performance.now();
    const plan = this.#plan(batch);
    if (!plan.ok) return plan;
    const staging = this.#ring.take();
    if (!staging) {
      return err(
        failure(
          'bad-batch',
          `${this.options.inFlight} steps are already in flight.`,
          'Wait for the `sampled` of an earlier step.',
        ),
      );
    }
    const { device } = this.#shared.gpu;
    const { model, dispatches } = plan.value;
    const encoder = device.createCommandEncoder({ label: 'step' });
    const pass = encoder.beginComputePass({ label: 'step' });
    let count = this.#copier.encode(pass);
    for (const planned of dispatches) {
      encodePlanned(pass, planned);
      count += planned.plan.grids.length;
    }
    pass.end();
    if (batch.logitCount > 0)
      encoder.copyBufferToBuffer(model.program.ids, 0, staging, 0, batch.logitCount * 4);
    device.queue.submit([encoder.finish()]);
    this.#last = { model, logits: batch.logitCount };
    const read = this.#ring.read(staging, batch.logitCount);
    const sampled = this.#watch?.over(read) ?? read;
    // whoever awaits it sees the failure; a step that nobody reads must not end the worker
    sampled.catch(() => {});
    return ok({
      step: this.#steps++,
      dispatches: count,
      hostMs: performance.now() - started,
      sampled,
    });
  }

  async capture(
    batch: FlatBatch,
    layer: DispatchName['layer'],
    role: string,
    stop: Stop = never,
  ): Promise<Result<Capture, StepFailure | AllocationFailure>> {
    const plan = this.#plan(batch);
    if (!plan.ok) return plan;
    const { model, dispatches } = plan.value;
    const index = findDispatch(dispatches, layer, role);
    if (!index.ok) return index;
    this.#last = { model, logits: batch.logitCount };
    return captureDispatch(
      this.#shared.gpu,
      (pass) => this.#copier.encode(pass),
      dispatches,
      index.value,
      stop,
    );
  }

  dispatches(batch: FlatBatch): Result<readonly NamedDispatch[], StepFailure> {
    const plan = this.#plan(batch);
    return plan.ok ? ok(plan.value.dispatches.map(namedDispatch)) : plan;
  }

  #plan(batch: FlatBatch): Result<{ model: Resident; dispatches: readonly Planned[] }, StepFailure> {
    const model = this.#models.get(batch.model);
    if (!model) return err(failure('bad-batch', `No model ${batch.model} is loaded.`, 'Load it first.'));
    const { config } = model.public;
    const checked = checkBatch(batch, config, this.options);
    if (!checked.ok) return checked;
    return ok({ model, dispatches: planStep(model.program, config, this.#shared.columns, batch) });
  }

  async readLogits(): Promise<TensorView> {
    assert(this.#last, 'no step has run');
    const { model, logits } = this.#last;
    const { vocab } = model.public.config;
    const pitch = Math.ceil(vocab / 4) * 4;
    const bytes = await readBack(this.#shared.gpu, model.program.logits, Math.max(4, logits * pitch * 4));
    const cells = new Float32Array(bytes);
    const values = new Float32Array(logits * vocab);
    for (let row = 0; row < logits; row++)
      values.set(cells.subarray(row * pitch, row * pitch + vocab), row * vocab);
    return { rows: logits, columns: vocab, values };
  }

  unload(id: ModelId): void {
    this.#copier.remove(id);
    this.#models.get(id)?.scope.dispose();
    this.#models.delete(id);
    if (this.#last && !this.#models.has(this.#last.model.public.id)) this.#last = undefined;
  }

  dispose(): void {
    for (const id of [...this.#models.keys()]) this.unload(id);
    this.#scope.dispose();
  }
}
