// The batching command on the GPU: the same strategies, workload and schema as on the virtual clock, measured on the device
// in turns.

import { err, explain, type Failure, failure, ok, type Result, unwrap } from '../../src/core/result.ts';
import { type Contestant, compare, type StrategyResult } from '../../src/engine/compare.ts';
import { metrics } from '../../src/engine/metrics/metrics.ts';
import { identical, outputsOf } from '../../src/engine/outputs.ts';
import { replay } from '../../src/engine/replay.ts';
import type { Limits } from '../../src/engine/view.ts';
import { type DeviceReport, deviceLine } from '../../src/measure/schema.ts';
import { builtIns } from '../../src/model/built-in.ts';
import { kvFormats, weightFormats } from '../../src/model/formats.ts';
import { type PresetName, presets } from '../../src/model/presets.ts';
import type {
  CalibrateRequest,
  Calibration,
  ServedModel,
  ServedRun,
  ServeReport,
  ServeRequest,
} from '../../src/worker/serving/protocol.ts';
import { usualPrecision, versusFirst } from '../../src/worker/serving/turns.ts';
import { arrivalsOf, endedByModel } from '../../src/workloads/contract.ts';
import type { BrowserOptions } from '../browser.ts';
import { type DeviceEvent, type Session, withDevice } from '../session.ts';
import { type AnswerText, answersOf } from './answers.ts';
import { type MeasuredFile, type MeasuredResult, measuredResults, nameOf } from './measured.ts';
import { type ChosenWorkload, chooseWorkload, contestants, REAL_TEXT } from './options.ts';
import { type BatchingReport, type BatchingRequest, measuredCapacity } from './run.ts';

/** What was asked for of the model; what is left out depends on the device. */
export interface WantedModel {
  readonly name?: string;
  readonly weights?: string;
  readonly kv?: string;
}

export interface GpuOptions extends BrowserOptions {
  readonly model: WantedModel;
  readonly repeats: number;
  /** Serves as many requests as let the whole comparison last about this long; undefined: all. */
  readonly seconds: number | undefined;
  /** Goes on after `repeats` until intervals are ± this; undefined: stops there. */
  readonly precision: number | undefined;
  /** Fit the virtual clock first. */
  readonly calibrate: boolean;
}

export interface GpuRun {
  readonly report: Omit<BatchingReport, 'results'> & {
    readonly results: readonly MeasuredResult[];
    /** Requests that each run served. */
    readonly requests: number;
    readonly invalid: readonly string[];
    /** Of the first strategy's first run, when a trained model answered prompts of words. */
    readonly answers: readonly AnswerText[];
  };
  /** The first measured run of each strategy. */
  readonly files: readonly MeasuredFile[];
  readonly calibration: Calibration | null;
  /** The same requests on the virtual clock that was just fitted, strategy by strategy; empty without a fit. */
  readonly virtual: readonly StrategyResult[];
}

/**
 * A tiny model shows only what starting kernels costs, so hardware serves a shape of 135M parameters unless told otherwise; on a CPU
 * adapter that would take minutes.
 */
export const modelFor = (wanted: WantedModel, fallback: boolean): Result<ServedModel, Failure> =>
  servedModel(
    wanted.name ?? (fallback ? 'nano' : 'SmolLM2-135M'),
    wanted.weights ?? (fallback ? 'f32' : 'f16'),
    wanted.kv ?? 'f32',
  );

/** A trained model of the box, or a preset's shape with seeded weights, by name. */
export function servedModel(name: string, weights: string, kv: string): Result<ServedModel, Failure> {
  const trained = builtIns.get(name);
  const shape = Object.hasOwn(presets, name) ? presets[name as PresetName] : undefined;
  const config = trained?.config ?? shape;
  const w = weightFormats.find((f) => f === weights);
  const k = kvFormats.find((f) => f === kv);
  if (!config)
    return err(
      failure(
        'option',
        `There is no model "${name}".`,
        `Models: ${[...builtIns.keys(), ...Object.keys(presets)].join(', ')}.`,
      ),
    );
  if (!w)
    return err(failure('option', `--weights cannot be "${weights}".`, `Choose ${weightFormats.join(', ')}.`));
  if (!k) return err(failure('option', `--kv cannot be "${kv}".`, `Choose ${kvFormats.join(', ')}.`));
  const options = { weights: w, kv: k, kernels: 'auto' } as const;
  return ok(trained ? { config, options, builtIn: trained.name } : { config, options, seed: 1 });
}

/** What the model allows of the limits that were asked for: both clocks plan within it. */
export const limitsFor = ({ config }: ServedModel, asked: Limits): Limits => ({
  ...asked,
  window: Math.min(asked.window, config.window),
  vocabulary: config.vocab,
});

/** A device with the runs that it has finished: they are kept when the tab goes away. */
export class ServingSession {
  readonly device: DeviceReport;
  readonly #session: Session;
  readonly #finished: ServedRun[];

  constructor(session: Session, finished: ServedRun[]) {
    this.#session = session;
    this.device = session.device;
    this.#finished = finished;
  }

  async calibrate(request: CalibrateRequest): Promise<Calibration> {
    const done = await this.#session.driver.page.evaluate((r) => window.lockstep.calibrate(r), request);
    if (!done.ok) throw new Error(explain(done.error));
    return done.value;
  }

