// What a comparison on the device adds up to: medians over the repeats with their spread, each strategy against the first turn by
// turn, and whether the answers are the same. Pure.

import { unwrap } from '../../src/core/result.ts';
import { median, spread } from '../../src/core/stats.ts';
import { type Contestant, type StrategyResult, verdictOf } from '../../src/engine/compare.ts';
import { type Bounds, boundsOf } from '../../src/engine/metrics/bounds.ts';
import { factsOf } from '../../src/engine/metrics/facts.ts';
import { type MeasureOptions, measure } from '../../src/engine/metrics/metrics.ts';
import { answersIn, identical } from '../../src/engine/outputs.ts';
import { replay } from '../../src/engine/replay.ts';
import { doubted, type RunFile } from '../../src/engine/run-file.ts';
import type { Trace } from '../../src/engine/trace.ts';
import { meanBound, type RunBound } from '../../src/measure/bound.ts';
import { type Comparison, compareTurns, pairTurns } from '../../src/measure/rank.ts';
import type { ServedRun, ServeReport } from '../../src/worker/serving/protocol.ts';

/** A result with what repeats add. Figures come from the turns that reached their end. */
export interface MeasuredResult extends StrategyResult {
  readonly repeats: number;
  readonly spread: Readonly<Record<string, { readonly p10: number; readonly p90: number }>>;
  /** Seconds a token against the first strategy's, with its interval; null for the first itself. */
  readonly againstFirst: Comparison | null;
  /** The same for latencies, by metric: 'faster' is a shorter one. Empty for the first itself. */
  readonly latencies: Readonly<Record<string, Comparison>>;
  /** What limits its runs, on average; null where no ceilings were measured. */
  readonly bound: RunBound | null;
  /** Host seconds a step: encoding and submitting; planning, commits and trace. */
  readonly host: { readonly encode: number; readonly between: number };
  /** The harness's own lateness, in seconds. */
  readonly lag: { readonly mean: number; readonly max: number };
}

export interface MeasuredFile {
  readonly name: string;
  readonly file: RunFile;
  readonly trace: Trace;
}

const RANKED = ['ttft_p50', 'tpot_p50', 'e2e_p90'];

interface Turn {
  readonly run: ServedRun;
  readonly trace: Trace;
  readonly values: Readonly<Record<string, number>>;
}

export function measuredResults(
  entries: readonly Contestant[],
  report: ServeReport,
  options: MeasureOptions & { readonly workload: string },
): { readonly results: MeasuredResult[]; readonly files: MeasuredFile[] } {
  const turns = entries.map((_, index) =>
    report.runs
      .filter((run) => run.contender === index)
      .map((run): Turn => {
        const trace = unwrap(replay(run.file));
        return { run, trace, values: measure(trace, options) };
      }),
  );
  const first = turns[0] ?? [];
  const results = entries.map((entry, index) =>
    resultOf(entry, turns[index] ?? [], index === 0 ? null : first, {
      ...options,
      versus: report.versus[index] ?? null,
    }),
  );
  const files = entries.flatMap((entry, index) => {
    const own = turns[index] ?? [];
    const turn = own.find(isWhole) ?? own[0];
    return turn
      ? [{ name: nameOf(entry), file: doubted(turn.run.file, report.invalid), trace: turn.trace }]
      : [];
  });
  return { results, files };
}

export const nameOf = (entry: Pick<Contestant, 'strategy' | 'preset'>): string =>
  entry.preset ?? entry.strategy;

const isWhole = ({ run }: Turn): boolean => run.file.header.incomplete === undefined;

function resultOf(
  entry: Contestant,
  all: readonly Turn[],
  first: readonly Turn[] | null,
  options: { readonly workload: string; readonly versus: Comparison | null },
): MeasuredResult {
  const turns = all.filter(isWhole);
  const [any] = turns;
  const of = (id: string): number[] =>
    turns.map((t) => t.values[id]).filter((value): value is number => value !== undefined);
  const ids = Object.keys(any?.values ?? {}).filter((id) => of(id).length > 0);
  const incomplete = all.find((turn) => !isWhole(turn))?.run.file.header.incomplete;
  const same = verdictOf(identical([...(first ?? []), ...all].map(({ trace }) => answersIn(trace))));
  return {
    strategy: entry.strategy,
    preset: entry.preset ?? null,
    knobs: entry.knobs,
    workload: options.workload,
    clock: 'wall',
    steps: any?.trace.steps.length ?? 0,
    throughput: middle(of('output_throughput')),
    metrics: Object.fromEntries(ids.map((id) => [id, median(of(id))])),
    bounds: any ? boundsOn(any) : null,
    ...same,
    identical: first && all.length > 0 ? same.identical : null,
    refused: any?.run.refused ?? null,
    incomplete: incomplete ?? (any ? null : 'The comparison ended before this strategy had its turn.'),
    repeats: turns.length,
    spread: Object.fromEntries(
      ids.map((id) => {
        const { p10, p90 } = spread(of(id));
        return [id, { p10, p90 }];
      }),
    ),
    againstFirst: options.versus,
    latencies: Object.fromEntries(
      first
        ? RANKED.flatMap((id) => ranked(id, turns, first.filter(isWhole)).map((c) => [id, c] as const))
        : [],
    ),
    bound: meanBound(turns.flatMap(({ run }) => run.file.header.bound ?? [])),
    host: {
      encode: middle(turns.map(({ run }) => run.encode.mean)),
      between: middle(turns.map(({ run }) => run.between.mean)),
    },
    lag: {
      mean: middle(turns.map(({ run }) => run.lag.mean)),
      max: Math.max(0, ...turns.map(({ run }) => run.lag.max)),
    },
  };
}

/** The bounds of a run, by the slots and limits that it really had. */
function boundsOn({ run, trace }: Turn): Bounds | null {
  const { settings, limits } = run.file.header;
  const { window, pageSize } = limits;
  return boundsOf(factsOf(trace), { slots: settings.slots, window, pageSize }) ?? null;
}

const middle = (values: readonly number[]): number => (values.length > 0 ? median(values) : 0);

/** A latency of both, over the turns in which both have it; none without such turns. */
function ranked(id: string, turns: readonly Turn[], first: readonly Turn[]): Comparison[] {
  const own = turns.map((turn) => turn.values[id] || null);
  const theirs = turns.map((turn) => first.find((t) => t.run.repeat === turn.run.repeat)?.values[id] || null);
  return pairTurns(own, theirs).length > 0 ? [compareTurns(own, theirs)] : [];
}
