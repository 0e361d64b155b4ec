// A race between libraries: one shape after the other, ours and every peer's in turns; first the dispatches alone on the GPU's
// clock, then whole calls on the wall clock.

import { at } from '../../../src/core/assert.ts';
import { messageOf } from '../../../src/core/message-of.ts';
import { explain } from '../../../src/core/result.ts';
import type { Gpu } from '../../../src/gpu/device.ts';
import { readBack } from '../../../src/gpu/dispatch.ts';
import { type InputSet, makeInputs } from '../../../src/gpu/inputs.ts';
import type { Pipelines } from '../../../src/gpu/pipelines.ts';
import { type Clock, sample } from '../../../src/gpu/timing.ts';
import { Watch } from '../../../src/gpu/watch.ts';
import { type CatalogEntry, catalog } from '../../../src/kernels/catalog.ts';
import { layoutOf, unpack } from '../../../src/kernels/layout.ts';
import { fewestTurns, timesOf } from '../../../src/measure/rank.ts';
import type { Ceilings, DeviceReport, ResultFile, ResultRow } from '../../../src/measure/schema.ts';
import { schemaName, schemaVersion } from '../../../src/measure/schema.ts';
import { measureCeilings } from '../../../src/worker/bench/ceilings.ts';
import { driftsOf } from '../../../src/worker/bench/contender.ts';
import { groupsOf } from '../../../src/worker/bench/groups.ts';
import { noRoom } from '../../../src/worker/bench/room.ts';
import { driftOf } from '../../../src/worker/bench/session.ts';
import type { BenchItem } from '../../../src/worker/protocol.ts';
import type { Peer, PeerSession, Problem } from '../../peers/contract.ts';
import { type Entrant, enterOurs, enterPeer } from './entrants.ts';
import type { Recorder } from './recorder.ts';
import { raceRow, refusedRow } from './rows.ts';

export interface RaceRequest {
  readonly items: readonly BenchItem[];
  readonly effort: 'quick' | 'full';
  /** Of our versions, only the fastest so many race against the peers. */
  readonly ours: number;
  /** Versions of the peers' packages, by peer. */
  readonly packages: Readonly<Record<string, string>>;
  readonly command: string;
}

export interface Race {
  readonly gpu: Gpu;
  readonly pipelines: Pipelines;
  readonly clock: Clock;
  readonly device: DeviceReport;
  readonly recorder: Recorder;
  readonly request: RaceRequest;
  readonly peers: readonly Peer[];
  say(what: string): void;
}

const efforts = {
  quick: { samples: 9, least: 7, budgetMs: 2_000, warmUpMs: 300, ceilings: 5 },
  full: { samples: 21, least: 7, budgetMs: 8_000, warmUpMs: 500, ceilings: 9 },
} as const;

type Open = { readonly peer: Peer } & ({ readonly session: PeerSession } | { readonly why: string });

/** One way of a library that fails takes no other with it. */
const failed = (error: unknown) => ({
  ok: false as const,
  refusal: { status: 'refused' as const, why: `it failed: ${messageOf(error)}` },
});

/** Runs the whole request. Rows of kernels come as `results`, rows of calls as `calls`. */
export async function runRace(race: Race): Promise<ResultFile> {
  const { request, gpu, pipelines, clock } = race;
  const { ceilings, missingCeilings } = await measureCeilings({
    gpu,
    pipelines,
    clock,
    samples: efforts[request.effort].ceilings,
    report: (name) => race.say(`ceiling: ${name}`),
    stopped: () => false,
  });
  const open: Open[] = [];
  for (const peer of race.peers) {
    race.say(`loading ${peer.package}`);
    try {
      open.push({ peer, session: await peer.open(gpu.device) });
    } catch (error) {
      open.push({ peer, why: `it could not be opened: ${messageOf(error)}` });
    }
  }
  const results: ResultRow[] = [];
  const calls: ResultRow[] = [];
  const drifts: number[] = [];
  for (const group of groupsOf(request.items)) {
    const entry = catalog.get(group.item.op);
    if (!entry) continue;
    const room = noRoom({ ...gpu, limits: gpu.device.limits }, entry.op, group.dims, group.dtype);
    if (room) {
      results.push(refusedRow({ op: entry.op, ...group }, group.shape, 'lockstep', 'all', room));
      continue;
    }
    const made = makeInputs(gpu, entry.op, group.dims, group.dtype);
    if (!made.ok) {
      results.push(
        refusedRow({ op: entry.op, ...group }, group.shape, 'lockstep', 'all', {
          status: 'refused',
          why: explain(made.error),
        }),
      );
      continue;
    }
    try {
      const ended = await raceShape(
        race,
        made.value,
        group.shape,
        { ...entry, versions: group.versions },
        open,
        ceilings,
      );
      results.push(...ended.results);
      calls.push(...ended.calls);
      drifts.push(...ended.drifts);
    } finally {
      made.value.scope.dispose();
    }
  }
  const shift = driftOf(results, drifts);
  return {
    schema: schemaName,
    version: schemaVersion,
    date: new Date().toISOString(),
    commit: null,
    command: request.command,
    device: race.device,
    ceilings,
    missingCeilings,
    invalid: shift ? [shift] : [],
    results,
    calls,
  };
}

