// The seam between the engine and whatever computes a step: the GPU, a cost model on a virtual clock, or a
// recorded run. The engine hands over a flat batch by rows; the executor answers with times and tokens.

import type { BlockTables } from '../cache/block-tables.ts';
import type { Failure, Result } from '../core/result.ts';
import type { Sampling } from './request.ts';

/**
 * One step's work, by row. Row i computes positions start[i] … start[i] + count[i] − 1 of its sequence,
 * whose token ids are tokens[offset[i] …], except that a row with `fed[i]` = 1 has one token, which is the
 * sample number feed[i] of the step before, still on its way back. Position p lies in page
 * tables.pages[table[i] · width + p / pageSize] at offset p mod pageSize. The arrays belong to the engine and
 * are valid until the next-but-one batch; only the first `rows` (or `tokenCount`) entries mean anything.
 */
export interface StepBatch {
  readonly step: number;
  readonly rows: number;
  /** Request id. */
  readonly id: Uint32Array;
  /** Block-table row. */
  readonly table: Int32Array;
  readonly start: Int32Array;
  readonly count: Int32Array;
  /** Tokens computed and thrown away with this row; nothing of them may reach a page of a request. */
  readonly padding: Int32Array;
  /** Tokens to sample from this row: 0 for an unfinished chunk, else 1 (k + 1 once drafts are verified). */
  readonly samples: Int32Array;
  readonly fed: Uint8Array;
  readonly feed: Int32Array;
  readonly offset: Int32Array;
  readonly tokens: Int32Array;
  readonly tokenCount: number;
  /** Sum of `samples`: the length of the answer's `tokens`. */
  readonly sampleCount: number;
  readonly paddingCount: number;
  /** Σ over computed tokens, padding too, of the positions each attends to, itself included. */
  readonly attended: number;
  /** Pages to copy before anything is written: pairs [from, to, …]. */
  readonly copies: Int32Array;
  readonly tables: BlockTables;
  readonly pageSize: number;
  /** Sampling of each row, by row index; entries past `rows` are left over. */
  readonly sampling: readonly Sampling[];
}

/** Times in seconds of the run's clock. */
export interface StepDone {
  readonly start: number;
  readonly end: number;
  /** Sampled token ids: those of row 0, then row 1, … */
  readonly tokens: Int32Array;
  /** Seconds of host work and of waiting for the readback within the step, where the executor knows. */
  readonly host?: number;
  readonly readback?: number;
}

/**
 * `step-failed`: nothing that the step computed counts, and the step may be planned again. Its `copies` are the exception: the
 * block tables name the copied pages already and no later batch repeats them, so the executor that failed
 * before it made them makes them before whatever it runs next. `lost`: the run is over.
 */
export type ExecutorFailure = Failure<'step-failed' | 'lost'>;
export type StepResult = Result<StepDone, ExecutorFailure>;

export const CLOCKS = ['virtual', 'wall', 'replay'] as const;
export type Clock = (typeof CLOCKS)[number];

export interface Executor {
  readonly clock: Clock;
  /**
   * Starts a step, no earlier than `earliest` seconds. A cheap executor answers at once; one that must
   * wait answers with a promise, and may be given the next batch before that promise settles (lookahead 1).
   */
  execute(batch: StepBatch, earliest: number): StepResult | Promise<StepResult>;
  /** The run's clock, for an executor with a clock of its own; else the end of what was answered last. */
  now?(): number;
  /** Nothing to run until `time`: returns the time then, which a wall clock reaches by waiting. */
  idle(time: number): number | Promise<number>;
}
