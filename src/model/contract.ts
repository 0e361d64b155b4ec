// What the rest of Lockstep builds on: load models into one page space, run steps, read back, capture. The
// implementation is runtime.ts; the engine's executor and the Model page import these types.

import type { BlockTables } from '../cache/block-tables.ts';
import type { Failure, Result } from '../core/result.ts';
import type { FlatBatch, ModelId } from './batch.ts';
import type { ModelConfig } from './config.ts';
import type { ActivationFormat, KvFormat, WeightFormat } from './formats.ts';
import type { StepSizes } from './kernels.ts';
import type { Numerics } from './numerics.ts';
import type { Stop } from './stopped.ts';

/** Sizes that are fixed for the life of a runtime: every buffer of a step is made from them once. */
export interface RuntimeOptions {
  /** Pages of the one page space that all models share. */
  readonly pages: number;
  /** Tokens a page, one of `pageSizes`. */
  readonly pageSize: number;
  /** Rows of the block tables: sequences that can be resident at once. */
  readonly rows: number;
  /** Longest sequence in tokens, of any model. */
  readonly window: number;
  /** Most tokens in one step. */
  readonly maxTokens: number;
  /** Most logit rows in one step. */
  readonly maxLogits: number;
  /** Sample slots on the GPU. One for each row is enough without drafts. */
  readonly sampleSlots: number;
  /** Steps that may be in flight before the first has been read back. */
  readonly inFlight: number;
  /** Bytes of weights in one binding at most, where that is to be less than the device allows. */
  readonly largestBinding?: number;
}

/** What kernels are chosen for. */
export type AdapterKind = 'gpu' | 'cpu';

export interface ModelOptions {
  readonly weights: WeightFormat;
  readonly kv: KvFormat;
  /** What versions are chosen for. `auto`: by the adapter; a CPU adapter pays for barriers where a GPU pays for idle lanes. */
  readonly kernels: 'auto' | AdapterKind;
  /**
   * Canonical unless asked otherwise: all versions of an op then have one reduction id, and a token's logits depend neither
   * on `kernels` nor on the batch. Whether a device keeps to that is for load-probed.ts to find.
   */
  readonly numerics?: Numerics;
  /**
   * `f32` unless asked otherwise. `i8` rounds the inputs of the layers' matrices; int8 weights then meet them in integers, other weights
   * meet the rounded values in f32 (linear_a8), which shows what the rounding costs and saves nothing. The head keeps f32.
   */
  readonly activations?: ActivationFormat;
}

/** Bytes that a model would take, known before anything is allocated. */
export interface MemoryEstimate {
  readonly weights: number;
  /** K and V of every page of the page space, for this model. */
  readonly kv: number;
  /** Activations of the largest step, and tables of rotations. */
  readonly step: number;
  readonly total: number;
}

/** How many pages a pool has, and what keeps it from having more. */
export interface Pool {
  readonly pages: number;
  readonly limit: 'budget' | 'largest binding' | 'device memory';
}

export type LoadFailure = Failure<
  | 'bad-config'
  | 'unsupported-config'
  | 'bad-checkpoint'
  | 'over-limit'
  | 'over-budget'
  | 'out-of-memory'
  | 'validation'
  | 'shader-error'
  | 'pipeline-error'
  | 'cancelled'
>;

export type StepFailure = Failure<'bad-batch' | 'device-lost' | 'cancelled'>;

/** A step that was submitted. */
export interface StepHandle {
  readonly step: number;
  readonly dispatches: number;
  /** Milliseconds of host time that preparing, encoding and submitting took. */
  readonly hostMs: number;
  /** Sampled ids, one a logit row, once read back. Rejects when they cannot be, as when the device is lost. */
  readonly sampled: Promise<Uint32Array>;
}

/** One dispatch of the model's program: which layer (or before and after them) and which op. */
export interface DispatchName {
  readonly layer: number | 'embed' | 'head';
  /** The op's folder under shaders/. */
  readonly op: string;
  readonly version: string;
  /** What it is for, where an op occurs more than once: `norm`, `norm_mlp`, `qkv`, `out`, `gate_up`, `down`, `logits[0]`. */
  readonly role: string;
}

/** One dispatch of a planned step that encodes itself: a clock of src/gpu/timing.ts can time it. */
export interface NamedDispatch {
  readonly name: DispatchName;
  readonly label: string;
  /** Dims and parameters of this dispatch. */
  readonly dims: Readonly<Record<string, number>>;
  encode(pass: GPUComputePassEncoder): void;
}

/** The real buffers of one dispatch: what went in and what came out. */
export interface Capture {
  readonly name: DispatchName;
  /** The final WGSL, and the values of its overrides. */
  readonly code: string;
  readonly constants: Readonly<Record<string, number>>;
  /** Dims and parameters of this dispatch. */
  readonly dims: Readonly<Record<string, number>>;
  /** One a pass of the kernel. */
  readonly workgroups: readonly (readonly [number, number, number])[];
  readonly uniform: ArrayBuffer;
  /** By binding name: bytes just before and just after the dispatch. Inputs have the same in both. */
  readonly buffers: Readonly<Record<string, { readonly before: ArrayBuffer; readonly after: ArrayBuffer }>>;
}

/** A tensor of the step for looking at: [rows, columns] of f32. */
export interface TensorView {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float32Array;
}

export interface LoadedModel {
  readonly id: ModelId;
  readonly config: ModelConfig;
  readonly options: ModelOptions;
  readonly memory: MemoryEstimate;
  /** Reduction ids that serve it: what pages' contents depend on beside tokens, part of a prefix cache's salt. */
  readonly reduction: string;
  /** The dispatches of a step, in order. Which of several versions runs depends on the batch. */
  readonly program: readonly DispatchName[];
  /** By role, which of its kernels serves a step of these sizes; null where the role does not run. */
  choose(sizes: StepSizes): readonly (number | null)[];
}

export interface Runtime {
  readonly options: RuntimeOptions;
  readonly models: ReadonlyMap<ModelId, LoadedModel>;
  /** Settles with the reason when the device is lost. */
  readonly lost: Promise<string>;
  /** Rows that are open in the block tables sent last: sequences whose pages must not be written over. */
  readonly openRows: number;
  /** Sends what changed in the block tables to the GPU. Call before the step that reads it. */
  syncTables(tables: BlockTables): void;
  /**
   * Copies pages [from, to, from, to, …] of every model, in order, first thing in the next step (copy on write): the next
   * that is submitted, should one be refused before it.
   */
  copyPages(pairs: ArrayLike<number>): void;
  /** One step of one model: one command buffer, one submit. */
  step(batch: FlatBatch): Result<StepHandle, StepFailure>;
  /** Logits of the last submitted step, one row a logit row. Waits for the GPU. */
  readLogits(): Promise<TensorView>;
  /** Runs a step as `step` does and brings back one dispatch's buffers, unless stopped. Slower; for the stepper. */
  capture(
    batch: FlatBatch,
    layer: DispatchName['layer'],
    role: string,
    stop?: Stop,
  ): Promise<Result<Capture, StepFailure | Failure<'over-limit' | 'over-budget'>>>;
  /**
   * The dispatches that a step of this batch would run, in order, its columns already on the GPU: for timing them one
   * by one. Valid until the next step; running them out of order leaves the batch's pages and samples unspecified.
   */
  dispatches(batch: FlatBatch): Result<readonly NamedDispatch[], StepFailure>;
  /** Frees a model. Its pages' bytes are gone; page ids stay the pool's business. */
  unload(id: ModelId): void;
  dispose(): void;
}
