// Records the runs that lessons open with: `node scripts/run.mjs bench/record-lessons.ts` on the virtual clock, with
// `--gpu hardware` or `--gpu swiftshader` on that device. Runs measured on a device stand before simulated ones.

import { mkdir, writeFile } from 'node:fs/promises';
import { Command, Option } from 'commander';
import { lessons } from '../src/app/batching/lessons.ts';
import { writeRuns } from '../src/app/batching/runs.ts';
import { type Served, serveVirtual } from '../src/app/batching/serve.ts';
import { modelFor, promptsFor } from '../src/app/batching/serving-model.ts';
import { limitsOnGpu, readWanted, serveRequests, type Wanted } from '../src/app/batching/spec.ts';
import { explain, unwrap } from '../src/core/result.ts';
import { costModels } from '../src/engine/devices/index.ts';
import { replay } from '../src/engine/replay.ts';
import type { ServeRequest } from '../src/worker/serving/protocol.ts';
import { usualTurns } from '../src/worker/serving/turns.ts';
import { commitHash } from './io.ts';
import { type Session, withDevice } from './session.ts';

const FOLDER = 'bench/results/batching';
const COST = costModels.get('illustrative');

async function write(id: string, kind: string, runs: readonly Served[]): Promise<void> {
  const path = `${FOLDER}/${id}.${kind}.json`;
  await writeFile(path, writeRuns(runs));
  const steps = runs.map((run) => `${run.header.strategy} ${run.trace.steps.length} steps`);
  process.stdout.write(`${path}: ${steps.join(', ')}\n`);
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
    repeats: usualTurns,
    seed: 1,
    ...(hash ? { commit: hash } : {}),
  };
  const done = await driver.page.evaluate((r) => window.lockstep.serve(r), request);
  if (!done.ok) throw new Error(explain(done.error));
  if (done.value.identical.verdict !== 'same' || done.value.invalid.length > 0)
    throw new Error(`not fit to record: ${JSON.stringify(done.value.invalid)}`);
  return done.value.runs
    .toSorted((a, b) => a.repeat - b.repeat || a.contender - b.contender)
    .map(({ file }) => ({ trace: unwrap(replay(file)), header: file.header, requests: file.requests }));
}

export default async function main(argv: readonly string[]): Promise<number> {
  const choices = ['hardware', 'swiftshader'] as const;
  const command = new Command().addOption(new Option('--gpu <kind>', 'measured on it').choices(choices));
  const { gpu } = command.parse([...argv], { from: 'user' }).opts<{ gpu?: (typeof choices)[number] }>();
  await mkdir(FOLDER, { recursive: true });
  const wanted = [...lessons.values()].map((lesson) => ({
    lesson,
    want: unwrap(readWanted({ ...lesson, lookahead: 0 })),
  }));
  if (gpu) {
    await withDevice(
      { gpu },
      () => undefined,
      async (session) => {
        for (const { lesson, want } of wanted) await write(lesson.id, gpu, await measured(session, want));
      },
    );
    return 0;
  }
  if (!COST) throw new Error('the illustrative cost model is missing');
  for (const { lesson, want } of wanted)
    await write(
      lesson.id,
      'virtual',
      serveRequests(want, COST).map((one) => unwrap(serveVirtual(one))),
    );
  return 0;
}
