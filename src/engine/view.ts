// What a strategy sees: a read-only picture of the engine in typed-array columns, indexed by a request's
// slot. It survives structuredClone, so a plan can be made in another thread from a copy.
// It leaves out what no scheduler can know: where an answer will really end.

import type { PageColumns } from '../cache/ledger.ts';

/** Fixed for a run: the pool, what the model allows, and what the executor computes at once. */
export interface Limits {
  readonly pages: number;
  readonly pageSize: number;
  /** Longest sequence, prompt and output together, in tokens. */
  readonly window: number;
  readonly vocabulary: number;
  /** Absent where a step may hold anything, as it may for an executor that only counts. */
  readonly step?: StepLimits;
}

/** The most that an executor computes in one step (step-limits.ts). */
export interface StepLimits {
  /** Residents at once: each has one row of the block tables, and one row of logits at most. */
  readonly rows: number;
  /** Tokens, padding included. At least the window: whatever is admitted can run whole in a step of its own. */
  readonly tokens: number;
}

/**
 * `parked`: arrived, but not in line before the prompt that it shares is computed. `held`: finished, but its row and pages stay until the plan releases
 * it (a padded static batch).
 */
export const PHASES = ['free', 'waiting', 'running', 'held', 'parked'] as const;
export type Phase = (typeof PHASES)[number];
export const FREE = 0;
export const WAITING = 1;
export const RUNNING = 2;
export const HELD = 3;
export const PARKED = 4;

/** One entry a slot. Slots are reused; `id` tells who has one now. */
export interface RequestColumns {
  readonly id: Uint32Array;
  /** Index into PHASES. */
  readonly phase: Uint8Array;
  /** Seconds. */
  readonly arrival: Float64Array;
  /** Seconds; Infinity when none. */
  readonly deadline: Float64Array;
  readonly priority: Int32Array;
  /** Prompt tokens. */
  readonly prompt: Int32Array;
  /** Prompt and generated tokens, one still being sampled included (lookahead 1). */
  readonly known: Int32Array;
  /** Tokens whose K and V are in pages or scheduled to be; known − computed can be scheduled. */
  readonly computed: Int32Array;
  /** Output tokens still allowed by the declared limit, one being sampled already taken off. */
  readonly remaining: Int32Array;
  /** Estimated output tokens; the declared limit when there is no estimate. */
  readonly predicted: Int32Array;
  /** Block-table row of a resident. */
  readonly row: Int32Array;
  /** Order of admission among residents: larger is later. */
  readonly admitted: Float64Array;
  /** Tokens of a waiting request found in pages: prefix cache or fork. Known for the first `probed`. */
  readonly hitTokens: Int32Array;
  /** Those pages: `hits[hitStart … hitStart + hitPages − 1]`. */
  readonly hitStart: Int32Array;
  readonly hitPages: Int32Array;
}

export interface View {
  readonly step: number;
  /** Seconds of the run's clock at planning. */
  readonly now: number;
  readonly limits: Limits;
  /** Residents that may exist at once. */
  readonly slots: number;
  /** Pages nobody holds, cached ones included. */
  readonly freePages: number;
  /** Slots of those not yet admitted, in the queue's order; preempted ones stand first. */
  readonly waiting: Int32Array;
  /** The front of `waiting` whose cached tokens are known: look no further. */
  readonly probed: number;
  /** Slots of residents in order of admission, held ones included. */
  readonly running: Int32Array;
  readonly requests: RequestColumns;
  readonly pages: PageColumns;
  /** Page ids that the hits of waiting requests point into. */
  readonly hits: Int32Array;
}
