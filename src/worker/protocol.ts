// What the page and the GPU worker say to each other: types only. Comlink carries control; rows and
// progress come as events on a MessagePort. Expected failures are Result values; a dead worker rejects
// every pending call (client.ts). An abort is checked between submits.

import type { Failure, Result } from '../core/result.ts';
import type { OpenOptions } from '../gpu/device.ts';
import type { Dims, Dtype } from '../kernels/op.ts';
import type { ParamValues } from '../kernels/specialize.ts';
import type { ModelFile, ModelRow } from '../measure/model.ts';
import type { DriveWork, Round } from '../measure/offload.ts';
import type { QualityFile, QualityRow } from '../measure/quality.ts';
import type { Ceilings, DeviceReport, ResultFile, ResultRow } from '../measure/schema.ts';
import type { StepSplit } from '../measure/split.ts';
import type { Capture, Pool } from '../model/contract.ts';
import type { ProbeReport } from '../model/probe-report.ts';

import type { ModelBenchRequest } from './bench/model.ts';
import type { QualityRequest } from './bench/quality.ts';
import type {
  Candidates,
  GenerateCapture,
  GenerateEstimate,
  GenerateEvent,
  GenerateLoaded,
  GenerateModel,
  GenerateRan,
  GenerateRun,
  SplitEvent,
} from './generate/protocol.ts';
import type {
  CalibrateRequest,
  Calibration,
  Inspection,
  InspectRequest,
  PoolRequest,
  ServeEvent,
  ServeReport,
  ServeRequest,
} from './serving/protocol.ts';

export type Want = OpenOptions['want'];

export interface BenchItem {
  readonly op: string;
  /** Ids of versions; empty means all that are meant for the shape. */
  readonly versions: readonly string[];
  readonly shapes: Readonly<Record<string, Dims>>;
  readonly dtypes: readonly Dtype[];
}

export interface BenchRequest {
  readonly items: readonly BenchItem[];
  /** `quick`: fewer samples. */
  readonly effort: 'quick' | 'full';
  /** `stored`: use winners found earlier; `search`: search now and keep the winner. */
  readonly tuning: 'off' | 'stored' | 'search';
  /** Winners known before, by tuning key (measure/tuning.ts). */
  readonly tuned: Readonly<Record<string, ParamValues>>;
  /** Who takes turns: the versions of an op (unless told), or all ops of one shape's name, whose samples then go in pairs. */
  readonly turns?: 'op' | 'shape';
  /** Sources that are not shipped: each takes part in every item of its op. */
  readonly custom?: readonly CustomVersion[];
  /** What repeats this run; written into the result. */
  readonly command: string;
}

/** A source from the editor or from a file, checked and timed beside the shipped versions of an op. */
export interface CustomVersion {
  readonly op: string;
  readonly id: string;
  readonly source: string;
}

/** One dispatch with the bytes of every binding, for checking the stepper against the GPU. */
export interface RawDispatch {
  readonly label: string;
  readonly code: string;
  readonly constants: Readonly<Record<string, number>>;
  readonly passes: readonly {
    readonly entry: string;
    readonly workgroups: readonly [number, number, number];
  }[];
  readonly bindings: readonly {
    readonly group: number;
    readonly binding: number;
    readonly name: string;
    readonly access: 'uniform' | 'read' | 'read_write';
    /** A multiple of 4 bytes. */
    readonly bytes: Uint8Array;
  }[];
}

/** Bytes of the writable bindings after a raw dispatch, by name. */
export type RawOutputs = Readonly<Record<string, Uint8Array>>;

export interface BenchProgress {
  readonly type: 'progress';
  /** Steps finished and planned. */
  readonly done: number;
  readonly total: number;
  /** Seconds left, estimated from this run; null while unknown. */
  readonly secondsLeft: number | null;
  /** What runs now, for a person: `matmul 03_register_4x4 at 512 f32: 9 of 20 samples`. */
  readonly what: string;
  /** The version that runs, while one does. */
  readonly running?: RunningVersion;
}

/** One version at one shape, and what is done with it: `9 of 20 samples`. */
export interface RunningVersion {
  readonly op: string;
  readonly version: string;
  readonly shape: string;
  readonly dtype: string;
  readonly doing: string;
}

/** Events of a running benchmark, in order. Rows may come again with more samples: the last one counts. */
export type BenchEvent =
  | BenchProgress
  | { readonly type: 'device'; readonly device: DeviceReport }
  | { readonly type: 'ceilings'; readonly ceilings: Ceilings }
  | { readonly type: 'row'; readonly row: ResultRow }
  | {
      readonly type: 'tuned';
      readonly key: string;
      readonly params: ParamValues;
      readonly overDefault: number;
    };

export type ModelBenchEvent = BenchProgress | { readonly type: 'model-row'; readonly row: ModelRow };

export type QualityEvent = BenchProgress | { readonly type: 'quality-row'; readonly row: QualityRow };

