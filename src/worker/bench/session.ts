// Runs a benchmark request: ceilings first, then race by race (race.ts). Rows go out while they grow; a stop keeps what is
// finished.

import { median } from '../../core/stats.ts';
import type { Gpu } from '../../gpu/device.ts';
import type { Pipelines } from '../../gpu/pipelines.ts';
import type { Clock } from '../../gpu/timing.ts';
import {
  ceilingNames,
  type DeviceReport,
  type ResultFile,
  type ResultRow,
  schemaName,
  schemaVersion,
} from '../../measure/schema.ts';
import type { BenchEvent, BenchRequest, RunningVersion } from '../protocol.ts';
import { measureCeilings } from './ceilings.ts';
import { groupsOf, racesOf } from './groups.ts';
import { runRace } from './race.ts';

export interface Bench {
  readonly gpu: Gpu;
  readonly pipelines: Pipelines;
  readonly clock: Clock;
  readonly device: DeviceReport;
  readonly request: BenchRequest;
  emit(event: BenchEvent): void;
  /** Why to stop, or null to go on. Read between submits. */
  stop(): string | null;
}

export interface Effort {
  readonly samples: number;
  /** Milliseconds of samples after which one contender has enough, given at least `least`, which can be ranked though one is lost. */
  readonly budgetMs: number;
  readonly least: number;
  readonly warmUpMs: number;
  readonly candidates: number;
}

const efforts: Readonly<Record<BenchRequest['effort'], Effort>> = {
  quick: { samples: 9, budgetMs: 1_500, least: 7, warmUpMs: 300, candidates: 12 },
  full: { samples: 21, budgetMs: 6_000, least: 7, warmUpMs: 500, candidates: 48 },
};

/** Runs everything and returns the file; `invalid` says what makes it untrustworthy. */
export async function runBench(bench: Bench): Promise<ResultFile> {
  const { gpu, pipelines, clock, request, emit } = bench;
  const effort = efforts[request.effort];
  const groups = groupsOf(request.items, request.custom);
  const started = performance.now();
  const total = ceilingNames.length + groups.reduce((sum, g) => sum + 2 * g.versions.length, 0);
  let done = 0;
  const progress = (what: string | RunningVersion, steps = 0): void => {
    done += steps;
    const elapsed = (performance.now() - started) / 1e3;
    emit({
      type: 'progress',
      done,
      total,
      secondsLeft: done > 0 ? (elapsed / done) * (total - done) : null,
      ...(typeof what === 'string'
        ? { what }
        : {
            what: `${what.op} ${what.version} at ${what.shape} ${what.dtype}: ${what.doing}`,
            running: what,
          }),
    });
  };
  emit({ type: 'device', device: bench.device });

  const { ceilings, missingCeilings } = await measureCeilings({
    gpu,
    pipelines,
    clock,
    samples: request.effort === 'quick' ? 5 : 9,
    report(name, sofar) {
      progress(`ceiling: ${name}`, 1);
      emit({ type: 'ceilings', ceilings: sofar });
    },
    stopped: () => bench.stop() !== null,
  });
  emit({ type: 'ceilings', ceilings });

  const rows: ResultRow[] = [];
  const drifts: number[] = [];
  for (const race of racesOf(groups, request.turns ?? 'op')) {
    if (bench.stop()) break;
    const result = await runRace(bench, race, ceilings, effort, progress);
    rows.push(...result.rows);
    drifts.push(...result.drifts);
  }
  const invalid: string[] = [];
  const stopped = bench.stop();
  if (stopped) invalid.push(stopped);
  const shift = driftOf(rows, drifts);
  if (shift) invalid.push(shift);
  progress('done', total - done);
  return {
    schema: schemaName,
    version: schemaVersion,
    date: new Date().toISOString(),
    commit: null,
    command: request.command,
    device: bench.device,
    ceilings,
    missingCeilings,
    invalid,
    results: rows,
  };
}

/** All versions together slower or faster in the second half, by more than their own spread: the device changed its clock. */
export function driftOf(rows: readonly ResultRow[], drifts: readonly number[]): string | null {
  if (drifts.length === 0) return null;
  const together = Math.exp(drifts.reduce((sum, d) => sum + Math.log(d), 0) / drifts.length);
  const spreads = rows.flatMap(({ medianMs, p10Ms, p90Ms }) =>
    medianMs && p10Ms && p90Ms ? [(p90Ms - p10Ms) / medianMs] : [],
  );
  const allowed = Math.max(0.1, spreads.length > 0 ? median(spreads) : 0);
  if (Math.abs(Math.log(together)) <= Math.log(1 + allowed)) return null;
  const by = Math.abs(100 * (together - 1)).toFixed(0);
  return `the device's clock drifted: all versions together became ${together > 1 ? 'slower' : 'faster'} by ${by} % during the run, more than their spread`;
}
