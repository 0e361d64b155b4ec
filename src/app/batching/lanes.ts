// Runs as lanes: one a strategy, its whole runs turn by turn, apart from those that were cut. Pure.

import { assert } from '../../core/assert.ts';
import { median } from '../../core/stats.ts';
import type { RunHeader } from '../../engine/run-file.ts';
import type { Limits } from '../../engine/view.ts';
import { meanBound, type RunBound } from '../../measure/bound.ts';
import { type Standing, standings, stillDiffers } from '../../model/probe-report.ts';
import { findStrategy } from '../../strategies/index.ts';
import { makeTrack } from '../../views/batching/make-track.ts';
import type { Answered } from '../../views/batching/same-outputs.ts';
import type { Lane, Taken } from '../../views/batching/summary.ts';
import type { Track } from '../../views/batching/track.ts';
import { grouped } from '../../views/format.ts';
import type { Served } from './serve.ts';
import { writeNamed } from './spec.ts';
import { titlesOf, trackName, usualOf } from './titles.ts';

/** A run and its drawing. */
export interface DrawnRun {
  readonly served: Served;
  readonly track: Track;
}

export interface ShownLane extends Lane {
  /** All runs that are at hand, in the order in which they were taken: what files carry. Of a link's, the drawn one alone. */
  readonly runs: readonly DrawnRun[];
  /** The run that is drawn: the median whole one, the longest cut one where none is whole, or the one that is running. */
  readonly track: Track;
  readonly limits: Limits;
  /** What an admission takes of the pool, where the strategy has a choice. */
  readonly memory: string | undefined;
  /** What limits its whole runs on the device that measured them, on average; null where that is not known. */
  readonly bound: RunBound | null;
  /** What the harness cost its whole runs; null where that is not known. */
  readonly harness: HarnessSums | null;
}

/** Medians over runs, in seconds a step; of arrivals that were noticed late, the worst and how many were waited for. */
export interface HarnessSums {
  readonly encode: number;
  readonly between: number;
  readonly late: number;
  readonly waits: number;
}

const laneKey = ({ header }: Served): string => header.preset ?? header.strategy;

/** The key that an address would use for this run's strategy and knobs. */
function keyOf(run: Served): string {
  const found = findStrategy(laneKey(run));
  if (!found) return laneKey(run);
  return writeNamed(laneKey(run), run.header.knobs, usualOf(found));
}

/** One lane a strategy, in the order in which they first appear. `keys`: the runs' own, one by one, where the address names them. */
export function lanesOf(runs: readonly Served[], keys: readonly string[] = []): readonly ShownLane[] {
  const groups = new Map<string, Served[]>();
  runs.forEach((run, i) => {
    const key = keys[i] ?? keyOf(run);
    groups.set(key, [...(groups.get(key) ?? []), run]);
  });
  const titles = titlesOf([...groups.keys()]);
  return [...groups].map(([key, list]) => laneOf(key, list, titles));
}

function laneOf(key: string, list: readonly Served[], titles: ReadonlyMap<string, string>): ShownLane {
  const runs = list.map((served) => ({
    served,
    track: makeTrack(served.trace, trackName(key, titles, served.header.settings.slots)),
  }));
  const turns = turnsOf(runs);
  const cut = runs.flatMap((run) => (isWhole(run) ? [] : [run.track]));
  const track =
    medianTrack(turns.filter((turn) => turn !== null)) ?? cut.reduce((a, b) => (b.steps > a.steps ? b : a));
  const header = list[0]?.header;
  assert(header, 'a lane has runs');
  return {
    key,
    turns,
    cut: cut.length,
    runs,
    track,
    limits: header.limits,
    memory: memoryOf(header),
    bound: boundOf(list),
    harness: harnessOf(list),
  };
}

const isWhole = ({ served: { header } }: DrawnRun): boolean => header.incomplete === undefined;

/** By the turns in the headers; by their order where older files have none, or where files with the same turns were opened together. */
function turnsOf(runs: readonly DrawnRun[]): (Track | null)[] {
  const told = runs.map(({ served }) => served.header.turn);
  const known = new Set(told).size === runs.length && !told.includes(undefined);
  const turn = (i: number): number => (known ? (told[i] ?? i) : i);
  const turns = Array<Track | null>(Math.max(0, ...runs.map((_, i) => turn(i) + 1))).fill(null);
  runs.forEach((run, i) => {
    if (isWhole(run)) turns[turn(i)] = run.track;
  });
  return turns;
}

