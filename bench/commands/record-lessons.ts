// npm run bench -- record-lessons: the runs that lessons open with, on a device. A lesson without a recorded run opens with one that
// the page computes on the virtual clock.

import type { Command } from 'commander';
import { lessons } from '../../src/app/batching/lessons.ts';
import { writeRuns } from '../../src/app/batching/runs.ts';
import type { Served } from '../../src/app/batching/serve.ts';
import { modelFor, promptsFor } from '../../src/app/batching/serving-model.ts';
import { limitsOnGpu, readWanted, type Wanted } from '../../src/app/batching/spec.ts';
import { turnsFor } from '../../src/app/batching/turns-for.ts';
import { explain, unwrap } from '../../src/core/result.ts';
import { replay } from '../../src/engine/replay.ts';
import type { ServeReport, ServeRequest } from '../../src/worker/serving/protocol.ts';
import { commitHash, write } from '../io.ts';
import type { Subcommand } from '../main.ts';
import { gpuOption } from '../options.ts';
import { type Session, withDevice } from '../session.ts';

interface Options {
  readonly gpu: 'hardware' | 'swiftshader';
  readonly name?: string;
  readonly out: string;
}

/** What speaks against recording it: the page shows of a recorded run what bounds it, its turn, and what the harness cost. */
function unfit({ identical, invalid, noBound, runs }: ServeReport): string[] {
  const headers = runs.map(({ file }) => file.header);
  const lacks = (what: 'bound' | 'turn' | 'harness') => headers.some((header) => header[what] === undefined);
  return [
    ...invalid,
    ...(identical.verdict === 'same' ? [] : ['the answers are not the same']),
    ...(noBound ? [`what bounds a step is not known: ${noBound}`] : []),
    ...(['bound', 'turn', 'harness'] as const).filter(lacks).map((what) => `a run's header has no "${what}"`),
  ];
}

/** The lesson's comparison on the device: every strategy in turns, all repeats. */
async function measured({ driver, device }: Session, want: Wanted): Promise<Served[]> {
  const model = modelFor(want, device.fallback);
  const hash = commitHash();
  const request: ServeRequest = {
    model,
    limits: limitsOnGpu(want.limits, model.config),
    contenders: want.tracks.map(({ strategy, preset, given }) => ({
      label: strategy.title,
      strategy: preset?.id ?? strategy.id,
      knobs: given,
    })),
    requests: await promptsFor(model, want.requests),
    ...(want.closed ? { closed: want.closed } : {}),
    workload: want.workload,
    lookahead: want.lookahead,
    repeats: turnsFor(want.tracks.length),
    seed: 1,
    ...(hash ? { commit: hash } : {}),
  };
  const done = await driver.page.evaluate((r) => window.lockstep.serve(r), request);
  if (!done.ok) throw new Error(explain(done.error));
  const against = unfit(done.value);
  if (against.length > 0) throw new Error(`not fit to record: ${against.join('; ')}`);
  return done.value.runs
    .toSorted((a, b) => a.repeat - b.repeat || a.contender - b.contender)
    .map(({ file }) => ({ trace: unwrap(replay(file)), header: file.header, requests: file.requests }));
}

async function record({ gpu, name = gpu, out }: Options): Promise<void> {
  await withDevice(
    { gpu },
    () => undefined,
    async (session) => {
      for (const lesson of lessons.values()) {
        const want = unwrap(readWanted({ ...lesson, lookahead: 0 }));
        const runs = await measured(session, want);
        write(`${out}/${lesson.id}.${name}.json`, writeRuns(runs));
        console.log(runs.map((run) => `${run.header.strategy} ${run.trace.steps.length} steps`).join(', '));
      }
    },
  );
}

export default {
  id: 'record-lessons',
  register: (program: Command) =>
    program
      .command('record-lessons')
      .description('the runs that the lessons of the Batching page open with, a file each')
      .addOption(gpuOption('hardware', ['hardware', 'swiftshader']))
      .option('--name <name>', "of the device, in the files' names; the kind of adapter unless it is given")
      .option('--out <folder>', 'where the files go', 'bench/results/batching')
      .action(record),
} satisfies Subcommand;
