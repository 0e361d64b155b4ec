// What a recording of one workgroup is made of: steps, accesses, states, watches, provenance. Plain data, as api.ts.

import type { MemoryRef, SourceSpan, StatementInfo, TypeInfo } from './api.ts';

/** Steps of one workgroup, a column each, indexed by step. Step k is what happens between times k and k + 1. */
export interface StepColumns {
  /** Which subgroup executed. */
  readonly subgroup: Uint8Array;
  /** Which statement (StatementInfo.id). */
  readonly statement: Int32Array;
  /** Active lanes of the subgroup: lane i is bit i % 32 of `low` (i < 32) or `high`. */
  readonly low: Uint32Array;
  readonly high: Uint32Array;
  /** Calls around the statement: 0 in the entry point. */
  readonly depth: Uint8Array;
}

/** A thing on the time axis. `step` is the step in which it happened. */
export interface Mark {
  readonly step: number;
  readonly kind:
    | 'barrier'
    | 'race'
    | 'out-of-bounds'
    | 'divergent-barrier'
    | 'uninitialized-read'
    | 'nan'
    | 'runaway';
  /** Of findings: which of Timeline.findings. */
  readonly finding?: number;
}

/** Memory accesses of one step, a row a lane, in the order in which they happened. */
export interface AccessColumns {
  /** 0 is the workgroup's memory, 1 + i is Kernel.bindings[i]. */
  readonly memory: Uint8Array;
  /** 0 read, 1 write, 2 atomic. */
  readonly mode: Uint8Array;
  /** Local invocation index. */
  readonly lane: Uint16Array;
  readonly byte: Int32Array;
  readonly bytes: Uint16Array;
  /** Where in the source: start and end offsets. */
  readonly start: Int32Array;
  readonly end: Int32Array;
}

export type LaneState = 'active' | 'masked' | 'barrier' | 'done';
/** LaneState by its number in TimelineState.lanes. */
export const LANE_STATES: readonly LaneState[] = ['active', 'masked', 'barrier', 'done'];

/** Where one subgroup stands. */
export interface SubgroupState {
  readonly index: number;
  readonly status: 'ready' | 'barrier' | 'done';
  /** The statement that it executes next; absent when it is done. */
  readonly statement?: number;
  readonly span?: SourceSpan;
  /** Functions entered, outermost first: the entry point, then callees. */
  readonly functionName?: string;
  /** Active lanes, as lane numbers within the subgroup, ascending. */
  readonly active: readonly number[];
  /** The barrier it waits at. */
  readonly barrier?: SourceSpan;
}

export interface TimelineState {
  readonly time: number;
  readonly subgroups: readonly SubgroupState[];
  /** By local invocation index: index into LANE_STATES. */
  readonly lanes: Uint8Array;
  /** Barriers opened so far. */
  readonly phase: number;
}

/** A variable or expression across the lanes of the workgroup. */
export interface Watch {
  readonly expression: string;
  readonly type: TypeInfo;
  /** Scalars of a lane, `components` a lane, lane-major; bool as 0 and 1. */
  readonly values: Float64Array;
  readonly components: number;
  /** By lane: 1 where the value is meaningful now (in scope, the lane active or waiting). */
  readonly valid: Uint8Array;
}

/** A name in scope at a statement. */
export interface VariableInfo {
  readonly name: string;
  readonly declared: 'const' | 'override' | 'let' | 'var' | 'parameter';
  readonly type: TypeInfo;
  /** Where a var lives; lets, parameters and locals are in registers. */
  readonly space: 'register' | 'private' | 'workgroup' | 'storage' | 'uniform';
}

/** What fed one cell. */
export interface Provenance {
  /** The step and the lane of the write that the answer is about: the last one before the time asked for, or the first
   * one after it. Absent when the workgroup never writes the cell. */
  readonly writtenAt?: { readonly step: number; readonly lane: number };
  /** First and last time at which this is the answer: until the cell's next write has happened. */
  readonly holds: readonly [number, number];
  /** All loads that the value depends on, through registers and workgroup memory, in time order. */
  readonly loads: AccessColumns;
  /** The step of each load. */
  readonly steps: Int32Array;
}

/** What a step did, for a caption. `sentence` says it in English; the rest says it in numbers. */
export interface Caption {
  readonly sentence: string;
  readonly subgroup: number;
  readonly line: number;
  readonly kind: StatementInfo['kind'];
  readonly active: number;
  readonly lanes: number;
  readonly accesses: readonly {
    readonly memory: MemoryRef;
    readonly name: string;
    readonly mode: 'read' | 'write' | 'atomic';
    readonly lanes: number;
    readonly bytes: number;
    /** Bound buffers: distinct sectors and lines. */
    readonly sectors: number;
    readonly lines: number;
    /** Workgroup memory: the most words of one bank that lanes served together ask for (analysis/banks.ts). */
    readonly bankWays: number;
  }[];
}
