// The work that is driven from the page's thread and from the worker: the same function runs in both. It is what Lockstep does
// all day: make inputs, compute a reference, submit kernels and wait for them, read back and compare.

import { assert } from '../../core/assert.ts';
import { unwrap } from '../../core/result.ts';
import type { Gpu } from '../../gpu/device.ts';
import type { Pipelines } from '../../gpu/pipelines.ts';
import { makeInputs, makeSubject } from '../../gpu/subject.ts';
import { catalog } from '../../kernels/catalog.ts';
import type { DriveWork, Round } from '../../measure/offload.ts';

/** Runs one round. Throws when the output is wrong: such a round has no time. */
export async function driveRound(
  gpu: Gpu,
  pipelines: Pipelines,
  { side, steps, dispatches }: DriveWork,
  stopped: () => boolean,
): Promise<Round> {
  const { device } = gpu;
  const entry = catalog.get('matmul');
  const version = entry?.versions[0]; // the plainest: which thread drives it is what counts
  assert(entry && version, 'shaders/matmul is missing');
  const start = performance.now();
  const set = unwrap(makeInputs(gpu, entry.op, { m: side, n: side, k: side }, 'f32'));
  try {
    const subject = unwrap(await makeSubject(gpu, pipelines, set, version, {}));
    try {
      const run = unwrap(await subject.runs(set.ring))[0] ?? [];
      const prepared = performance.now();
      for (let step = 0; step < steps && !stopped(); step++) {
        const encoder = device.createCommandEncoder({ label: 'offload' });
        const pass = encoder.beginComputePass({ label: 'offload' });
        for (let i = 0; i < dispatches; i++) for (const part of run) part.encode(pass);
        pass.end();
        device.queue.submit([encoder.finish()]);
        await device.queue.onSubmittedWorkDone();
      }
      const driven = performance.now();
      const check = await subject.check();
      if (!check.verified) throw new Error(check.why);
      return {
        prepareMs: prepared - start,
        driveMs: driven - prepared,
        checkMs: performance.now() - driven,
      };
    } finally {
      subject.dispose();
    }
  } finally {
    set.scope.dispose();
  }
}

/** Work whose steps take about 8 ms on this device (half a frame), and whose rounds take about a second. */
export async function sizeWork(gpu: Gpu, pipelines: Pipelines): Promise<DriveWork> {
  const side = gpu.fallback ? 256 : 512;
  await driveRound(gpu, pipelines, { side, steps: 1, dispatches: 1 }, () => false);
  const { driveMs } = await driveRound(gpu, pipelines, { side, steps: 4, dispatches: 4 }, () => false);
  const each = driveMs / 16;
  const dispatches = Math.max(1, Math.min(512, Math.round(8 / each)));
  return { side, dispatches, steps: Math.max(8, Math.min(60, Math.round(600 / (each * dispatches)))) };
}
