// Times a step op by op: every role's dispatches apart, on the step's own buffers, in turns with the whole step. Before
// and after, the step must give the same logits to the bit; else there is no split.

import { err, type Failure, failure, ok, type Result } from '../../core/result.ts';
import type { Gpu } from '../../gpu/device.ts';
import { type Clock, estimate, planSample, type Run, type SamplePlan, sample } from '../../gpu/timing.ts';
import { type StepSplit, splitOf, type TimedRole } from '../../measure/split.ts';
import type { FlatBatch } from '../../model/batch.ts';
import type { NamedDispatch, Runtime } from '../../model/contract.ts';
import { cancelled } from '../../model/stopped.ts';
import { refused } from '../refused.ts';

export interface SplitBench {
  readonly gpu: Gpu;
  readonly clock: Clock;
  readonly runtime: Runtime;
  readonly samples: number;
  stop(): string | null;
  /** Told of every sample. */
  progress?(done: number, total: number, what: string): void;
}

type SplitFailure = Failure<'refused' | 'cancelled'>;

interface Lane {
  readonly ring: readonly Run[];
  readonly plan: SamplePlan;
  readonly samplesMs: number[];
}

/**
 * The split of a step of `batch`, which must sample. Runs the step again and again: its tokens stay what they are. A stop leaves the
 * samples taken, if every op has one.
 */
export async function measureSplit(
  { gpu, clock, runtime, samples, stop, progress }: SplitBench,
  batch: FlatBatch,
): Promise<Result<StepSplit, SplitFailure>> {
  if (batch.logitCount === 0)
    return err(failure('refused', 'This step gives no logits.', 'Split a step that samples a token.'));
  const step = runtime.step(batch);
  if (!step.ok) return refused(step.error);
  await step.value.sampled;
  const want = await runtime.readLogits();
  const listed = runtime.dispatches(batch);
  if (!listed.ok) return refused(listed.error);

  const whole: NamedDispatch['encode'] = (pass) => {
    for (const dispatch of listed.value) dispatch.encode(pass);
  };
  const roles = new Map<string, NamedDispatch[]>();
  for (const dispatch of listed.value)
    roles.set(dispatch.name.role, [...(roles.get(dispatch.name.role) ?? []), dispatch]);
  // a plan counts as a sample: it takes about as long
  const total = (1 + roles.size) * (1 + samples);
  let done = 0;
  const tell = (what: string): void => progress?.(done++, total, what);
  tell('the whole step, for a plan');
  const all = await laneOf(clock, [[{ label: 'whole step', encode: whole }]]);
  const apart: { readonly of: NamedDispatch; readonly lane: Lane }[] = [];
  for (const [role, dispatches] of roles) {
    if (stop()) return err(cancelled('The split'));
    tell(`${role}, for a plan`);
    const [of] = dispatches;
    if (of)
      apart.push({
        of,
        lane: await laneOf(
          clock,
          dispatches.map((dispatch) => [dispatch]),
        ),
      });
  }
  const lanes = [{ name: 'the whole step', lane: all }];
  for (const { of, lane } of apart) lanes.push({ name: of.name.role, lane });
  for (let round = 0; round < samples && !stop(); round++) {
    for (const { name, lane } of round % 2 === 0 ? lanes : [...lanes].reverse()) {
      if (stop()) break;
      tell(`${name}, turn ${round + 1} of ${samples}`);
      const ms = await sample(clock, lane.plan, lane.ring);
      if (ms !== null) lane.samplesMs.push(ms);
    }
  }
  if (!(await sameAgain(gpu, runtime, whole, want.values)))
    return err(
      failure(
        'refused',
        'Timed op by op, the step gave other logits.',
        'Please report it with the device’s name.',
      ),
    );
  const timed = apart.map(
    ({ of, lane }): TimedRole => ({
      role: of.name.role,
      op: of.name.op,
      version: of.name.version,
      count: lane.ring.length,
      samplesMs: lane.samplesMs,
    }),
  );
  const split = splitOf(timed, all.samplesMs);
  if (split) return ok(split);
  if (stop()) return err(cancelled('The split'));
  return err(failure('refused', 'An op had no valid interval from this clock.', 'Measure again.'));
}

/** Whole rounds over the layers, so that a sample is their average. */
async function laneOf(clock: Clock, ring: readonly Run[]): Promise<Lane> {
  const plan = planSample(clock, await estimate(clock, ring));
  return {
    ring,
    plan: { ...plan, repeats: Math.ceil(plan.repeats / ring.length) * ring.length },
    samplesMs: [],
  };
}

async function sameAgain(
  gpu: Gpu,
  runtime: Runtime,
  whole: NamedDispatch['encode'],
  want: Float32Array,
): Promise<boolean> {
  const encoder = gpu.device.createCommandEncoder({ label: 'step again' });
  const pass = encoder.beginComputePass({ label: 'step again' });
  whole(pass);
  pass.end();
  gpu.device.queue.submit([encoder.finish()]);
  const { values } = await runtime.readLogits();
  return values.every((x, i) => Object.is(x, want[i]));
}
