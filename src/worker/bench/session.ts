// Runs a benchmark request: ceilings first, then group by group (one op, shape and dtype), whose versions take turns.
// Verify, then time; rows go out while they grow; a stop keeps what is finished.

import { explain } from '../../core/result.ts';
import { median } from '../../core/stats.ts';
import type { Gpu } from '../../gpu/device.ts';
import type { Pipelines } from '../../gpu/pipelines.ts';
import { type Check, type InputSet, makeInputs, makeSubject } from '../../gpu/subject.ts';
import { missing } from '../../gpu/support.ts';
import type { Clock } from '../../gpu/timing.ts';
import { catalog, type KernelVersion } from '../../kernels/catalog.ts';
import {
  type Ceilings,
  type DeviceReport,
  type ResultFile,
  type ResultRow,
  schemaName,
  schemaVersion,
} from '../../measure/schema.ts';
import { tuningKey } from '../../measure/tuning.ts';
import type { BenchEvent, BenchRequest } from '../protocol.ts';
import { measureCeilings } from './ceilings.ts';
import { measureCold } from './cold.ts';
import { blankRow, type Contender, checkTimed, drift, enter, replan, rowOf, take } from './contender.ts';
import { type Group, groupsOf } from './groups.ts';
import { checkEverywhere, tune } from './tune.ts';

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
  /** Milliseconds of samples after which one contender has enough, given at least `least`. */
  readonly budgetMs: number;
  readonly least: number;
  readonly warmUpMs: number;
  readonly candidates: number;
}

const efforts: Readonly<Record<BenchRequest['effort'], Effort>> = {
  quick: { samples: 9, budgetMs: 1_500, least: 5, warmUpMs: 300, candidates: 12 },
  full: { samples: 21, budgetMs: 6_000, least: 7, warmUpMs: 500, candidates: 48 },
};

