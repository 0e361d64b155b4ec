// Records the runs that lessons open with, on the virtual clock: `node scripts/run.mjs bench/record-lessons.ts`.
// Runs measured on a device are recorded by the batching command and stand before these.

import { mkdir, writeFile } from 'node:fs/promises';
import { lessons } from '../src/app/batching/lessons.ts';
import { writeRuns } from '../src/app/batching/runs.ts';
import { serveVirtual } from '../src/app/batching/serve.ts';
import { readWanted, serveRequests } from '../src/app/batching/spec.ts';
import { unwrap } from '../src/core/result.ts';
import { costModels } from '../src/engine/devices/index.ts';

const FOLDER = 'bench/results/batching';
const COST = costModels.get('illustrative');

export default async function main(): Promise<number> {
  if (!COST) throw new Error('the illustrative cost model is missing');
  await mkdir(FOLDER, { recursive: true });
  for (const lesson of lessons.values()) {
    const runs = serveRequests(unwrap(readWanted({ ...lesson, lookahead: 0 })), COST).map((one) =>
      unwrap(serveVirtual(one)),
    );
    const path = `${FOLDER}/${lesson.id}.virtual.json`;
    await writeFile(path, writeRuns(runs));
    const steps = runs.map((run) => `${run.header.strategy} ${run.trace.steps.length} steps`);
    process.stdout.write(`${path}: ${steps.join(', ')}\n`);
  }
  return 0;
}