/** Why the run that is drawn stopped early; undefined when it reached its end. */
export const cutShort = ({ runs, track }: ShownLane): string | undefined =>
  runs.find((run) => run.track === track)?.served.header.incomplete;

/** What each row says of its number of requests: nothing, as long as it is the same one in all. */
export function countsOf(lanes: readonly ShownLane[]): (lane: ShownLane) => string {
  const differ = new Set(lanes.map((lane) => lane.track.requests)).size > 1;
  return ({ track }) => (differ ? `, ${grouped(track.requests)} requests` : '');
}

/** The strategy of its runs, whatever its preset is called. */
export const strategyOf = ({ runs }: ShownLane): string | undefined => runs[0]?.served.header.strategy;

/** The mean of the whole runs that have it. */
function boundOf(runs: readonly Served[]): RunBound | null {
  return meanBound(runs.flatMap(({ header }) => (header.incomplete ? [] : (header.bound ?? []))));
}

function harnessOf(runs: readonly Served[]): HarnessSums | null {
  const all = runs.flatMap(({ header }) => (header.incomplete ? [] : (header.harness ?? [])));
  if (all.length === 0) return null;
  return {
    encode: median(all.map((h) => h.encode.mean)),
    between: median(all.map((h) => h.between.mean)),
    late: Math.max(...all.map((h) => h.lag.max)),
    waits: all.reduce((sum, h) => sum + h.lag.waits, 0),
  };
}

/** Repeats are summed up in the figures; the one that took the median time is drawn. */
export function medianTrack(tracks: readonly Track[]): Track | undefined {
  const byTime = tracks.toSorted((a, b) => a.end - b.end);
  return byTime[Math.floor((byTime.length - 1) / 2)];
}

/** The virtual clock has no noise; measured runs were taken in turns when no turn overlaps the next one. */
export function takenBy(lanes: readonly ShownLane[]): Taken {
  const headers = new Map<unknown, RunHeader>(
    lanes.flatMap((lane) => lane.runs.map((run) => [run.track, run.served.header])),
  );
  const whole = lanes.map((lane) => lane.turns.map((turn) => turn && headers.get(turn)));
  if (whole.flat().every((header) => !header || header.clock === 'virtual')) return 'exact';
  const rounds = Array.from({ length: Math.max(...whole.map((own) => own.length)) }, (_, turn) =>
    whole.flatMap((own) => (own[turn] ? [own[turn].date ?? ''] : [])).sort(),
  ).filter((dates) => dates.length > 0);
  const apart = rounds.some((dates, i) => {
    const next = rounds[i + 1]?.[0];
    return next !== undefined && (next === '' || (dates.at(-1) ?? '') >= next);
  });
  return apart ? 'apart' : 'turns';
}

/** What is known against these runs. A run that was cut says so, unless its comparison has said it. */
export function doubtsOf(lanes: readonly ShownLane[]): readonly string[] {
  const runs = lanes.flatMap((lane) => lane.runs);
  const devices = new Set(runs.map(({ served }) => served.header.device));
  const doubts = runs.flatMap(({ served: { header } }) => header.invalid ?? []);
  if (runs.some(({ served }) => standingOf(served.header) === 'still differs')) doubts.push(stillDiffers);
  if (devices.size > 1) doubts.push(`these runs were taken on ${devices.size} devices`);
  for (const { served, track } of runs) {
    const { incomplete } = served.header;
    if (incomplete && !doubts.some((doubt) => doubt.includes(incomplete)))
      doubts.push(`${track.title}: ${incomplete}`);
  }
  return [...new Set(doubts)];
}

/** Every run of a comparison, for comparing its answers. */
export const answeredOf = (lanes: readonly ShownLane[]): Answered[] =>
  lanes.flatMap(({ runs }) =>
    runs.map(({ served: { header }, track }) => ({
      track,
      complete: header.incomplete === undefined,
      device: header.device,
      numerics: header.numerics,
    })),
  );

export const modelOfRun = ({ clock, numerics }: RunHeader): string | null =>
  clock === 'virtual' ? null : (numerics['model'] ?? null);

export const standingOf = ({ numerics }: RunHeader): Standing | null =>
  standings.find((standing) => standing === numerics['standing']) ?? null;

export const memoryOf = ({ knobs }: RunHeader): string | undefined =>
  typeof knobs['memory'] === 'string' ? knobs['memory'] : undefined;
