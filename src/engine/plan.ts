// A plan: what runs in the next step. Plain typed arrays of slots (view.ts), so that it can cross a thread.
// The engine checks it (check.ts) and applies it in this order: release, preempt, admit, rows. Only the
// engine takes and gives back pages.

import type { View } from './view.ts';

export interface Plan {
  /** Held slots to let go: [slot, …]. */
  readonly release: Int32Array;
  /** Residents to send back to `waiting`, all pages given back: [slot, …]. The last stands first. */
  readonly preempt: Int32Array;
  /**
   * Waiting requests to make resident: [slot, cached, reserve] each. `cached`: tokens to take from pages
   * found (the whole of hitTokens, or fewer in whole pages, or 0). `reserve`: tokens to take pages for at
   * once; 0 takes pages as tokens come. Each needs a row below.
   */
  readonly admit: Int32Array;
  /**
   * The step's rows in order: [slot, tokens, padding] each. `tokens` of known − computed are computed;
   * `padding` tokens are computed and thrown away. A held slot has padding only.
   */
  readonly rows: Int32Array;
  /** Why requests are not in this step: [slot, reason code] each (reason.ts). */
  readonly waits: Int32Array;
  /** Reason code of every waiting request that `waits` does not name. */
  readonly rest: number;
  /** Plan again at this second even if nothing happens before; Infinity when only an event matters. */
  readonly wakeAt: number;
}

export const ADMIT_STRIDE = 3;
export const ROW_STRIDE = 3;
export const WAIT_STRIDE = 2;

/** The order in which `waiting` stands. Equal keys stand by arrival, then by id. */
export const QUEUE_ORDERS = {
  fcfs: 'first come, first served',
  priority: 'smaller priority first',
  'shortest-input': 'shortest prompt first',
  'longest-input': 'longest prompt first',
  'shortest-output': 'shortest predicted output first',
  'longest-output': 'longest predicted output first',
  deadline: 'earliest deadline first',
} as const;
export type QueueOrder = keyof typeof QUEUE_ORDERS;

/** What a strategy asks of the engine for the whole run. */
export interface Settings {
  /** Residents at once. */
  readonly slots: number;
  readonly order: QueueOrder;
  /** Share full pages of equal content. */
  readonly prefixCache: boolean;
  /** Finished requests stay resident until a plan releases them. */
  readonly holdFinished: boolean;
}

/** One strategy with its knobs set, ready to plan. `plan` is a function of its arguments alone. */
export interface Planner<State = unknown> {
  readonly settings: Settings;
  /** Plain data: it crosses threads with the view. */
  readonly start: State;
  plan(view: View, state: State): { readonly plan: Plan; readonly state: State };
}