export type WorkerFailureCode =
  | 'insecure-origin'
  | 'no-webgpu'
  | 'no-adapter'
  | 'device-refused'
  | 'device-lost'
  | 'refused'
  | 'bad-request'
  | 'busy'
  | 'cancelled'
  | 'internal';
export type WorkerFailure = Failure<WorkerFailureCode>;

/** What the worker tells unasked, on the port given to `connect`. */
export type WorkerNotice =
  | { readonly type: 'device-lost'; readonly reason: string; readonly recovered: boolean }
  | { readonly type: 'live-bytes'; readonly bytes: number };

declare const event: unique symbol;
/** A port on which a call sends `E` while it runs, and at last a `null`. */
export type EventPort<E> = MessagePort & { readonly [event]?: E };

export interface GpuWorkerApi {
  /** Opens (or returns) the device. May be called again after a loss. */
  open(want: Want): Promise<Result<DeviceReport, WorkerFailure>>;
  /** Where notices go. Answers once the worker holds the lock named as itself, which tells the page that it lives. */
  connect(notices: MessagePort): Promise<void>;
  /**
   * Runs a benchmark; events arrive on `events` (transferred). Ends with the whole result, also when
   * cancelled or cut short: what was measured is kept and `invalid` says why it stopped.
   */
  bench(request: BenchRequest, events: EventPort<BenchEvent>): Promise<Result<ResultFile, WorkerFailure>>;
  /** Times whole steps of models; rows come as they are finished. */
  model(
    request: ModelBenchRequest,
    events: EventPort<ModelBenchEvent>,
  ): Promise<Result<ModelFile, WorkerFailure>>;
  /** Scores ways of storing a trained model on held-out text; rows come as they are finished. */
  quality(
    request: QualityRequest,
    events: EventPort<QualityEvent>,
  ): Promise<Result<QualityFile, WorkerFailure>>;
  /** Serves the same requests under several strategies, taking turns; what was measured is kept when it is cut short. */
  serve(request: ServeRequest, events: EventPort<ServeEvent>): Promise<Result<ServeReport, WorkerFailure>>;
  /** How many pages a KV budget buys for a model on this device; allocates nothing, and frees what served before. */
  pool(request: PoolRequest): Promise<Result<Pool, WorkerFailure>>;
  /** Computes one step of a recorded run again, for its dispatches and their real buffers. */
  inspectStep(request: InspectRequest): Promise<Result<Inspection, WorkerFailure>>;
  /** Fits the virtual clock's cost model to steps measured on this device. */
  calibrate(
    request: CalibrateRequest,
    events: EventPort<ServeEvent>,
  ): Promise<Result<Calibration, WorkerFailure>>;
  /** What a model would take; allocates nothing, and answers while something else runs. */
  estimate(model: GenerateModel): Promise<Result<GenerateEstimate, WorkerFailure>>;
  /** Loads the one model that generates, in place of what was loaded before. */
  load(
    model: GenerateModel,
    events: EventPort<GenerateEvent>,
  ): Promise<Result<GenerateLoaded, WorkerFailure>>;
  /** Runs steps of a generation, from a new prompt or from where it stands; `cancel` pauses it. */
  generate(
    request: GenerateRun,
    events: EventPort<GenerateEvent>,
  ): Promise<Result<GenerateRan, WorkerFailure>>;
  /** One dispatch of the generation's last step, with its real buffers. */
  capture(wanted: GenerateCapture): Promise<Result<Capture, WorkerFailure>>;
  /** The likeliest tokens of an answer's logits in the last step; null when the step gave it none. */
  candidates(answer: number): Promise<Result<Candidates | null, WorkerFailure>>;
  /** The last step's time on the device by op, estimated; `cancel` keeps the turns that every op has had. */
  split(of: 'last step', events: EventPort<SplitEvent>): Promise<Result<StepSplit, WorkerFailure>>;
  /** Whether a token's logits are the same bits whatever the batch, on this device. Ends the generation; `cancel` ends it. */
  probe(): Promise<Result<ProbeReport, WorkerFailure>>;
  /** Frees the model that generates. */
  unload(): Promise<Result<true, WorkerFailure>>;
  /** Runs one dispatch once; what the browser refuses (a source that does not compile, say) is a failure. */
  runOnce(request: RawDispatch): Promise<Result<RawOutputs, WorkerFailure>>;
  /** Stops what runs after the current submit. */
  cancel(): void;
  /** The page saw what spoils a measurement (it was hidden, say): the running result is marked with it. */
  markInvalid(reason: string): void;
  /** The round trip of a call: returns its argument. */
  echo<T>(value: T): T;
  /** As echo, for a buffer that is transferred there and back instead of copied. */
  bounce(buffer: ArrayBuffer): ArrayBuffer;
  /** One round of the work that offload/run.ts drives from both threads. */
  drive(work: DriveWork): Promise<Result<Round, WorkerFailure>>;
  /** For tests and the notice page: loses the device on purpose. */
  loseDevice(): void;
  /** For tests: the worker ends without a word, as one that the browser kills. */
  vanish(): void;
}
