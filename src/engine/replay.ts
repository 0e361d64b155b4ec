// Re-plays a run file through a real engine: the recorded plans are checked and applied, the recorded times
// and tokens committed. The trace that comes out is the trace that was recorded.

import { assert } from '../core/assert.ts';
import { messageOf } from '../core/message-of.ts';
import { err, type Failure, failure, ok, type Result } from '../core/result.ts';
import { Engine } from './engine.ts';
import type { StepBatch } from './executor.ts';
import type { Plan, Planner } from './plan.ts';
import { reasonCode } from './reason.ts';
import { type RunFile, type RunIdle, type RunStep, unsaid } from './run-file.ts';
import type { Trace } from './trace.ts';
import type { View } from './view.ts';

/** A planner that repeats what it is given next. Reasons that do not change are carried over. */
class Recorded implements Planner {
  readonly settings: Planner['settings'];
  readonly start = null;
  next: RunStep | RunIdle | undefined;
  private readonly reasons = new Map<number, number>();

  constructor(run: RunFile) {
    this.settings = run.header.settings;
  }

  plan(view: View, state: unknown): { plan: Plan; state: unknown } {
    const slots = new Map<number, number>();
    for (const slot of [...view.waiting, ...view.running]) slots.set(view.requests.id[slot] as number, slot);
    const slotOf = (id: number): number => {
      const slot = slots.get(id);
      assert(slot !== undefined, `the recorded plan names request ${id}, which is not there`);
      return slot;
    };
    const step = this.next;
    assert(step, 'a plan is asked for that was not recorded');
    const rows = 'rows' in step ? step.rows : [];
    const admit = ('rows' in step ? step.admit : undefined) ?? [];
    const preempt = ('rows' in step ? step.preempt : undefined) ?? [];
    for (const [id] of rows) this.reasons.delete(id);
    for (const id of preempt) this.reasons.delete(id);
    // what changed comes first and in its order, because only that makes events
    const waits = (step.waits ?? []).flatMap(([id, reason]) => [slotOf(id), reason]);
    for (const [id, reason] of step.waits ?? []) this.reasons.set(id, reason);
    for (const [id, reason] of this.reasons) {
      const slot = slots.get(id);
      if (slot === undefined) this.reasons.delete(id);
      else waits.push(slot, reason);
    }
    const plan: Plan = {
      release: Int32Array.from(step.release ?? [], slotOf),
      preempt: Int32Array.from(preempt, slotOf),
      admit: Int32Array.from(admit.flatMap(([id, cached, reserve]) => [slotOf(id), cached, reserve])),
      rows: Int32Array.from(rows.flatMap(([id, tokens, padding]) => [slotOf(id), tokens, padding])),
      waits: Int32Array.from(waits),
      rest: reasonCode('unplanned'),
      wakeAt: Number.POSITIVE_INFINITY,
    };
    return { plan, state };
  }
}

/** The answer that the executor gave; where it was thrown away, zeros stand in its place. */
function samplesOf(step: RunStep, batch: StepBatch): Int32Array {
  const overrun = new Set(step.overrun);
  const samples: number[] = [];
  let token = 0;
  for (let row = 0; row < batch.rows; row++)
    for (let k = 0; k < (batch.samples[row] as number); k++)
      samples.push(overrun.has(batch.id[row] as number) ? 0 : (step.tokens[token++] ?? 0));
  return Int32Array.from(samples);
}

/** The trace of a recorded run, or why the file cannot be one. */
export function replay(run: RunFile): Result<Trace, Failure> {
  const steps = replaySteps(run);
  for (;;) {
    const turn = steps.next();
    if (turn.done) return turn.value;
  }
}

const refuse = (why: string): Result<never, Failure> =>
  err(
    failure('replay', `The run file does not replay: ${why}`, 'It was edited, or is not from this engine.'),
  );