async function raceShape(
  race: Race,
  set: InputSet,
  shape: string,
  { op, versions }: CatalogEntry,
  open: readonly Open[],
  ceilings: Ceilings,
) {
  const entrants: Entrant[] = [];
  const results: ResultRow[] = [];
  const title = `${op.id} at ${shape}`;
  try {
    for (const version of versions) {
      race.say(`${title}: checking ${version.id}`);
      const entry = await enterOurs(race, set, version);
      if (entry.ok) entrants.push(entry.entrant);
      else results.push(refusedRow(set, shape, 'lockstep', version.id, entry.refusal));
    }
    await keepFastest(race, entrants);
    const problem: Problem = {
      op: op.id,
      dims: set.dims,
      dtype: set.dtype,
      inputs: await inputsOf(race, set),
    };
    for (const candidate of open) {
      const { peer } = candidate;
      if (!peer.ops.includes(op.id)) continue;
      const version = race.request.packages[peer.id] ?? '';
      if (entrants.length === 0) {
        results.push(
          refusedRow(set, shape, peer.id, version, {
            status: 'skipped',
            why: 'not run: none of ours can run here',
          }),
        );
        continue;
      }
      if ('why' in candidate) {
        results.push(refusedRow(set, shape, peer.id, version, { status: 'refused', why: candidate.why }));
        continue;
      }
      race.say(`${title}: checking ${peer.id}`);
      try {
        const ways = await candidate.session.solvers(problem);
        if (ways.length === 0)
          results.push(
            refusedRow(set, shape, peer.id, version, {
              status: 'skipped',
              why: 'skipped: it has nothing for this shape and type',
            }),
          );
        for (const solver of ways) {
          const name = `${version} ${solver.name}`.trim();
          if ('why' in solver) {
            const why = `skipped: ${solver.why}`;
            results.push(refusedRow(set, shape, peer.id, name, { status: 'skipped', why }));
            continue;
          }
          const entry = await enterPeer(race, set, peer.id, name, solver).catch(failed);
          if (entry.ok) entrants.push(entry.entrant);
          else {
            results.push(refusedRow(set, shape, peer.id, name, entry.refusal));
            await solver.dispose();
          }
        }
      } catch (error) {
        results.push(refusedRow(set, shape, peer.id, version, failed(error).refusal));
      }
    }
    await raceKernels(race, entrants, title);
    const kernelRows: ResultRow[] = [];
    for (const entrant of entrants) {
      const after = typeof entrant.kernel === 'string' ? null : await entrant.kernel.check();
      const row = raceRow({ set, shape, entrant, form: entrant.kernel, clock: race.clock.kind, ceilings });
      kernelRows.push(
        after?.verified === false
          ? refusedRow(set, shape, row.peer, row.version, {
              status: 'unverified',
              why: `the timed output ${after.why}`,
            })
          : row,
      );
    }
    await raceCalls(race, entrants, title);
    const calls: ResultRow[] = [];
    for (const entrant of entrants) {
      const after = typeof entrant.call === 'string' ? null : await entrant.call.check();
      const row = raceRow({ set, shape, entrant, form: entrant.call, clock: 'wall', ceilings });
      calls.push(
        after?.verified === false
          ? refusedRow(set, shape, row.peer, row.version, {
              status: 'unverified',
              why: `the timed output ${after.why}`,
            })
          : row,
      );
    }
    const drifts = driftsOf(
      entrants.flatMap(({ kernel }) => (typeof kernel === 'string' ? [] : [kernel.samples])),
    );
    return { results: [...kernelRows, ...results], calls, drifts };
  } finally {
    for (const entrant of entrants) await entrant.dispose();
  }
}

