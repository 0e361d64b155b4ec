// What the measured steps of a generation say: time to the first token, time of a decode, the host's part. Pure.

import { spread } from '../../core/stats.ts';

/** A finished step, as the worker tells it. */
export interface TimedStep {
  readonly phase: 'prefill' | 'decode';
  readonly start: number;
  readonly count: number;
  /** Sampled ids by answer; null where there is none. */
  readonly tokens: readonly (number | null)[];
  readonly ms: number;
  readonly hostMs: number;
  readonly pace: 'await' | 'flow';
  readonly dispatches: number;
}

export interface TimesSummary {
  /** Milliseconds of the steps that computed the prompt: the last of them gives the first token. */
  readonly firstTokenMs: number | null;
  readonly promptTokens: number;
  /** Decode steps that are summarized: all of one pace but the first two, which warm caches up. */
  readonly decodes: number;
  readonly pace: TimedStep['pace'] | null;
  readonly medianMs: number | null;
  readonly p10Ms: number | null;
  readonly p90Ms: number | null;
  /** Tokens over the time that they took together: while steps flow, two may land at once, so single times say little. */
  readonly tokensPerSecond: number | null;
  readonly hostMs: number | null;
  readonly dispatches: number | null;
}

/** Decode steps left out at the start of a pace. */
const warmUp = 2;

/** Sums up the newest pace: awaited and flowing steps are different measurements and are never mixed. */
export function summarizeTimes(steps: readonly TimedStep[]): TimesSummary {
  const prefill = steps.filter((step) => step.phase === 'prefill');
  const all = steps.filter((step) => step.phase === 'decode');
  const pace = all.at(-1)?.pace ?? null;
  const decodes = all.filter((step) => step.pace === pace).slice(warmUp);
  const sampled = (step: TimedStep): number => step.tokens.filter((token) => token !== null).length;
  const finished = prefill.some((step) => sampled(step) > 0);
  const ms = decodes.length > 0 ? spread(decodes.map((step) => step.ms)) : null;
  return {
    firstTokenMs: finished ? prefill.reduce((sum, step) => sum + step.ms, 0) : null,
    promptTokens: prefill.reduce((sum, step) => sum + step.count, 0),
    decodes: decodes.length,
    pace,
    medianMs: ms?.median ?? null,
    p10Ms: ms?.p10 ?? null,
    p90Ms: ms?.p90 ?? null,
    tokensPerSecond: ms
      ? (1e3 * decodes.reduce((sum, step) => sum + sampled(step), 0)) /
        decodes.reduce((sum, step) => sum + step.ms, 0)
      : null,
    hostMs: decodes.length > 0 ? spread(decodes.map((step) => step.hostMs)).median : null,
    dispatches: decodes.at(-1)?.dispatches ?? null,
  };
}

export interface Bar {
  readonly index: number;
  readonly step: TimedStep;
  /** Heights of the whole bar and of the host's part in it, 0…1 of the axis. */
  readonly height: number;
  readonly host: number;
  /** The step took longer than the axis reaches. */
  readonly cut: boolean;
}

/** The newest `most` steps as bars. The axis reaches twice the median, or the longest step when that is lower. */
export function timeBars(
  steps: readonly TimedStep[],
  most: number,
): { readonly bars: readonly Bar[]; readonly topMs: number } {
  const first = Math.max(0, steps.length - most);
  const shown = steps.slice(first);
  if (shown.length === 0) return { bars: [], topMs: 1 };
  const times = shown.map((step) => step.ms);
  const topMs = Math.max(1e-6, Math.min(Math.max(...times), 2.5 * spread(times).median));
  return {
    topMs,
    bars: shown.map((step, i) => ({
      index: first + i,
      step,
      height: Math.min(1, step.ms / topMs),
      // while steps flow, the host prepares one during the one before
      host: Math.min(1, Math.min(step.ms, step.hostMs) / topMs),
      cut: step.ms > topMs,
    })),
  };
}
