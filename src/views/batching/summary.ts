// The figures below the tracks, from the traces alone, each with its formula. What their differences are worth is for
// differences.ts to say.

import { quantile } from '../../core/stats.ts';
import { metricOf, metrics } from '../../engine/metrics/metrics.ts';
import { TOKEN_KINDS } from '../../engine/trace.ts';
import { type TurnTimes, timesOf } from '../../measure/rank.ts';
import type { Track } from './track.ts';

export interface Fact {
  readonly id: string;
  readonly title: string;
  readonly formula: string;
  readonly unit: 's' | 'tokens/s' | 'share';
  /** What a reader wants of it. */
  readonly better: 'less' | 'more';
  /** NaN when the run does not have it. */
  of(track: Track): number;
}

/** Output tokens of request r: the second at which each came out. */
export function tokenTimes(track: Track, r: number): number[] {
  const { offset, step, emits } = track.cells;
  const ends = track.trace.steps.columns.end;
  const times: number[] = [];
  for (let c = offset[r] as number; c < (offset[r + 1] as number); c++)
    for (let k = 0; k < (emits[c] as number); k++) times.push(ends[step[c] as number] as number);
  return times;
}

/** The largest; NaN of none. */
function most(values: Iterable<number>): number {
  let high = Number.NaN;
  for (const value of values) if (Number.isNaN(high) || value > high) high = value;
  return high;
}

/** TTFT of every request that got a token, in seconds. */
export const ttfts = (track: Track): number[] =>
  [...track.firstToken].map((time, r) => time - (track.arrival[r] as number)).filter((t) => !Number.isNaN(t));

/** Every gap between two tokens of one answer, pooled over requests, in seconds. */
export function gaps(track: Track): number[] {
  const all: number[] = [];
  for (let r = 0; r < track.requests; r++) {
    const times = tokenTimes(track, r);
    for (let i = 1; i < times.length; i++) all.push((times[i] as number) - (times[i - 1] as number));
  }
  return all;
}

/** One TPOT a request with two tokens or more, in seconds. */
export function tpots(track: Track): number[] {
  const all: number[] = [];
  for (let r = 0; r < track.requests; r++) {
    const n = track.outputs[r] as number;
    if (n < 2) continue;
    const last = track.trace.steps.columns.end[track.lastStep[r] as number] as number;
    all.push((last - (track.firstToken[r] as number)) / (n - 1));
  }
  return all;
}

const USEFUL = ['prefill', 'decode', 'recompute'] as const;

/** Slot-steps that computed no token of any answer, over all slot-steps. */
function wastedShare(track: Track): number {
  const { kind } = track.cells;
  const useful: readonly number[] = USEFUL.map((name) => TOKEN_KINDS.indexOf(name));
  let rows = 0;
  for (let c = 0; c < kind.length; c++) if (useful.includes(kind[c] as number)) rows++;
  return 1 - rows / (track.steps * Math.min(track.slots, track.requests));
}

export const FACTS: readonly Fact[] = [
  {
    id: 'worst-ttft',
    title: 'Worst first token',
    formula: 'max over requests of (first token − scheduled arrival), TTFT',
    unit: 's',
    better: 'less',
    of: (track) => most(ttfts(track)),
  },
  {
    id: 'longest-gap',
    title: 'Longest gap',
    formula: 'max over all gaps between two tokens of one answer, ITL',
    unit: 's',
    better: 'less',
    of: (track) => most(gaps(track)),
  },
  {
    id: 'throughput',
    title: 'Tokens/s',
    formula: metrics.find(({ id }) => id === 'output_throughput')?.formula ?? '',
    unit: 'tokens/s',
    better: 'more',
    of: ({ trace }) => metricOf(trace, 'output_throughput') ?? Number.NaN,
  },
  {
    id: 'last-answer',
    title: 'Last answer',
    formula: 'end of the last answer − first arrival',
    unit: 's',
    better: 'less',
    of: (track) => most(track.ended) - Math.min(...track.arrival),
  },
  {
    id: 'wasted',
    title: 'Padding + idle',
    formula: '1 − rows that computed a token of an answer / (steps × slots that the requests could fill)',
    unit: 'share',
    better: 'less',
    of: wastedShare,
  },
];

/** What a link carries of a run: the figures alone, by the fact's id. */
export interface Figures {
  readonly figures: Readonly<Record<string, number>>;
}

const figureOf = (fact: Fact, turn: Track | Figures): number =>
  'figures' in turn ? (turn.figures[fact.id] ?? Number.NaN) : fact.of(turn);

/** One strategy's runs. */
export interface Lane {
  readonly key: string;
  /**
   * Runs that reached their end, turn by turn; null where a turn gave none. Figures, differences and the run that is drawn come
   * from these alone.
   */
  readonly turns: readonly (Track | Figures | null)[];
  /**
   * How many runs were cut: their tokens are compared as far as they came, and one is drawn where there is no whole one.
   */
  readonly cut: number;
}

export const wholeRuns = ({ turns }: Lane): readonly (Track | Figures)[] =>
  turns.filter((turn) => turn !== null);

export interface FactValue {
  readonly median: number;
  /** Half the way from p10 to p90; undefined without repeats. */
  readonly spread: number | undefined;
  /** A value a turn; null where the turn has no whole run, or the run does not have it. */
  readonly samples: TurnTimes;
}

export function factOf(fact: Fact, lane: Lane): FactValue {
  const samples = lane.turns.map((turn) => {
    const value = turn ? figureOf(fact, turn) : Number.NaN;
    return Number.isNaN(value) ? null : value;
  });
  const values = timesOf(samples);
  if (values.length === 0) return { median: Number.NaN, spread: undefined, samples };
  const spread = values.length > 1 ? (quantile(values, 0.9) - quantile(values, 0.1)) / 2 : undefined;
  return { median: quantile(values, 0.5), spread, samples };
}

/** How runs of two strategies were taken: the virtual clock has no noise; in turns, the i-th of both stood side by side. */
export type Taken = 'exact' | 'turns' | 'apart';
