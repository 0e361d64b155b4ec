// A comparison on the GPU: the same requests and weights under each strategy, taking turns. Ends with what was measured,
// also when cancelled or when the device is lost.

import { err, failure, ok, type Result } from '../../core/result.ts';
import { mean, quantile } from '../../core/stats.ts';
import { Engine } from '../../engine/engine.ts';
import { type Arrivals, run } from '../../engine/loop.ts';
import { identical, outputsOf } from '../../engine/outputs.ts';
import type { Planner } from '../../engine/plan.ts';
import { recordRun } from '../../engine/record.ts';
import { promptLength, type Request } from '../../engine/request.ts';
import type { RunFile, RunHeader } from '../../engine/run-file.ts';
import type { DeviceReport } from '../../measure/schema.ts';
import { deviceLine } from '../../measure/schema.ts';
import { findStrategy } from '../../strategies/index.ts';
import { arrivalsOf } from '../../workloads/contract.ts';
import type { WorkerFailure } from '../protocol.ts';
import { GpuExecutor } from './gpu-executor.ts';
import type { Served } from './host.ts';
import type { LiveTrace } from './live.ts';
import type { ServeContender, ServedRun, ServeEvent, ServeReport, ServeRequest } from './protocol.ts';

export interface ServeHost {
  readonly served: Served;
  readonly device: DeviceReport;
  emit(event: ServeEvent): void;
  /** Sends each run's trace while it grows, when somebody looks. */
  readonly live?: LiveTrace;
  /** Why to stop, or null. */
  stop(): string | null;
}

function makePlanner(
  contender: ServeContender,
  request: ServeRequest,
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
  const made = found.strategy.make({ ...found.preset?.knobs, ...contender.knobs }, request.limits);
  if (!made.ok) return err(failure('bad-request', made.error.message, made.error.hint));
  return ok({ ...made.value, id: found.strategy.id, ...(found.preset && { preset: found.preset.id }) });
}

/** Runs every contender `repeats` times. */
export async function serve(
  host: ServeHost,
  request: ServeRequest,
): Promise<Result<ServeReport, WorkerFailure>> {
  const { contenders, repeats } = request;
  for (const contender of contenders) {
    const made = makePlanner(contender, request);
    if (!made.ok) return made;
  }
  const runs: ServedRun[] = [];
  const answers: { outputs: Map<number, number[]>; complete: boolean }[] = [];
  const invalid: string[] = [];
  const total = contenders.length * (repeats + 1);
  const started = performance.now();
  let done = 0;
  const order = contenders.map((_, i) => i);
  // round 0 warms up: first use of a kernel compiles and touches memory
  for (let round = 0; round <= repeats; round++) {
    for (const index of round % 2 === 1 ? order : [...order].reverse()) {
      const contender = contenders[index];
      if (!contender || host.stop()) continue;
      const elapsed = (performance.now() - started) / 1e3;
      host.emit({
        type: 'progress',
        done,
        total,
        secondsLeft: done > 0 ? (elapsed / done) * (total - done) : null,
        what: round === 0 ? `${contender.label}: warming up` : `${contender.label}: ${round} of ${repeats}`,
      });
      const one = await runOne(host, request, contender, index, round - 1);
      if (!one.ok) return one;
      const { served, outputs } = one.value;
      done++;
      if (round === 0) continue;
      runs.push(served);
      host.emit({ type: 'run', run: served });
      const { incomplete } = served.file.header;
      answers.push({ outputs, complete: incomplete === undefined });
      if (incomplete) invalid.push(`${contender.label}: ${incomplete}`);
    }
  }
  const stopped = host.stop();
  if (stopped) invalid.push(stopped);
  return ok({ device: host.device, runs, bound: null, identical: identical(answers), invalid });
}

async function runOne(
  host: ServeHost,
  request: ServeRequest,
  contender: ServeContender,
  index: number,
  repeat: number,
): Promise<Result<{ served: ServedRun; outputs: Map<number, number[]> }, WorkerFailure>> {
  const made = makePlanner(contender, request);
  if (!made.ok) return made;
  const { planner, knobs, id, preset } = made.value;
  const { runtime, model, maxLogits } = host.served;
  const salt = {
    model: model.config.name,
    weights: model.options.weights,
    kv: model.options.kv,
    reduction: model.reduction,
  };
  const source = arrivalsOf({
    requests: request.requests,
    ...(request.closed ? { closed: request.closed } : {}),
    notes: [],
  });
  const engine = new Engine({
    limits: request.limits,
    planner,
    lookahead: request.lookahead,
    salt,
    onEnd: (id, time) => source.ended?.(id, time),
  });
  const executor = new GpuExecutor({ runtime, model: model.id, maxLogits });
  const taken: Request[] = [];
  const arrivals: Arrivals = {
    peek: () => source.peek(),
    take() {
      const next = source.take();
      taken.push(next);
      return next;
    },
  };
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
    settings: planner.settings,
    limits: request.limits,
    workload: request.workload,
    numerics: { ...salt, kernels: model.options.kernels },
    tuned: {},
    seeds: { weights: request.model.seed, run: request.seed },
  };
  const live = host.live?.begin(index, repeat < 0 ? 'warm-up' : repeat, header, engine.trace);
  const end = await run(engine, executor, arrivals, {
    ...(live ? { onStep: () => live.step() } : {}),
    signal: {
      get aborted() {
        return host.stop() !== null;
      },
    },
    onRefused: (refused) => taken.splice(taken.indexOf(refused), 1),
  });
  live?.end();
  const file = recordRun(engine.trace, taken, {
    ...header,
    ...(end.incomplete ? { incomplete: end.incomplete.message } : {}),
  });
  const encode = summary(executor.encodeMs.map((ms) => ms / 1e3));
  const served: ServedRun = {
    contender: index,
    repeat,
    file,
    lag: executor.lag,
    encode,
    between: summary(gaps(file)),
  };
  return ok({ served, outputs: outputsOf(engine.trace) });
}

/** Seconds between a step's end and the next one's start, where nothing was waited for. */
function gaps(file: RunFile): number[] {
  const out: number[] = [];
  const idle = new Set(file.idles.map((i) => i.beforeStep));
  file.steps.forEach((step, i) => {
    const before = file.steps[i - 1];
    if (before && !idle.has(i)) out.push(Math.max(0, step.start - before.end));
  });
  return out;
}

const summary = (values: readonly number[]): { mean: number; p90: number } =>
  values.length > 0 ? { mean: mean(values), p90: quantile(values, 0.9) } : { mean: 0, p90: 0 };

/** The mean step of these runs: rows in it, and tokens of context of a row halfway through its answer. */
export function typicalStep(runs: readonly ServedRun[]): {
  readonly batch: number;
  readonly context: number;
} {
  const rows = runs.flatMap(({ file }) => file.steps.map((step) => step.rows.length));
  const requests = runs[0]?.file.requests ?? [];
  const contexts = requests.map((r) => promptLength(r.prompt) + (r.endsAfter ?? r.maxTokens) / 2);
  return {
    batch: rows.length > 0 ? Math.max(1, Math.round(mean(rows))) : 1,
    context: contexts.length > 0 ? Math.round(mean(contexts)) : 1,
  };
}
