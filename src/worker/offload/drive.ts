// The work that is driven from the page's thread and from the worker: the same function runs in both. It is what Lockstep does
// all day: make inputs, compute a reference, submit kernels and wait for them, read back and compare.

import { assert, at } from '../../core/assert.ts';
import { err, type Failure, failure, ok, type Result } from '../../core/result.ts';
import type { Gpu } from '../../gpu/device.ts';
import { makeInputs } from '../../gpu/inputs.ts';
import type { Pipelines } from '../../gpu/pipelines.ts';
import { makeSubject, type Subject } from '../../gpu/subject.ts';
import type { Run } from '../../gpu/timing.ts';
import { catalog } from '../../kernels/catalog.ts';
import type { DriveWork, Round } from '../../measure/offload.ts';
import type { WorkerFailure } from '../protocol.ts';

const refused = ({ message, hint }: Failure) => err(failure('refused', message, hint));

/** Runs one round. Fails when it was stopped before its end or when the output is wrong: such a round has no time. */
export async function driveRound(
  gpu: Gpu,
  pipelines: Pipelines,
  work: DriveWork,
  stopped: () => boolean,
): Promise<Result<Round, WorkerFailure>> {
  const { side } = work;
  const entry = catalog.get('matmul');
  const version = entry?.versions[0]; // the plainest: which thread drives it is what counts
  assert(entry && version, 'shaders/matmul is missing');
  const start = performance.now();
  const set = makeInputs(gpu, entry.op, { m: side, n: side, k: side }, 'f32');
  if (!set.ok) return refused(set.error);
  try {
    const subject = await makeSubject(gpu, pipelines, set.value, version, {});
    if (!subject.ok) return refused(subject.error);
    try {
      const runs = await subject.value.runs(set.value.ring);
      if (!runs.ok) return refused(runs.error);
      return await drive(gpu.device, subject.value, at(runs.value, 0), work, start, stopped);
    } finally {
      subject.value.dispose();
    }
  } finally {
    set.value.scope.dispose();
  }
}

async function drive(
  device: GPUDevice,
  subject: Subject,
  run: Run,
  { steps, dispatches }: DriveWork,
  start: number,
  stopped: () => boolean,
): Promise<Result<Round, WorkerFailure>> {
  const prepared = performance.now();
  for (let step = 0; step < steps; step++) {
    // before the first step there is no output to check, and fewer steps than were asked for are no round
    if (stopped())
      return err(failure('cancelled', `Cancelled after ${step} of ${steps} steps.`, 'Run it again.'));
    const encoder = device.createCommandEncoder({ label: 'offload' });
    const pass = encoder.beginComputePass({ label: 'offload' });
    for (let i = 0; i < dispatches; i++) for (const part of run) part.encode(pass);
    pass.end();
    device.queue.submit([encoder.finish()]);
    await device.queue.onSubmittedWorkDone();
  }
  const driven = performance.now();
  const check = await subject.check();
  if (!check.verified)
    return err(failure('refused', `The round ${check.why}.`, 'Please report it with the device’s name.'));
  return ok({
    prepareMs: prepared - start,
    driveMs: driven - prepared,
    checkMs: performance.now() - driven,
  });
}

/** Work whose steps take about 8 ms on this device (half a frame), and whose rounds take about a second. */
export async function sizeWork(gpu: Gpu, pipelines: Pipelines): Promise<Result<DriveWork, WorkerFailure>> {
  const side = gpu.fallback ? 256 : 512;
  const go = () => false;
  const first = await driveRound(gpu, pipelines, { side, steps: 1, dispatches: 1 }, go);
  if (!first.ok) return first;
  const second = await driveRound(gpu, pipelines, { side, steps: 4, dispatches: 4 }, go);
  if (!second.ok) return second;
  const each = second.value.driveMs / 16;
  const dispatches = Math.max(1, Math.min(512, Math.round(8 / each)));
  return ok({ side, dispatches, steps: Math.max(8, Math.min(60, Math.round(600 / (each * dispatches)))) });
}
