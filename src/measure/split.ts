// A step's time by op, estimated: timestamps exist only at pass boundaries, so each op is timed apart, at the step's own
// shapes and on its own buffers, and the parts are set beside the measured whole. What they leave over is shown.

import { median, spread } from '../core/stats.ts';
import { measured } from './samples.ts';

/** All dispatches of one role in a step: every layer's QKV projection, say. */
export interface SplitPart {
  readonly role: string;
  readonly op: string;
  readonly version: string;
  /** How many times the step runs it. */
  readonly count: number;
  /** Milliseconds of all of them, timed apart, one after another. */
  readonly ms: number;
  readonly p10Ms: number;
  readonly p90Ms: number;
  /** Estimated: the part's share of the sum, of the measured whole. */
  readonly estimatedMs: number;
}

export interface StepSplit {
  /** Largest first. */
  readonly parts: readonly SplitPart[];
  /** The parts added up. */
  readonly sumMs: number;
  /** All dispatches of the step in one pass, by the same clock, in turns with the parts. */
  readonly wholeMs: number;
  /** wholeMs − sumMs: below zero, ops overlap or find each other's data in caches; above, they wait for each other. */
  readonly residualMs: number;
  /** Samples of each. */
  readonly n: number;
}

/** What was timed: milliseconds of one dispatch, averaged over the layers, once a turn. */
export interface TimedRole {
  readonly role: string;
  readonly op: string;
  readonly version: string;
  readonly count: number;
  readonly samplesMs: readonly number[];
}

/** The split that the samples make; null when those of a role or of the whole are no measurement. */
export function splitOf(roles: readonly TimedRole[], wholeSamplesMs: readonly number[]): StepSplit | null {
  if (roles.length === 0 || [wholeSamplesMs, ...roles.map((r) => r.samplesMs)].some((s) => !measured(s).ok))
    return null;
  const wholeMs = median(wholeSamplesMs);
  const sumMs = roles.reduce((sum, r) => sum + r.count * median(r.samplesMs), 0);
  const parts = roles.map(({ samplesMs, ...role }): SplitPart => {
    const all = spread(samplesMs.map((ms) => ms * role.count));
    return {
      ...role,
      ms: all.median,
      p10Ms: all.p10,
      p90Ms: all.p90,
      estimatedMs: (all.median / sumMs) * wholeMs,
    };
  });
  return {
    parts: parts.sort((a, b) => b.ms - a.ms),
    sumMs,
    wholeMs,
    residualMs: wholeMs - sumMs,
    n: wholeSamplesMs.length,
  };
}
