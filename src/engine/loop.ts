// Drives an engine and an executor through a run: delivers arrivals, plans, executes, commits. One body
// serves executors that answer at once (the virtual clock, replay) and those that answer later (the GPU).

import { type Failure, failure } from '../core/result.ts';
import type { Engine } from './engine.ts';
import type { Executor, StepResult } from './executor.ts';
import type { Request } from './request.ts';

/** Where requests come from, in order of arrival. A closed loop makes the next when one ends. */
export interface Arrivals {
  /** Scheduled second of the next arrival; Infinity when none is known (yet). */
  peek(): number;
  take(): Request;
  /** A request has ended at `time`; may bring the next arrival. */
  ended?(id: number, time: number): void;
}

export interface LoopOptions {
  /** Checked between steps; a run that is stopped keeps what it has. */
  readonly signal?: { readonly aborted: boolean };
  /** Told of every request that an engine would not take. */
  readonly onRefused?: (request: Request, why: Failure) => void;
  /** Whether to plan again after a refused plan; by default the run ends. */
  readonly planAgain?: (why: Failure) => boolean;
  /** Steps that may fail in a row before the run ends. */
  readonly failuresAllowed?: number;
  /** Called after every commit. */
  readonly onStep?: () => void;
}

/** How a run ended; `why` when it did not reach its end. */
export interface RunEnd {
  readonly time: number;
  readonly incomplete?: Failure;
}

type Answer = StepResult | number;
type Pending = Answer | Promise<Answer>;

export function runSync(
  engine: Engine,
  executor: Executor,
  arrivals: Arrivals,
  options: LoopOptions = {},
): RunEnd {
  const loop = drive(engine, executor, arrivals, options);
  let turn = loop.next();
  while (!turn.done) {
    if (turn.value instanceof Promise)
      throw new Error('This executor answers later; drive it with run() instead of runSync().');
    turn = loop.next(turn.value);
  }
  return turn.value;
}

export async function run(
  engine: Engine,
  executor: Executor,
  arrivals: Arrivals,
  options: LoopOptions = {},
): Promise<RunEnd> {
  const loop = drive(engine, executor, arrivals, options);
  let turn = loop.next();
  while (!turn.done) {
    const pending: Pending = turn.value;
    // an answer that is there already costs no trip through the event loop
    turn = loop.next(pending instanceof Promise ? await pending : pending);
  }
  return turn.value;
}

/** Clients that give up, by the second at which they do. */
class Patience {
  private readonly list: { readonly time: number; readonly id: number }[] = [];

  add(request: Request): void {
    const { abortAt: time, id } = request;
    if (time === undefined) return;
    let i = this.list.length;
    while (i > 0 && (this.list[i - 1]?.time ?? 0) < time) i--;
    this.list.splice(i, 0, { time, id });
  }

  next(): number {
    return this.list.at(-1)?.time ?? Number.POSITIVE_INFINITY;
  }

  take(): number {
    return this.list.pop()?.id ?? 0;
  }
}

function* drive(
  engine: Engine,
  executor: Executor,
  arrivals: Arrivals,
  options: LoopOptions,
): Generator<Pending, RunEnd, Answer | undefined> {
  const patience = new Patience();
  let inFlight: Pending | undefined;
  let now = 0;
  let failures = 0;

  const stop = (incomplete: Failure): RunEnd => {
    engine.lose(now);
    return { time: engine.now, incomplete };
  };
  const deliver = (): void => {
    for (;;) {
      const arrival = arrivals.peek();
      const gives = patience.next();
      if (Math.min(arrival, gives) > now) return;
      if (gives < arrival) {
        engine.abort(patience.take(), gives);
        continue;
      }
      const request = arrivals.take();
      const taken = engine.submit(request, now);
      if (taken.ok) patience.add(request);
      else {
        options.onRefused?.(request, taken.error);
        arrivals.ended?.(request.id, now);
      }
    }
  };
  /** Commits an answer; the failure that ends the run, if it does. */
  const settle = (answer: Answer | undefined): Failure | undefined => {
    if (typeof answer !== 'object')
      return failure('loop', 'A step was answered by a time.', 'Mend the executor.');
    if (answer.ok) {
      const committed = engine.commit(answer.value);
      if (!committed.ok) return committed.error;
      failures = 0;
    } else {
      engine.fail(now);
      if (answer.error.code === 'lost') return answer.error;
      failures++;
      if (failures > (options.failuresAllowed ?? 3)) return answer.error;
    }
    now = Math.max(now, executor.now?.() ?? engine.now);
    options.onStep?.();
    return undefined;
  };

  for (;;) {
    if (options.signal?.aborted) {
      if (inFlight !== undefined) settle(yield inFlight);
      return stop(failure('cancelled', 'The run was cancelled.', 'What was measured until then is kept.'));
    }
    deliver();
    const begun = engine.begin(now);
    if (!begun.ok) {
      if (inFlight !== undefined) {
        const failed = settle(yield inFlight);
        inFlight = undefined;
        if (failed) return stop(failed);
      }
      if (options.planAgain?.(begun.error)) continue;
      return stop(begun.error);
    }
    if (begun.value.kind === 'step') {
      const pending = executor.execute(begun.value.batch, now);
      if (engine.lookahead === 0) {
        const failed = settle(yield pending);
        if (failed) return stop(failed);
        continue;
      }
      const before = inFlight;
      inFlight = pending;
      if (before === undefined) continue;
      const failed = settle(yield before);
      if (failed) return stop(failed);
      if (failures > 0) {
        // the step behind a failed one stood on it: it fails too, and planning starts afresh
        yield inFlight;
        engine.fail(now);
        inFlight = undefined;
      }
      continue;
    }
    if (inFlight !== undefined) {
      const failed = settle(yield inFlight);
      inFlight = undefined;
      if (failed) return stop(failed);
      continue;
    }
    const events = Math.min(arrivals.peek(), patience.next());
    // a strategy that asks to be woken in the past would be asked for ever
    const next = begun.value.until > now ? Math.min(events, begun.value.until) : events;
    if (next === Number.POSITIVE_INFINITY) {
      if (engine.live === 0) return { time: engine.now };
      return stop(
        failure(
          'stuck',
          `The strategy plans nothing while ${engine.live} requests wait.`,
          'Mend the strategy.',
        ),
      );
    }
    const reached = yield executor.idle(Math.max(next, now));
    now = Math.max(now, typeof reached === 'number' ? reached : now);
  }
}
