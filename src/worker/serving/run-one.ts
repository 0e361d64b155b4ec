// One contender's run on the GPU: engine, executor, arrivals, and the run file that comes out, complete or not.

import { err, failure, ok, type Result } from '../../core/result.ts';
import { mean, quantile } from '../../core/stats.ts';
import { Engine } from '../../engine/engine.ts';
import { run } from '../../engine/loop.ts';
import { factsOf } from '../../engine/metrics/facts.ts';
import { completed } from '../../engine/metrics/latency.ts';
import { NotedArrivals, refusedOf } from '../../engine/noted-arrivals.ts';
import type { Planner } from '../../engine/plan.ts';
import { recordRun } from '../../engine/record.ts';
import type { RunHeader } from '../../engine/run-file.ts';
import type { Trace } from '../../engine/trace.ts';
import type { Limits } from '../../engine/view.ts';
import { type Ceilings, type DeviceReport, deviceLine } from '../../measure/schema.ts';
import { findStrategy } from '../../strategies/index.ts';
import { arrivalsOf } from '../../workloads/contract.ts';
import type { WorkerFailure } from '../protocol.ts';
import { GpuExecutor } from './gpu-executor.ts';
import type { Served } from './host.ts';
import type { LiveTrace } from './live.ts';
import type { ServeContender, ServedRun, ServeEvent, ServeRequest } from './protocol.ts';
import { Slowed } from './slowed.ts';

export interface ServeHost {
  readonly served: Served;
  readonly device: DeviceReport;
  emit(event: ServeEvent): void;
  /** Sends each run's trace while it grows, when somebody looks. */
  readonly live?: LiveTrace;
  /** Why to stop, or null. */
  stop(): string | null;
  /** What speaks against what is being measured, so far. */
  doubts?(): readonly string[];
  /** What the device reaches at best, measured when first asked for; null where nobody may wait for it. */
  ceilings?(): Promise<Result<Ceilings, string>>;
}

export function makePlanner(
  contender: ServeContender,
  limits: Limits,
): Result<{ planner: Planner; knobs: RunHeader['knobs']; id: string; preset?: string }, WorkerFailure> {
  const found = findStrategy(contender.strategy);
  if (!found)
    return err(
      failure(
        'bad-request',
        `There is no strategy "${contender.strategy}".`,
        'The page and --help list them.',
      ),
    );
  const made = found.strategy.make({ ...found.preset?.knobs, ...contender.knobs }, limits);
  if (!made.ok) return err(failure('bad-request', made.error.message, made.error.hint));
  return ok({ ...made.value, id: found.strategy.id, ...(found.preset && { preset: found.preset.id }) });
}

export interface OneRun {
  readonly served: ServedRun;
  readonly trace: Trace;
}

/** Serves the requests once. `repeat`: −1 warms up. */
export async function runOne(
  host: ServeHost,
  request: ServeRequest,
  contender: ServeContender,
  index: number,
  repeat: number,
): Promise<Result<OneRun, WorkerFailure>> {
  const { runtime, model, limits, invariance } = host.served;
  const made = makePlanner(contender, limits);
  if (!made.ok) return made;
  const { planner, knobs, id, preset } = made.value;
  const salt = {
    model: model.config.name,
    weights: model.options.weights,
    kv: model.options.kv,
    reduction: model.reduction,
  };
  const arrivals = new NotedArrivals(
    arrivalsOf({
      requests: request.requests,
      ...(request.closed ? { closed: request.closed } : {}),
      notes: [],
    }),
  );
  const engine = new Engine({
    limits,
    planner,
    lookahead: request.lookahead,
    salt,
    onEnd: (id, time) => arrivals.ended(id, time),
  });
  const awake = request.letIdle ? undefined : host.served.awake;
  await awake?.rouse();
  const executor = new GpuExecutor({
    runtime,
    model: model.id,
    awake,
    lookahead: request.lookahead,
    stop: () => host.stop(),
  });
  const header: RunHeader = {
    date: new Date().toISOString(),
    ...(request.commit ? { commit: request.commit } : {}),
    device: deviceLine(host.device),
    browser: host.device.browser,
    clock: 'wall',
    lookahead: request.lookahead,
    strategy: id,
    ...(preset ? { preset } : {}),
    knobs,
    settings: engine.settings,
    limits,
    workload: request.workload,
    numerics: {
      ...salt,
      kernels: model.options.kernels,
      asked: invariance.asked,
      served: invariance.served,
      standing: invariance.standing,
    },
    tuned: {},
    seeds: { ...('seed' in request.model ? { weights: request.model.seed } : {}), run: request.seed },
    ...(repeat < 0 ? {} : { turn: repeat }),
    ...(awake ? { keptAwake: true } : {}),
  };
  const live = host.live?.begin(index, repeat < 0 ? 'warm-up' : repeat, header, engine.trace);
  const driven = contender.slowdown ? new Slowed(executor, contender.slowdown) : executor;
  const end = await run(engine, driven, arrivals, {
    ...(live ? { onStep: () => live.step() } : {}),
    signal: {
      get aborted() {
        return host.stop() !== null;
      },
    },
    onRefused: (refused, why) => arrivals.refused(refused, why),
  });
  live?.end();
  const harness = {
    lag: executor.lag,
    encode: summary(executor.encode),
    between: summary(executor.between),
  };
  const file = recordRun(engine.trace, arrivals.taken, {
    ...header,
    ...(end.incomplete ? { incomplete: end.incomplete.message } : {}),
    harness,
  });
  const facts = factsOf(engine.trace);
  const tokens = facts.requests.reduce((sum, r) => sum + (completed(r) ? r.emissions.length : 0), 0);
  const served: ServedRun = {
    contender: index,
    repeat,
    file,
    wall: facts.engine.wall,
    tokens,
    refused: refusedOf(arrivals.refusals),
    ...harness,
  };
  return ok({ served, trace: engine.trace });
}

const summary = (values: readonly number[]): { mean: number; p90: number } =>
  values.length > 0 ? { mean: mean(values), p90: quantile(values, 0.9) } : { mean: 0, p90: 0 };
