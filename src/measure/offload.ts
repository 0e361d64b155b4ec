// What driving the GPU from a worker buys the page: the report of the same work driven from both threads. Pure data and the
// arithmetic on it; running it is for src/worker/offload.

import { median, quantileSorted, type Spread } from '../core/stats.ts';
import type { DeviceReport } from './schema.ts';

export const offloadSchema = 'lockstep-offload';
export const offloadVersion = 1;

/** One round of work: make inputs and their reference in double precision, drive the GPU, check what it computed. */
export interface DriveWork {
  /** Rows and columns of the square matrices. */
  readonly side: number;
  readonly steps: number;
  /** Dispatches of one step, which is one submit that is waited for. */
  readonly dispatches: number;
}

/** Milliseconds of one round, by what the thread does. */
export interface Round {
  /** JavaScript: inputs, packing, reference, upload. */
  readonly prepareMs: number;
  /** Encoding, submitting and waiting. */
  readonly driveMs: number;
  /** Readback and comparison. */
  readonly checkMs: number;
}

export const roundMs = (r: Round): number => r.prepareMs + r.driveMs + r.checkMs;

/** How smoothly the page ran while something was going on. */
export interface FrameStats {
  readonly frames: number;
  readonly medianMs: number;
  readonly p99Ms: number;
  readonly longestMs: number;
  /** Frames that the display would have shown and the page did not. */
  readonly dropped: number;
  /** Tasks of the main thread over 50 ms, and the longest of them (0 without one), as the browser reports them. */
  readonly longTasks: number;
  readonly longestTaskMs: number;
}

export interface Arm {
  readonly frames: FrameStats;
  readonly rounds: readonly Round[];
  /** Median over the rounds, everything included. */
  readonly dispatchesPerSecond: number;
}

/** Moving one ArrayBuffer to the worker and back. */
export interface Move {
  readonly bytes: number;
  readonly copy: MoveCost;
  readonly transfer: MoveCost;
}

export interface MoveCost {
  readonly roundTripMs: Spread;
  /** How long posting it held the page's thread. */
  readonly heldMs: Spread;
}

export interface OffloadReport {
  readonly schema: typeof offloadSchema;
  readonly version: typeof offloadVersion;
  /** ISO 8601. */
  readonly date: string;
  readonly commit: string | null;
  readonly command: string;
  readonly device: DeviceReport;
  readonly work: DriveWork;
  /** Nothing runs: what the page can do at best here. */
  readonly idle: FrameStats;
  readonly main: Arm;
  readonly worker: Arm;
  /** Milliseconds of a call that does nothing, with the worker idle and while it drives the GPU. */
  readonly call: { readonly idle: Spread; readonly busy: Spread };
  readonly moves: readonly Move[];
  readonly invalid: readonly string[];
}

/**
 * Sums up intervals between frames in milliseconds. `interval` is the display's own (the idle median): an interval of three
 * of those has dropped two frames.
 */
export function frameStats(
  deltas: readonly number[],
  longTasks: readonly number[],
  interval: number | null = null,
): FrameStats {
  const sorted = Float64Array.from(deltas).sort();
  const middle = sorted.length > 0 ? quantileSorted(sorted, 0.5) : 0;
  const own = interval ?? middle;
  return {
    frames: deltas.length,
    medianMs: middle,
    p99Ms: sorted.length > 0 ? quantileSorted(sorted, 0.99) : 0,
    longestMs: sorted.at(-1) ?? 0,
    dropped: own > 0 ? deltas.reduce((sum, d) => sum + Math.max(0, Math.round(d / own) - 1), 0) : 0,
    longTasks: longTasks.length,
    longestTaskMs: Math.max(0, ...longTasks),
  };
}

/** Why frames say little here, or null: a page that stutters with nothing running is held up by something else. */
export function busyMachine(idle: FrameStats): string | null {
  const shown = idle.frames + idle.dropped;
  if (idle.dropped <= 0.05 * shown && idle.longTasks === 0) return null;
  return `something else keeps this machine busy: with nothing running the page dropped ${idle.dropped} of ${shown} frames`;
}

export function armOf(work: DriveWork, frames: FrameStats, rounds: readonly Round[]): Arm {
  const each = work.steps * work.dispatches;
  return { frames, rounds, dispatchesPerSecond: (1000 * each) / median(rounds.map(roundMs)) };
}
