// What the page and the worker say about serving: types only, beside worker/protocol.ts.

import type { KnobValue } from '../../core/knobs.ts';
import type { CostModel } from '../../engine/cost-model.ts';
import type { Fit, MeasuredStep } from '../../engine/fit.ts';
import type { Refused } from '../../engine/noted-arrivals.ts';
import type { Identical } from '../../engine/outputs.ts';
import type { Request } from '../../engine/request.ts';
import type { RunFile, RunHeader } from '../../engine/run-file.ts';
import type { TraceBlock } from '../../engine/trace.ts';
import type { Limits } from '../../engine/view.ts';
import type { Comparison } from '../../measure/rank.ts';
import type { DeviceReport } from '../../measure/schema.ts';
import type { ModelConfig } from '../../model/config.ts';
import type { Capture, DispatchName, ModelOptions } from '../../model/contract.ts';
import type { ClosedLoop } from '../../workloads/contract.ts';
import type { Lag } from './gpu-executor.ts';

interface ServedShape {
  readonly config: ModelConfig;
  readonly options: ModelOptions;
}

/** A shape with weights from a seed: any size, no download, and noise for text. */
export interface SeededModel extends ServedShape {
  readonly seed: number;
}

/** A trained model in the box, by name; `config` is its own. */
export interface TrainedModel extends ServedShape {
  readonly builtIn: string;
}

export type ServedModel = SeededModel | TrainedModel;

/** One strategy in a comparison. */
export interface ServeContender {
  readonly label: string;
  /** Id of a strategy or of one of its presets. */
  readonly strategy: string;
  readonly knobs: Readonly<Record<string, KnobValue>>;
  /** Plants a difference, to test comparing itself: 0.05 makes each step last 5 % longer. */
  readonly slowdown?: number;
}

export interface ServeRequest {
  readonly model: ServedModel;
  readonly limits: Limits;
  readonly contenders: readonly ServeContender[];
  /** The same arrivals for all, in order; with `closed`, clients send the next when one is answered. */
  readonly requests: readonly Request[];
  readonly closed?: ClosedLoop;
  /** What they were made from, for the run files' header. */
  readonly workload: { readonly id: string; readonly knobs: Readonly<Record<string, unknown>> };
  readonly lookahead: 0 | 1;
  /** Contenders take turns this many times, in alternating order. Fewer than six rank nothing; eight are usual (turns.ts). */
  readonly repeats: number;
  /**
   * Serves as many of the first requests as let the whole comparison last about this long on this device, warm-up
   * included (eight at least), instead of all.
   */
  readonly seconds?: number;
  /** After so many seconds no third or later turn is begun: somebody waits for a first answer. */
  readonly longest?: number;
  /** After `repeats` goes on until every interval against the first reaches no further than ±`width`, `seconds` at most. */
  readonly precision?: { readonly width: number; readonly seconds: number };
  readonly seed: number;
  /** Lets the device lower its clock where it waits; else it is kept busy there (src/gpu/awake.ts). */
  readonly letIdle?: boolean;
  /** Written into each run file's header. */
  readonly commit?: string;
  /** Sends `live` events while runs go on; each waits until the one before was answered with `taken`. */
  readonly live?: boolean;
}

/** One finished (or interrupted) run of one contender. */
export interface ServedRun {
  readonly contender: number;
  readonly repeat: number;
  readonly file: RunFile;
  /** Seconds from the first arrival to the end of the last step, and output tokens of completed requests. */
  readonly wall: number;
  readonly tokens: number;
  /** Requests that the engine would not take: too long for the model or the pool. */
  readonly refused: Refused;
  /** The harness's own lateness. */
  readonly lag: Lag;
  /** Host seconds a step: encoding and submitting, and everything between a step's end and the next one's start. */
  readonly encode: { readonly mean: number; readonly p90: number };
  readonly between: { readonly mean: number; readonly p90: number };
}

export type ServeEvent =
  | {
      readonly type: 'progress';
      readonly done: number;
      readonly total: number;
      readonly secondsLeft: number | null;
      readonly what: string;
    }
  | { readonly type: 'run'; readonly run: ServedRun }
  | LiveBlock;

/** What a running run did since its last such event. All of a run's blocks, appended in order, are its trace. */
export interface LiveBlock {
  readonly type: 'live';
  readonly contender: number;
  readonly repeat: number | 'warm-up';
  /** With the first block of a run. */
  readonly header?: RunHeader;
  readonly block: TraceBlock;
  readonly ended: boolean;
}

export interface ServeReport {
  readonly device: DeviceReport;
  readonly runs: readonly ServedRun[];
  /** How many of the requests each run served; fewer than were given when there was a time to keep to. */
  readonly requests: number;
  /** Seconds a token of each contender against the first's, turn by turn: 'faster' is faster than the first. Null for the first. */
  readonly versus: readonly (Comparison | null)[];
  /** Why the runs' headers do not say what bounds them, although it was asked for. */
  readonly noBound?: string;
  /** `same`: every request got the same tokens in every complete run, and so far as it came in the others. */
  readonly identical: Identical;
  /** Why the comparison is not to be trusted; each run's header has it too. */
  readonly invalid: readonly string[];
}

/** How many pages a KV budget buys on this device; limits know pages alone, so that a run file means the same everywhere. */
export interface PoolRequest {
  readonly model: ServedModel;
  readonly limits: Omit<Limits, 'pages'>;
  readonly bytes: number;
}

export interface CalibrateRequest {
  readonly model: ServedModel;
  readonly limits: Limits;
  /** Written into the coefficients' provenance. */
  readonly command: string;
  /**
   * When somebody asked for it, in seconds since 1970: what opening the device and loading the model took is no more time to measure in.
   * Without it calibration has all its time when the model is loaded.
   */
  readonly asked?: number;
  /** Requests whose saturated rate is wanted, served all at once; without them a built-in mix. */
  readonly requests?: readonly Request[];
  /** As in `ServeRequest`. */
  readonly letIdle?: boolean;
}

export interface Calibration {
  readonly device: DeviceReport;
  readonly cost: CostModel;
  readonly steps: readonly MeasuredStep[];
  /** Relative errors of kinds of steps that the fit had not seen. */
  readonly residuals: Fit['residuals'];
  /** Relative errors of the steps of the saturated run, none of which was fitted. */
  readonly served: Fit['residuals'];
  /**
   * What this device serves when unified batching never waits for a request, measured: what relative rates refer to. For
   * other requests than these, `saturatedRate` (src/engine/saturation.ts) says it from `cost`.
   */
  readonly capacity: { readonly requests: number; readonly tokens: number };
  /** Seconds that calibrating took. */
  readonly took: number;
}

/** One step of a recorded run, to be computed again on this device. */
export interface InspectRequest {
  readonly model: ServedModel;
  readonly file: RunFile;
  /** Counted from 0. */
  readonly step: number;
  /** The dispatch whose buffers are wanted; left out, only the list. */
  readonly dispatch?: { readonly layer: DispatchName['layer']; readonly role: string };
}

export interface Inspection {
  readonly device: DeviceReport;
  /** What the step dispatches, in order. */
  readonly dispatches: readonly {
    readonly name: DispatchName;
    readonly dims: Readonly<Record<string, number>>;
  }[];
  /** Sampled ids of the step that could be compared with the recorded ones, and how many were the same. */
  readonly compared: number;
  readonly same: number;
  readonly capture: Capture | null;
}