/** As `replay`, stopping at each step's batch, as it was given to the executor: pages taken, nothing computed. */
export function* replaySteps(run: RunFile): Generator<StepBatch, Result<Trace, Failure>> {
  let step = 0;
  try {
    const steps = replayed(run);
    for (let turn = steps.next(); ; turn = steps.next()) {
      if (turn.done) return turn.value;
      step++;
      yield turn.value;
    }
  } catch (error) {
    // the engine's invariants hold for whatever it plans itself; a file may say anything
    return refuse(`after ${step} ${step === 1 ? 'step' : 'steps'}: ${messageOf(error)}.`);
  }
}

function* replayed(run: RunFile): Generator<StepBatch, Result<Trace, Failure>> {
  const planner = new Recorded(run);
  const engine = new Engine({ limits: run.header.limits, planner, lookahead: run.header.lookahead });
  const none = unsaid(run.header.clock);
  let arrived = 0;
  let aborted = 0;
  let idled = 0;
  let settled = 0;
  const flying: { readonly step: RunStep; readonly batch: StepBatch }[] = [];

  const deliver = (time: number, count: number): string | undefined => {
    for (
      let r = run.requests[arrived];
      r && r.arrival <= time && arrived < count;
      r = run.requests[++arrived]
    ) {
      const taken = engine.submit(r, r.arrival);
      if (!taken.ok) return taken.error.message;
    }
    return undefined;
  };
  /** Aborts and idle plans before a step, in the order of their times. */
  const between = (s: number): string | undefined => {
    for (;;) {
      const abort = run.aborts[aborted];
      const idle = run.idles[idled];
      const abortAt = abort && abort.beforeStep <= s ? abort.time : Number.POSITIVE_INFINITY;
      const idleAt = idle && idle.beforeStep <= s ? idle.time : Number.POSITIVE_INFINITY;
      const time = Math.min(abortAt, idleAt);
      if (time === Number.POSITIVE_INFINITY) return undefined;
      const { committed = 0, arrived: count = 0 } = (abortAt <= idleAt ? abort : idle) ?? {};
      const failed = settleTo(committed) ?? deliver(time, count);
      if (failed) return failed;
      if (abortAt <= idleAt && abort) {
        engine.abort(abort.id, abortAt);
        aborted++;
        continue;
      }
      planner.next = idle;
      const begun = engine.begin(idleAt);
      if (!begun.ok) return begun.error.message;
      idled++;
    }
  };
  const settle = (): string | undefined => {
    const oldest = flying.shift();
    if (!oldest) return undefined;
    const { step, batch } = oldest;
    settled++;
    const refused = deliver(Number.POSITIVE_INFINITY, step.arrived);
    if (refused) return refused;
    if (step.failed) engine.fail(step.end);
    else {
      const { start, end, host = none, readback = none } = step;
      const committed = engine.commit({ start, end, tokens: samplesOf(step, batch), host, readback });
      if (!committed.ok) return committed.error.message;
    }
    return undefined;
  };

  const settleTo = (count: number): string | undefined => {
    while (settled < count && flying.length > 0) {
      const failed = settle();
      if (failed) return `step ${settled - 1}: ${failed}`;
    }
    return undefined;
  };

  for (const [s, step] of run.steps.entries()) {
    const failed =
      between(s) ?? settleTo(s - (step.ahead ?? 0)) ?? deliver(step.planned, run.requests.length);
    if (failed) return refuse(failed);
    planner.next = step;
    const begun = engine.begin(step.planned);
    if (!begun.ok) return refuse(`step ${s}: ${begun.error.message}`);
    if (begun.value.kind !== 'step') return refuse(`step ${s} has no rows.`);
    flying.push({ step, batch: begun.value.batch });
    yield begun.value.batch;
  }
  const last = run.steps.length;
  const failed = between(last) ?? settleTo(last);
  if (failed) return refuse(failed);
  if (run.lost !== undefined) {
    const refused = deliver(Number.POSITIVE_INFINITY, run.requests.length);
    if (refused) return refuse(refused);
    engine.lose(run.lost);
  }
  return ok(engine.trace);
}