/** Runs everything and returns the file; `invalid` says what makes it untrustworthy. */
export async function runBench(bench: Bench): Promise<ResultFile> {
  const { gpu, pipelines, clock, request, emit } = bench;
  const effort = efforts[request.effort];
  const groups = groupsOf(request.items, request.custom);
  const started = performance.now();
  const total = 7 + groups.reduce((sum, g) => sum + 2 * g.versions.length, 0);
  let done = 0;
  const progress = (what: string, steps = 0): void => {
    done += steps;
    const elapsed = (performance.now() - started) / 1e3;
    emit({
      type: 'progress',
      done,
      total,
      secondsLeft: done > 0 ? (elapsed / done) * (total - done) : null,
      what,
    });
  };
  emit({ type: 'device', device: bench.device });

  const ceilings = await measureCeilings(
    gpu,
    pipelines,
    clock,
    request.effort === 'quick' ? 5 : 9,
    (name, sofar) => {
      progress(`ceiling: ${name}`, 1);
      emit({ type: 'ceilings', ceilings: sofar });
    },
    () => bench.stop() !== null,
  );
  emit({ type: 'ceilings', ceilings });

  const rows: ResultRow[] = [];
  const drifts: number[] = [];
  for (const group of groups) {
    if (bench.stop()) break;
    const result = await runGroup(bench, group, ceilings, effort, progress);
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

async function runGroup(
  bench: Bench,
  group: Group,
  ceilings: Ceilings,
  effort: Effort,
  progress: (what: string, steps?: number) => void,
): Promise<{ rows: ResultRow[]; drifts: number[] }> {
  const { gpu, pipelines, clock, device, request } = bench;
  const { dims, dtype, shape } = group;
  const entry = catalog.get(group.item.op);
  const rows = new Map<string, ResultRow>();
  const post = (row: ResultRow): void => {
    rows.set(row.version, row);
    bench.emit({ type: 'row', row });
  };
  if (!entry) return { rows: [], drifts: [] };
  const blank = (version: KernelVersion, why: string): void =>
    post(blankRow({ op: entry.op, dims, dtype }, shape, version, why));

  const made = makeInputs(gpu, entry.op, dims, dtype);
  if (!made.ok) {
    for (const version of group.versions) blank(version, `refused: ${explain(made.error)}`);
    progress(shape, 2 * group.versions.length);
    return { rows: [...rows.values()], drifts: [] };
  }
  const set = made.value;
  const racing: { contender: Contender; tuned: ResultRow['tuned'] }[] = [];
  try {
    for (const version of group.versions) {
      const title = `${version.op} ${version.id} at ${shape} ${dtype}`;
      progress(`${title}: checking`);
      if (bench.stop()) {
        blank(version, 'not run: cancelled');
        continue;
      }
      const lacks = missing(gpu.device, version, dtype);
      if (lacks.length > 0) {
        blank(version, `skipped: this device has no ${lacks.join(', ')}`);
        progress(title, 2);
        continue;
      }
      const entered = await enterVersion(bench, set, version, effort, (what) =>
        progress(`${title}: ${what}`),
      );
      progress(title, 1);
      if (!entered.ok) {
        blank(version, entered.why);
        progress(title, 1);
        continue;
      }
      racing.push(entered);
      post(rowOf(set, shape, entered.contender, ceilings, clock, entered.tuned));
    }

    const first = racing[0];
    if (first) {
      const until = performance.now() + effort.warmUpMs;
      while (performance.now() < until && !bench.stop())
        await clock.time(first.contender.warm, first.contender.plan.repeats);
    }
    for (const { contender } of racing) {
      if (bench.stop()) break;
      await replan(clock, contender); // the device is faster now than when its plan was made
      contender.subject.clear();
    }
    for (let round = 0; round < effort.samples && !bench.stop(); round++) {
      // A B C, C B A, …: drift hits all alike
      const order = round % 2 === 0 ? racing : [...racing].reverse();
      for (const { contender, tuned } of order) {
        if (bench.stop()) break;
        if (
          round >= effort.least &&
          contender.samples.length >= effort.least &&
          spent(contender) > effort.budgetMs
        )
          continue;
        await take(clock, contender);
        progress(
          `${contender.subject.version.op} ${contender.subject.version.id} at ${shape} ${dtype}: ${contender.samples.length} of ${effort.samples} samples`,
        );
        if (round % 4 === 3) post(rowOf(set, shape, contender, ceilings, clock, tuned));
      }
    }
    const timed = new Map<Contender, Check>();
    for (const { contender } of racing)
      timed.set(
        contender,
        contender.samples.length > 0 ? await checkTimed(clock, contender) : contender.check,
      );
    const good = racing.map((r) => r.contender).filter((c) => timed.get(c)?.verified);
    await measureCold(bench, set, good, ceilings, effort);
    for (const { contender, tuned } of racing) {
      const warm = timed.get(contender) ?? contender.check;
      const after =
        warm.verified && contender.coldSamples.length > 0 ? await checkTimed(clock, contender) : warm;
      const { version } = contender.subject;
      if (after.verified) post(rowOf(set, shape, contender, ceilings, clock, tuned));
      else blank(version, `the timed output ${after.why}`);
      progress(version.id, 1);
    }
    return { rows: [...rows.values()], drifts: racing.map((r) => drift(r.contender.samples)) };
  } finally {
    for (const { contender } of racing) contender.subject.dispose();
    set.scope.dispose();
  }

  async function enterVersion(
    b: Bench,
    inputs: InputSet,
    version: KernelVersion,
    e: Effort,
    say: (what: string) => void,
  ) {
    const key = tuningKey(device, version, dims, dtype);
    const tunable = version.params.some((p) => p.choices.length > 1);
    if (request.tuning === 'search' && tunable) {
      const found = await tune(b, inputs, version, e, say);
      if (found) {
        b.emit({ type: 'tuned', key, params: found.params, overDefault: found.overDefault });
        const entered = await start(version, found.params);
        if (entered.ok)
          return { ...entered, tuned: { params: found.params, overDefault: found.overDefault } };
      }
    }
    const known = request.tuning === 'stored' ? request.tuned[key] : undefined;
    if (known) {
      // what was stored is not believed: wrong parameters fall back to the defaults
      say('checking the stored tuning');
      const good = version.params.every(
        (p) => known[p.name] === undefined || p.choices.includes(known[p.name] ?? 0),
      );
      if (good && (await checkEverywhere(b, version, dtype, known))) {
        const entered = await start(version, known);
        if (entered.ok) return { ...entered, tuned: { params: known, overDefault: null } };
      }
    }
    const entered = await start(version, {});
    return entered.ok ? { ...entered, tuned: null } : entered;
  }

  async function start(version: KernelVersion, params: Readonly<Record<string, number>>) {
    const subject = await makeSubject(gpu, pipelines, set, version, params);
    if (!subject.ok) return { ok: false as const, why: `refused: ${explain(subject.error)}` };
    const entered = await enter(clock, set, subject.value, request.effort);
    if (entered.ok) return { ok: true as const, contender: entered.value };
    subject.value.dispose();
    return {
      ok: false as const,
      why: entered.error.code === 'unverified' ? entered.error.message : `refused: ${explain(entered.error)}`,
    };
  }
}

const spent = (c: Contender): number =>
  c.samples.reduce((sum, ms) => sum + ms * c.plan.repeats * (c.plan.method === 'slope' ? 3 : 1), 0);
