// One race: versions of one op, or of several ops at shapes of one name, that take turns. Verify, then time, then verify what the
// timed runs left.

import { explain } from '../../core/result.ts';
import { type InputSet, makeInputs } from '../../gpu/inputs.ts';
import { type Check, makeSubject } from '../../gpu/subject.ts';
import { missing } from '../../gpu/support.ts';
import { catalog, type KernelVersion } from '../../kernels/catalog.ts';
import { timesOf } from '../../measure/rank.ts';
import type { Ceilings, ResultRow, RowStatus } from '../../measure/schema.ts';
import { tuningKey } from '../../measure/tuning.ts';
import type { RunningVersion } from '../protocol.ts';
import { measureCold } from './cold.ts';
import {
  blankRow,
  type Contender,
  checkTimed,
  driftsOf,
  enter,
  type Racer,
  replan,
  rowOf,
  take,
} from './contender.ts';
import type { Group } from './groups.ts';
import { noRoom } from './room.ts';
import type { Bench, Effort } from './session.ts';
import { checkEverywhere, tune } from './tune.ts';

type Tell = (what: string | RunningVersion, steps?: number) => void;

export async function runRace(
  bench: Bench,
  groups: readonly Group[],
  ceilings: Ceilings,
  effort: Effort,
  progress: Tell,
): Promise<{ readonly rows: readonly ResultRow[]; readonly drifts: readonly number[] }> {
  const { clock } = bench;
  const rows = new Map<string, ResultRow>();
  const post = (row: ResultRow): void => {
    rows.set(`${row.op} ${row.version}`, row);
    bench.emit({ type: 'row', row });
  };
  const show = (racer: Racer): void => post(rowOf(racer, { ceilings, clock }));
  const racing: Racer[] = [];
  const sets: InputSet[] = [];
  try {
    for (const group of groups) {
      const entered = await enterGroup(bench, group, effort, progress, post);
      if (!entered) continue;
      sets.push(entered.set);
      racing.push(...entered.racers);
      for (const racer of entered.racers) show(racer);
    }
    const [first] = racing;
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
    await takeTurns(bench, racing, groups.length > 1 ? 'pairs' : 'alone', effort, progress, show);
    const timed = new Map<Contender, Check>();
    for (const { contender } of racing)
      timed.set(
        contender,
        timesOf(contender.samples).length > 0 ? await checkTimed(clock, contender) : contender.check,
      );
    const good = racing.filter(({ contender }) => timed.get(contender)?.verified);
    await measureCold(bench, good, ceilings, effort);
    for (const racer of racing) {
      const { set, shape, contender } = racer;
      const warm = timed.get(contender) ?? contender.check;
      const after =
        warm.verified && contender.coldSamples.length > 0 ? await checkTimed(clock, contender) : warm;
      const { version } = contender.subject;
      if (after.verified) show(racer);
      else post(blankRow(set, shape, version, 'unverified', `the timed output ${after.why}`));
      progress(version.id, 1);
    }
    return { rows: [...rows.values()], drifts: driftsOf(racing.map((r) => r.contender.samples)) };
  } finally {
    for (const { contender } of racing) contender.subject.dispose();
    for (const set of sets) set.scope.dispose();
  }
}

/**
 * A B C, C B A, …: drift hits all alike. `alone`: who has enough samples stops. `pairs`: all stop together, because their samples
 * are compared turn by turn across ops.
 */
async function takeTurns(
  bench: Bench,
  racing: readonly Racer[],
  turns: 'alone' | 'pairs',
  effort: Effort,
  progress: Tell,
  show: (racer: Racer) => void,
): Promise<void> {
  const { least } = effort;
  const enough = (c: Contender): boolean => timesOf(c.samples).length >= least && spent(c) > effort.budgetMs;
  for (let round = 0; round < effort.samples && !bench.stop(); round++) {
    if (turns === 'pairs' && racing.some(({ contender }) => enough(contender))) break;
    for (const racer of round % 2 === 0 ? racing : [...racing].reverse()) {
      if (bench.stop()) break;
      const { set, shape, contender } = racer;
      if (turns === 'alone' && round >= least && enough(contender)) continue;
      await take(bench.clock, contender);
      progress({
        ...{ op: set.op.id, version: contender.subject.version.id, shape, dtype: set.dtype },
        doing: `${contender.samples.length} of ${effort.samples} samples`,
      });
      if (round % 4 === 3) show(racer);
    }
  }
}

const spent = (c: Contender): number =>
  timesOf(c.samples).reduce((sum, ms) => sum + ms * c.plan.repeats * (c.plan.method === 'slope' ? 3 : 1), 0);

