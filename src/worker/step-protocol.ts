// What the Step page and the stepper's worker say to each other: types, and one number. The worker holds one dispatch and
// the recording of one of its workgroups; the page holds the columns of the steps, so that moving the cursor
// and searching cost no message, and asks for the memory, watches and accesses at a time.

import type { Failure, Result } from '../core/result.ts';
import type {
  AccessColumns,
  BindingInfo,
  BufferInput,
  Caption,
  Counters,
  Diagnostic,
  Finding,
  LineCounters,
  Mark,
  Order,
  Provenance,
  StatementInfo,
  StepColumns,
  SubgroupSize,
  TimelineState,
  VariableInfo,
  Watch,
  WorkgroupVarInfo,
} from '../stepper/index.ts';

/** One dispatch to step through, and the dispatches before it that make its buffers. */
export interface StepLaunch {
  readonly source: string;
  readonly constants: Readonly<Record<string, number>>;
  readonly passes: readonly {
    readonly entry: string;
    readonly workgroups: readonly [number, number, number];
  }[];
  /** Index of the pass in view. */
  readonly pass: number;
  readonly buffers: readonly BufferInput[];
  readonly subgroupSize: SubgroupSize;
  readonly order: Order;
  /** The workgroup in view, x fastest. */
  readonly workgroup: number;
}

/** A dispatch of a running model as it was captured: opened with its real buffers. */
export interface CapturedDispatch {
  readonly name: {
    readonly op: string;
    readonly version: string;
    readonly role: string;
    readonly layer: number | string;
  };
  readonly code: string;
  readonly dims: Readonly<Record<string, number>>;
  readonly params: Readonly<Record<string, number>>;
  readonly workgroups: readonly (readonly [number, number, number])[];
  readonly uniform: ArrayBuffer;
  readonly buffers: Readonly<Record<string, { readonly before: ArrayBuffer; readonly after: ArrayBuffer }>>;
}

export type StepFailure = Failure & {
  /** What the front end says, when the source does not compile. */
  readonly diagnostics?: readonly Diagnostic[];
};

/** Everything about a recorded workgroup that does not depend on the cursor. */
export interface Opened {
  readonly entryPoint: string;
  readonly workgroupSize: readonly [number, number, number];
  readonly subgroupSize: SubgroupSize;
  readonly workgroups: readonly [number, number, number];
  readonly workgroup: number;
  readonly statements: readonly StatementInfo[];
  readonly bindings: readonly BindingInfo[];
  readonly workgroupVars: readonly WorkgroupVarInfo[];
  readonly warnings: readonly Diagnostic[];
  /** Steps recorded; the end of the axis. */
  readonly length: number;
  readonly steps: StepColumns;
  readonly marks: readonly Mark[];
  /** Findings, counters by line and totals of this workgroup alone. */
  readonly findings: readonly Finding[];
  readonly lines: readonly LineCounters[];
  readonly totals: Counters;
  /** The first step that touches storage or workgroup memory; the length when none does. */
  readonly firstAccess: number;
  /** By memory (0 the workgroup's, 1 + i binding i): the step that first writes each 4-byte word, or NEVER. */
  readonly firstWrites: readonly Int32Array[];
  /** More happened than a recording keeps. */
  readonly truncated: boolean;
  /** Why the recording stops before the workgroup's end. */
  readonly cut: string | null;
  /** Milliseconds of compiling and of recording. */
  readonly compileMs: number;
  readonly recordMs: number;
}

/** A step that does not come: larger than any. */
export const NEVER = 0x7fffffff;

export interface FrameRequest {
  readonly time: number;
  /** Memories whose bytes are wanted. */
  readonly memories: readonly number[];
  /** Steps before the shown one whose accesses are wanted. */
  readonly trail: number;
  readonly watches: readonly string[];
}

export interface WatchAnswer {
  readonly expression: string;
  readonly answer: Result<Watch>;
  /** The values one statement earlier; null at the start, or where it meant nothing then. */
  readonly before: Float64Array | null;
}

/** What stands at a time. */
export interface Frame {
  readonly time: number;
  readonly state: TimelineState;
  readonly caption: Caption | null;
  /** Names that can be watched where the shown step stands. */
  readonly variables: readonly VariableInfo[];
  /** Accesses of the shown step and of the trail's, with their steps. */
  readonly accesses: AccessColumns;
  readonly accessSteps: Int32Array;
  readonly memories: ReadonlyMap<number, Uint8Array>;
  readonly watches: readonly WatchAnswer[];
}

/** The whole dispatch: what it found, counted and made. */
export interface Whole {
  readonly findings: readonly Finding[];
  readonly lines: readonly LineCounters[];
  readonly totals: Counters;
  readonly workgroups: number;
  readonly laneStatements: number;
  /** Storage buffers that the kernel writes, after all workgroups. */
  readonly outputs: readonly BufferInput[];
  /** Names of the bindings, in the order of `reads`. */
  readonly bindingNames: readonly string[];
  /** By binding index: how often each 4-byte cell was read, over all workgroups. */
  readonly reads: readonly Uint32Array[];
  readonly ms: number;
}

export interface Touching {
  readonly steps: Int32Array;
  readonly accesses: AccessColumns;
}

export interface BreakpointSpec {
  readonly line?: number;
  readonly condition?: string;
  readonly lane?: number;
  readonly access?: { readonly memory: number; readonly byte: number };
  readonly nan?: boolean;
}

export interface StepWorkerApi {
  /** Compiles and records; what was open before is gone. */
  open(launch: StepLaunch): Promise<Result<Opened, StepFailure>>;
  frame(request: FrameRequest): Promise<Frame | null>;
  /** Runs all workgroups with every check. Gives null when something else was opened meanwhile. */
  whole(): Promise<Whole | null>;
  /** As `whole`, of every pass of another launch, without opening it: for comparing. */
  measure(launch: StepLaunch): Promise<Result<readonly Whole[], StepFailure>>;
  /** Every access of a kind to a byte of a memory in the recording. */
  touching(memory: number, byte: number, mode: 'read' | 'write' | 'atomic'): Promise<Touching | null>;
  /** The first `most` steps that touch a memory at or after a byte of it. */
  stepsOf(memory: number, from: number, most: number): Promise<readonly number[] | null>;
  /** What the value of a cell is made from at a time. */
  provenance(memory: number, byte: number, time: number): Promise<Result<Provenance> | null>;
  /** The steps at which a breakpoint stops. */
  stops(breakpoint: BreakpointSpec): Promise<Result<Int32Array> | null>;
  /** What the front end says about a source; `entry` when it has several entry points. */
  diagnose(
    source: string,
    constants: Readonly<Record<string, number>>,
    entry: string | null,
  ): Promise<readonly Diagnostic[]>;
}