  async serve(request: ServeRequest): Promise<ServeReport> {
    this.#finished.length = 0;
    let done: Result<ServeReport, Failure>;
    try {
      done = await this.#session.driver.page.evaluate((r) => window.lockstep.serve(r), request);
    } catch (error) {
      const why = error instanceof Error ? error.message.split('\n')[0] : String(error);
      return reportOf(request, this.device, this.#finished, `The tab went away: ${why}`);
    }
    if (!done.ok) throw new Error(explain(done.error));
    return done.value;
  }
}

/** Opens the device for serving. Throws, saying why, without one. */
export function withServing<T>(
  options: BrowserOptions,
  body: (session: ServingSession) => Promise<T>,
): Promise<T> {
  const finished: ServedRun[] = [];
  const keep = (event: DeviceEvent): void => {
    if (event.type === 'run') finished.push(event.run);
  };
  return withDevice(options, keep, (session) => body(new ServingSession(session, finished)));
}

/** What was measured before the end, marked as not to be trusted. */
export function reportOf(
  request: Pick<ServeRequest, 'contenders' | 'requests'>,
  device: DeviceReport,
  runs: readonly ServedRun[],
  why: string,
): ServeReport {
  const times = request.contenders.map((_, index) =>
    runs.filter((r) => r.contender === index).map((r) => (r.tokens > 0 ? r.wall / r.tokens : null)),
  );
  return {
    device,
    runs,
    requests: runs[0]?.file.requests.length ?? request.requests.length,
    versus: versusFirst(times),
    identical: identical(
      runs.map((r) => ({
        outputs: outputsOf(unwrap(replay(r.file))),
        complete: r.file.header.incomplete === undefined,
      })),
    ),
    invalid: [why],
  };
}

/** The protocol's request for a comparison of these contestants. */
export function serveRequest(
  entries: readonly (Contestant & { readonly slowdown?: number })[],
  workload: ChosenWorkload,
  rest: Pick<ServeRequest, 'model' | 'limits' | 'lookahead' | 'repeats' | 'seed'> &
    Partial<Pick<ServeRequest, 'seconds' | 'precision' | 'commit'>>,
): ServeRequest {
  return {
    ...rest,
    contenders: entries.map((entry) => ({
      label: nameOf(entry),
      strategy: nameOf(entry),
      knobs: entry.knobs,
      ...(entry.slowdown ? { slowdown: entry.slowdown } : {}),
    })),
    requests: 'builtIn' in rest.model ? endedByModel(workload.requests) : workload.requests,
    ...(workload.closed ? { closed: workload.closed } : {}),
    workload: { id: workload.id, knobs: workload.knobs },
  };
}

/** Requests to choose from where their number follows from the time. */
const enough = 1024;

/** The workload; where its number of requests is left to the device, more of them than any device will serve. */
export function openWorkload(
  request: BatchingRequest,
  capacity: number | undefined,
  seconds: number | undefined,
): ChosenWorkload {
  const { settings, limits, seed, text } = request;
  const context = { seed, limits, text, ...(capacity === undefined ? {} : { capacity }) };
  const override = seconds === undefined ? {} : { requests: enough };
  return unwrap(chooseWorkload(request.workload, settings, context, override));
}

/** Measures on the device. Throws, saying why, when there is none or when the run is refused. */
export function runOnGpu(
  wanted: BatchingRequest,
  options: GpuOptions,
  commit: string | null,
): Promise<GpuRun> {
  return withServing(options, async (session) => {
    const { device } = session;
    const model = unwrap(modelFor(options.model, device.fallback));
    const limits = limitsFor(model, wanted.limits);
    const request = { ...wanted, limits };
    const entries = unwrap(contestants(request.strategies, request.settings, limits));
    const command = 'npm run bench -- batching --clock gpu --calibrate';
    const calibration = options.calibrate ? await session.calibrate({ model, limits, command }) : null;
    const capacity = calibration
      ? unwrap(measuredCapacity({ ...request, cost: calibration.cost }))
      : undefined;
    const workload = openWorkload(request, capacity, options.seconds);
    const served = await session.serve(
      serveRequest(entries, workload, {
        model,
        limits,
        lookahead: request.lookahead,
        repeats: options.repeats,
        seed: request.seed,
        ...(options.seconds === undefined ? {} : { seconds: options.seconds }),
        ...(options.precision === undefined
          ? {}
          : { precision: { ...usualPrecision, width: options.precision } }),
        ...(commit ? { commit } : {}),
      }),
    );
    const { results, files } = measuredResults(entries, served, {
      workload: request.workload,
      ...(request.slo ? { slo: request.slo } : {}),
      ...(request.price ? { price: request.price } : {}),
    });
    const [first] = files;
    const answers =
      first && request.text && 'builtIn' in model && request.workload === REAL_TEXT
        ? answersOf(first, request.text)
        : [];
    return {
      report: {
        format: 'lockstep-batching',
        version: 1,
        date: new Date().toISOString(),
        commit,
        device: describeServing(device, model),
        limits,
        lookahead: request.lookahead,
        seed: request.seed,
        slo: request.slo ?? null,
        capacity: capacity ?? null,
        notes: workload.notes,
        formulas: Object.fromEntries(metrics.map((m) => [m.id, m.formula])),
        results,
        requests: served.requests,
        invalid: served.invalid,
        answers,
      },
      files,
      calibration,
      virtual: calibration
        ? onFittedClock(entries, workload, served.requests, { ...request, cost: calibration.cost })
        : [],
    };
  });
}

function onFittedClock(
  entries: readonly Contestant[],
  workload: ChosenWorkload,
  count: number,
  { workload: id, limits, cost, lookahead, seed }: BatchingRequest,
): StrategyResult[] {
  const sized = { ...workload, requests: workload.requests.slice(0, count) };
  const options = { workload: id, limits, cost, lookahead, seed, arrivals: () => arrivalsOf(sized) };
  return compare(entries, options).map(({ result }) => result);
}

export const describeServing = (device: DeviceReport, model: ServedModel): string =>
  `${deviceLine(device)} · ${model.config.name}, ${model.options.weights} weights, ${model.options.kv} KV`;