/** Makes a group's inputs and enters its versions; rows without figures are posted here. Null when it has no inputs. */
async function enterGroup(
  bench: Bench,
  group: Group,
  effort: Effort,
  progress: Tell,
  post: (row: ResultRow) => void,
): Promise<{ readonly set: InputSet; readonly racers: readonly Racer[] } | null> {
  const { gpu } = bench;
  const { dims, dtype, shape } = group;
  const entry = catalog.get(group.item.op);
  if (!entry) return null;
  const blank = (version: KernelVersion, status: RowStatus, why: string): void =>
    post(blankRow({ op: entry.op, dims, dtype }, shape, version, status, why));
  for (const { id, why } of group.unread)
    post(blankRow({ op: entry.op, dims, dtype }, shape, { id, reduction: '' }, 'refused', `refused: ${why}`));
  const room = noRoom({ ...gpu, limits: gpu.device.limits }, entry.op, dims, dtype);
  if (room) {
    for (const version of group.versions) blank(version, room.status, room.why);
    progress(`${entry.op.id} at ${shape} ${dtype}: ${room.status}`, 2 * group.versions.length);
    return null;
  }
  progress(`${entry.op.id} at ${shape} ${dtype}: inputs and their reference`);
  const made = makeInputs(gpu, entry.op, dims, dtype);
  if (!made.ok) {
    for (const version of group.versions) blank(version, 'refused', `refused: ${explain(made.error)}`);
    progress(shape, 2 * group.versions.length);
    return null;
  }
  const set = made.value;
  const racers: Racer[] = [];
  try {
    for (const version of group.versions) {
      const say = (doing: string, steps = 0): void =>
        progress({ op: version.op, version: version.id, shape, dtype, doing }, steps);
      say('checking');
      if (bench.stop()) {
        blank(version, 'cancelled', 'not run: cancelled');
        continue;
      }
      const lacks = missing(gpu.device, version, dtype);
      if (lacks.length > 0) {
        blank(version, 'skipped', `skipped: this device has no ${lacks.join(', ')}`);
        say('skipped', 2);
        continue;
      }
      const entered = await enterVersion(bench, set, version, effort, say);
      say(entered.ok ? 'checked' : entered.status, entered.ok ? 1 : 2);
      if (entered.ok) racers.push({ set, shape, contender: entered.contender, tuned: entered.tuned });
      else blank(version, entered.status, entered.why);
    }
  } catch (error) {
    for (const { contender } of racers) contender.subject.dispose();
    set.scope.dispose();
    throw error;
  }
  return { set, racers };
}

type Entered =
  | { readonly ok: true; readonly contender: Contender; readonly tuned: ResultRow['tuned'] }
  | { readonly ok: false; readonly status: RowStatus; readonly why: string };

/** Enters a version with what the request says of tuning. */
async function enterVersion(
  bench: Bench,
  set: InputSet,
  version: KernelVersion,
  effort: Effort,
  say: (what: string) => void,
): Promise<Entered> {
  const { request, device } = bench;
  const { dims, dtype } = set;
  const key = tuningKey(device, version, dims, dtype);
  const tunable = version.params.some((p) => p.choices.length > 1);
  if (request.tuning === 'search' && tunable) {
    const found = await tune(bench, set, version, effort, say);
    if (found) {
      bench.emit({ type: 'tuned', key, params: found.params, overDefault: found.overDefault });
      const entered = await start(bench, set, version, found.params);
      if (entered.ok) return { ...entered, tuned: { params: found.params, overDefault: found.overDefault } };
    }
  }
  const known = request.tuning === 'stored' ? request.tuned[key] : undefined;
  if (known) {
    // what was stored is not believed: wrong parameters fall back to the defaults
    say('checking the stored tuning');
    const good = version.params.every(
      (p) => known[p.name] === undefined || p.choices.includes(known[p.name] ?? 0),
    );
    if (good && (await checkEverywhere(bench, version, dtype, known))) {
      const entered = await start(bench, set, version, known);
      if (entered.ok) return { ...entered, tuned: { params: known, overDefault: null } };
    }
  }
  return start(bench, set, version, {});
}

async function start(
  { gpu, pipelines, clock, request }: Bench,
  set: InputSet,
  version: KernelVersion,
  params: Readonly<Record<string, number>>,
): Promise<Entered> {
  const subject = await makeSubject(gpu, pipelines, set, version, params);
  if (!subject.ok) return { ok: false, status: 'refused', why: `refused: ${explain(subject.error)}` };
  let entered: Awaited<ReturnType<typeof enter>> | undefined;
  try {
    entered = await enter(clock, set, subject.value, request.effort);
  } finally {
    if (!entered?.ok) subject.value.dispose();
  }
  if (entered.ok) return { ok: true, contender: entered.value, tuned: null };
  return entered.error.code === 'unverified'
    ? { ok: false, status: 'unverified', why: entered.error.message }
    : { ok: false, status: 'refused', why: `refused: ${explain(entered.error)}` };
}
