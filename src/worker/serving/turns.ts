// The plan of a comparison: whose turn it is, how many requests fit into the time, and when enough turns were taken. Pure.

import { type Comparison, compareTurns, type TurnTimes } from '../../measure/rank.ts';
import type { ServedRun } from './protocol.ts';

/** Turns that find a planted 5 % in nine of ten comparisons on a quiet machine (test/unit/rank.test.ts). */
export const usualTurns = 8;

/**
 * A disturbed machine needs more: turns go on until every interval is at most ±2.5 %, so that a difference of 5 % cannot hide in
 * one, or until these seconds or `mostTurns` are used up.
 */
export const usualPrecision = { width: 0.025, seconds: 20 };
export const mostTurns = 32;

/** Fewer requests than this are no batch to speak of, however slow the device. */
export const fewestRequests = 8;

/** Contenders in the order of a round; every other one goes backwards, so that drift hits all alike. */
export function orderOf(contenders: number, round: number): number[] {
  const order = Array.from({ length: contenders }, (_, i) => i);
  return round % 2 === 1 ? order : order.reverse();
}

/**
 * How many requests a run should serve so that `runs` of them last `seconds`, when serving `requests` of them took `took`. Serving
 * takes at least in proportion to their number once the device is saturated, so what is chosen from few requests is on the short side.
 */
export function requestsFor(want: {
  readonly seconds: number;
  readonly runs: number;
  readonly requests: number;
  readonly took: number;
  readonly most: number;
}): number {
  const { seconds, runs, requests, took, most } = want;
  const fitting = took > 0 ? Math.round((requests * Math.max(0, seconds)) / (runs * took)) : most;
  return Math.min(most, Math.max(fewestRequests, fitting));
}

/** What is served before anything counts: one run of the first contender, or a round of all. */
export interface Trial {
  readonly what: 'run' | 'round';
  readonly requests: number;
}

/** Seconds that a trial took, and those since the comparison began. */
export interface Tried {
  readonly took: number;
  readonly since: number;
}

/**
 * The size of a comparison: asks for trials, is told what they took, and ends with the requests that every turn serves. Trials
 * also warm up: the first use of a kernel compiles and touches memory. With seconds to keep to, a few requests show how fast the
 * device is, warm-up rounds serve as many as should fit, and the turns as many as then do.
 */
export function* sizing(want: {
  /** Seconds that a comparison should take; undefined: every turn serves all requests. */
  readonly seconds: number | undefined;
  readonly most: number;
  readonly contenders: number;
  readonly turns: number;
}): Generator<Trial, number, Tried> {
  const { seconds, most, contenders, turns } = want;
  let requests = most;
  if (seconds !== undefined && most > fewestRequests) {
    const { took } = yield { what: 'run', requests: fewestRequests };
    requests = requestsFor({ requests: fewestRequests, took, most, seconds, runs: (turns + 1) * contenders });
  }
  for (;;) {
    const { took, since } = yield { what: 'round', requests };
    if (seconds === undefined) return requests;
    const left = { requests, took, most, seconds: seconds - since };
    // few requests leave slots empty, and a first run compiles: far more than were tried are tried before they count
    const next = requestsFor({ ...left, runs: turns + 1 });
    if (next > 2 * requests) {
      requests = next;
      continue;
    }
    const fitting = requestsFor({ ...left, runs: turns });
    // what is a quarter off would make ten seconds last 2 s more or less; less is not worth another shape of steps
    return Math.abs(fitting / requests - 1) > 0.25 ? fitting : requests;
  }
}

/** Seconds an output token of every contender's runs, turn by turn; null where a run was not finished. */
export function turnTimes(runs: readonly ServedRun[], contenders: number): readonly TurnTimes[] {
  const turns = Math.max(0, ...runs.map((run) => run.repeat + 1));
  const times = Array.from({ length: contenders }, () => Array<number | null>(turns).fill(null));
  for (const { contender, repeat, wall, tokens, file } of runs) {
    const own = times[contender];
    if (own && tokens > 0 && !file.header.incomplete) own[repeat] = wall / tokens;
  }
  return times;
}

/** Each contender's seconds a token against the first's, over the turns that both finished; null for the first itself. */
export function versusFirst(times: readonly TurnTimes[]): readonly (Comparison | null)[] {
  const [first = []] = times;
  return times.map((own, i) => (i === 0 ? null : compareTurns(own, first)));
}

/**
 * One long series of turns cut into comparisons one after the other, each as long as a comparison of its own would have gone
 * on: `least` turns, then until it is precise. What is left at the end is no comparison.
 */
export function cutIntoComparisons(
  times: readonly [TurnTimes, TurnTimes],
  { least, width }: { readonly least: number; readonly width: number },
): Comparison[] {
  const [a, b] = times;
  const found: Comparison[] = [];
  for (let from = 0, to = from + least; to <= Math.min(a.length, b.length); to++) {
    const versus = versusFirst([a.slice(from, to), b.slice(from, to)]);
    const comparison = versus[1];
    if (!comparison || (!isPrecise(versus, width) && to - from < mostTurns)) continue;
    found.push(comparison);
    from = to;
    to = from + least - 1;
  }
  return found;
}

/** Whether every interval reaches no further than `width` (0.02: 2 %) to either side. */
export const isPrecise = (versus: readonly (Comparison | null)[], width: number): boolean =>
  versus.every((c) => c === null || Math.log(c.high / c.low) / 2 <= width);
