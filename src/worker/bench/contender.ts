// One line of a race: a subject, how it is sampled, and what its samples say.

import { err, failure, ok, type Result } from '../../core/result.ts';
import { quantile } from '../../core/stats.ts';
import type { RunFailure } from '../../gpu/dispatch.ts';
import type { InputSet } from '../../gpu/inputs.ts';
import type { Check, Subject } from '../../gpu/subject.ts';
import {
  type Clock,
  estimate,
  planSample,
  type Run,
  type SamplePlan,
  sample,
  submitLimitMs,
} from '../../gpu/timing.ts';
import { evaluate } from '../../kernels/expr.ts';
import { compulsoryBytes } from '../../kernels/traffic.ts';
import { limitOf, timing, type Work } from '../../measure/bound.ts';
import { type TurnTimes, timesOf } from '../../measure/rank.ts';
import { measured } from '../../measure/samples.ts';
import type { Ceilings, ResultRow, RowStatus, Timing } from '../../measure/schema.ts';

export interface Contender {
  readonly subject: Subject;
  readonly check: Check;
  readonly warm: readonly Run[];
  /** Made on a device that may not have ramped up its clocks; made again by `replan`. */
  plan: SamplePlan;
  estimateMs: number;
  /** The rows-at-a-time that keep a submit short; undefined when one submit is short enough. */
  readonly chunk: number | undefined;
  /** A sample a turn, warm and cold; null where the clock gave no valid interval. */
  readonly samples: (number | null)[];
  readonly coldSamples: (number | null)[];
  /** Why there is no cold time, where there should be one. */
  coldWhy?: string;
}

/** A run longer than this is refused: nobody waits for twenty of them. */
export const longestRunMs = { quick: 4_000, full: 20_000 } as const;

/**
 * Finds out, on the first slices of the output, whether a run is short enough for one submit, must be cut, or is refused,
 * then runs and checks it once.
 */
export async function enter(
  clock: Clock,
  set: InputSet,
  subject: Subject,
  effort: keyof typeof longestRunMs,
): Promise<
  Result<Contender, RunFailure | { code: 'too-long' | 'unverified'; message: string; hint: string }>
> {
  const total = set.op.split ? (set.dims[set.op.split] ?? 0) : 0;
  let chunk: number | undefined;
  let predicted = 0;
  if (total > 64) {
    // grow the cut until it is long enough to extrapolate from, or is everything
    for (let rows = 64; rows < total; rows *= 2) {
      const timed = await subject.first(rows, async (run) => {
        await clock.time([run], 1);
        return (await clock.time([run], 1)) ?? submitLimitMs;
      });
      if (!timed.ok) return timed;
      const ms = timed.value;
      predicted = (ms * total) / rows;
      if (predicted < submitLimitMs / 2) break;
      if (ms > submitLimitMs / 8) {
        const fits = Math.floor(((submitLimitMs / 2) * rows) / ms / 64) * 64;
        chunk = predicted < submitLimitMs * 0.75 ? undefined : Math.max(64, fits);
        break;
      }
    }
  }
  if (predicted > longestRunMs[effort]) {
    return err(
      failure(
        'too-long',
        `predicted to take ${(predicted / 1e3).toFixed(1)} s a run.`,
        'Choose a smaller shape.',
      ),
    );
  }
  const runs = await subject.runs(set.ring.slice(0, 1), chunk);
  if (!runs.ok) return runs;
  subject.clear();
  await clock.time(runs.value, 1);
  const check = await subject.check();
  if (!check.verified)
    return err(failure('unverified', check.why, 'The version is wrong on this device; please report it.'));
  const estimateMs = chunk ? predicted : await estimate(clock, runs.value);
  const plan: SamplePlan = chunk ? { method: 'direct', repeats: 1 } : planSample(clock, estimateMs);
  return ok({ subject, check, warm: runs.value, plan, estimateMs, chunk, samples: [], coldSamples: [] });
}

/** Plans the samples anew, on a device that is warm by now. */
export async function replan(clock: Clock, contender: Contender): Promise<void> {
  if (contender.chunk !== undefined) return;
  contender.estimateMs = await estimate(clock, contender.warm);
  contender.plan = planSample(clock, contender.estimateMs);
}