/** Takes three samples of each and drops all but the fastest; those samples do not count. */
async function keepFastest(race: Race, entrants: Entrant[]): Promise<void> {
  const fastest = new Map<Entrant, number>();
  for (let round = 0; round < 3; round++) {
    for (const entrant of entrants) {
      if (typeof entrant.kernel === 'string') continue;
      const ms = await sample(race.clock, entrant.kernel.plan, entrant.kernel.runs);
      if (ms !== null && ms > 0) fastest.set(entrant, Math.min(ms, fastest.get(entrant) ?? ms));
    }
  }
  const order = [...entrants].sort(
    (a, b) => (fastest.get(a) ?? Number.POSITIVE_INFINITY) - (fastest.get(b) ?? Number.POSITIVE_INFINITY),
  );
  for (const loser of order.slice(race.request.ours)) {
    entrants.splice(entrants.indexOf(loser), 1);
    await loser.dispose();
  }
}

/** What is on the device, as values: the peers get exactly the same. */
async function inputsOf(race: Race, set: InputSet): Promise<Problem['inputs']> {
  const inputs: Record<string, Float64Array> = {};
  for (const [name, buffer] of Object.entries(at(set.ring, 0))) {
    const spec = set.op.tensors[name];
    if (!spec) continue;
    const layout = layoutOf(spec, set.dims, set.dtype);
    inputs[name] = unpack(layout, await readBack(race.gpu, buffer, layout.bytes));
  }
  return inputs;
}

/** A B C, C B A, …: drift hits all alike. */
async function inTurns<T>(
  race: Race,
  racing: readonly T[],
  samplesOf: (one: T) => (number | null)[],
  take: (one: T) => Promise<number | null>,
): Promise<void> {
  const { samples, least, budgetMs } = efforts[race.request.effort];
  const spent = new Map<T, number>();
  for (let round = 0; round < samples; round++) {
    for (const one of round % 2 === 0 ? racing : [...racing].reverse()) {
      const [count, ms] = [timesOf(samplesOf(one)).length, spent.get(one) ?? 0];
      // what takes seconds gets no more than what can be compared at all
      if ((count >= least && ms > budgetMs) || (count >= fewestTurns && ms > 3 * budgetMs)) continue;
      const start = performance.now();
      const taken = await take(one);
      spent.set(one, ms + performance.now() - start);
      samplesOf(one).push(taken);
    }
  }
}

async function raceKernels(race: Race, entrants: readonly Entrant[], title: string): Promise<void> {
  race.say(`${title}: kernel against kernel`);
  const racing = entrants.flatMap(({ kernel }) => (typeof kernel === 'string' ? [] : [kernel]));
  const [first] = racing;
  const until = performance.now() + efforts[race.request.effort].warmUpMs;
  while (first && performance.now() < until) await race.clock.time(first.runs, first.plan.repeats);
  for (const kernel of racing) kernel.clear();
  await inTurns(
    race,
    racing,
    (kernel) => kernel.samples,
    (kernel) => {
      kernel.prepare();
      return sample(race.clock, kernel.plan, kernel.runs);
    },
  );
}

/**
 * Milliseconds of one waited call; short calls are repeated, because the page's clock may step by 0.1 ms. Chrome is kept looking for
 * finished work: else each wait ends on its millisecond, and short calls of different lengths look alike.
 */
async function raceCalls(race: Race, entrants: readonly Entrant[], title: string): Promise<void> {
  race.say(`${title}: call against call`);
  const { queue } = race.gpu.device;
  const watch = race.gpu.fallback ? null : new Watch(race.gpu.device);
  const racing = entrants.flatMap(({ call }) => (typeof call === 'string' ? [] : [{ call, repeats: 1 }]));
  const timed = async ({ call, repeats }: (typeof racing)[number]): Promise<number> => {
    await race.clock.lead?.();
    await queue.onSubmittedWorkDone();
    const start = performance.now();
    for (let i = 0; i < repeats; i++) {
      const done = call.once().then(() => queue.onSubmittedWorkDone());
      await (watch ? watch.over(done) : done);
    }
    return (performance.now() - start) / repeats;
  };
  for (const one of racing) {
    await timed(one);
    one.repeats = Math.max(1, Math.min(64, Math.ceil(20 / Math.max(0.1, await timed(one)))));
  }
  for (const { call } of racing) call.clear?.();
  await inTurns(race, racing, ({ call }) => call.samples, timed);
}