/** Checks what the timed runs left; an op that works in place is run once more, from its input. */
export async function checkTimed(clock: Clock, { subject, warm }: Contender): Promise<Check> {
  if (subject.inPlace) {
    subject.clear();
    await clock.time(warm, 1);
  }
  return subject.check();
}

/** Takes one warm sample: null where the clock gave no valid interval; slopes that noise turned round are kept. */
export async function take(clock: Clock, contender: Contender): Promise<void> {
  contender.samples.push(await sample(clock, contender.plan, contender.warm));
}

export function workOf(set: InputSet, subject: Subject): Work {
  return {
    flops: evaluate(set.op.flops, set.dims),
    bytes: compulsoryBytes(set.op, set.dims, set.dtype),
    dispatches: subject.dispatches,
    peak: subject.version.peak,
  };
}

/** A contender and what its row says besides its samples. */
export interface Racer {
  readonly set: InputSet;
  readonly shape: string;
  readonly contender: Contender;
  readonly tuned: ResultRow['tuned'];
}

/** The row that a contender's samples make. */
export function rowOf(
  { set, shape, contender, tuned }: Racer,
  { ceilings, clock }: { readonly ceilings: Ceilings; readonly clock: Clock },
): ResultRow {
  const { subject, check, samples, coldSamples } = contender;
  const work = workOf(set, subject);
  const limit = limitOf(work, ceilings);
  const [durations, coldDurations] = [measured(samples), measured(coldSamples)];
  const warm: Timing | null = durations.ok ? timing(work, durations.value, limit) : null;
  const cold = coldDurations.ok ? timing(work, coldDurations.value, limit) : null;
  return {
    ...blankRow(
      set,
      shape,
      subject.version,
      warm ? 'measured' : 'untimed',
      durations.ok ? null : durations.error,
    ),
    verified: true,
    maxError: check.maxError,
    accuracy: check.accuracy,
    clock: clock.kind,
    medianMs: warm?.medianMs ?? null,
    p10Ms: warm?.p10Ms ?? null,
    p90Ms: warm?.p90Ms ?? null,
    n: warm?.n ?? 0,
    gflops: warm?.gflops ?? null,
    gbps: warm?.gbps ?? null,
    fractionOfCeiling: warm?.fractionOfCeiling ?? null,
    ceiling: limit?.ceiling ?? null,
    bound: limit?.bound ?? null,
    cold,
    ...(cold === null && contender.coldWhy !== undefined ? { coldWhy: contender.coldWhy } : {}),
    tuned,
    params: subject.params,
    samplesMs: [...samples],
  };
}

/** A row without figures, that says why. */
export function blankRow(
  set: Pick<InputSet, 'op' | 'dims' | 'dtype'>,
  shape: string,
  version: { readonly id: string; readonly reduction: string },
  status: RowStatus,
  why: string | null,
): ResultRow {
  return {
    op: set.op.id,
    version: version.id,
    peer: 'lockstep',
    shape,
    dims: set.dims,
    dtype: set.dtype,
    verified: false,
    status,
    why,
    maxError: null,
    tolerance: set.op.tolerance(set.dims, set.dtype).relative,
    accuracy: null,
    clock: null,
    medianMs: null,
    p10Ms: null,
    p90Ms: null,
    n: 0,
    gflops: null,
    gbps: null,
    fractionOfCeiling: null,
    ceiling: null,
    bound: null,
    cold: null,
    tuned: null,
    params: {},
    reduction: version.reduction,
    samplesMs: [],
  };
}

/**
 * Of each that was measured, the median of the second half of its samples over that of the first: 1 without drift. What is no
 * measurement (measure/samples.ts) has no ratio either.
 */
export function driftsOf(all: readonly TurnTimes[]): number[] {
  return all.flatMap((samples) => {
    const times = timesOf(samples);
    const half = Math.floor(times.length / 2);
    if (half < 3 || !measured(samples).ok) return [];
    return [quantile(times.slice(half), 0.5) / quantile(times.slice(0, half), 0.5)];
  });
}
