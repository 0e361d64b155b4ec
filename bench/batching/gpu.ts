// The batching command on the GPU: the same strategies, workload and schema as on the virtual clock, measured on the device
// in turns.

import { explain, type Failure, type Result, unwrap } from '../../src/core/result.ts';
import { type Contestant, compare, type StrategyResult } from '../../src/engine/compare.ts';
import { answersIn, identical } from '../../src/engine/outputs.ts';
import { replay } from '../../src/engine/replay.ts';
import type { Limits } from '../../src/engine/view.ts';
import { fewestTurns } from '../../src/measure/rank.ts';
import { type DeviceReport, deviceLine } from '../../src/measure/schema.ts';
import type {
  CalibrateRequest,
  Calibration,
  ServedModel,
  ServedRun,
  ServeReport,
  ServeRequest,
} from '../../src/worker/serving/protocol.ts';
import { turnTimes, usualPrecision, versusFirst } from '../../src/worker/serving/turns.ts';
import { arrivalsOf, endedByModel } from '../../src/workloads/contract.ts';
import type { BrowserOptions } from '../browser.ts';
import { commandLine } from '../io.ts';
import { type DeviceEvent, type Session, withDevice } from '../session.ts';
import { type AnswerText, answersOf } from './answers.ts';
import { type MeasuredFile, type MeasuredResult, measuredResults, nameOf } from './measured.ts';
import { type ChosenWorkload, chooseWorkload, contestants, REAL_TEXT } from './options.ts';
import {
  allFormulas,
  type BatchingReport,
  type BatchingRequest,
  measuredCapacity,
  noCapacity,
  withCapacities,
} from './run.ts';
import { budgetNote, modelFor, type WantedModel } from './served-model.ts';

export interface GpuOptions extends BrowserOptions {
  readonly model: WantedModel;
  readonly repeats: number;
  /** Serves as many requests as let the whole comparison last about this long; undefined: all. */
  readonly seconds: number | undefined;
  /** Goes on after `repeats` until intervals are ± this; undefined: stops there. */
  readonly precision: number | undefined;
  /** MiB of KV that the pool is sized from; undefined: the limits' own pages. */
  readonly kvMib: number | undefined;
  /** Fit the virtual clock first. */
  readonly calibrate: boolean;
  readonly letIdle?: boolean;
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

/** Limits of a run, and what is to be said about them. */
export interface SizedLimits {
  readonly limits: Limits;
  readonly notes: readonly string[];
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
  readonly #idle: Pick<ServeRequest, 'letIdle'>;

  constructor(session: Session, finished: ServedRun[], { letIdle }: Pick<GpuOptions, 'letIdle'>) {
    this.#session = session;
    this.#idle = letIdle ? { letIdle } : {};
    this.device = session.device;
    this.#finished = finished;
  }

  /** What was asked for as this device serves it: the model's vocabulary, and the pages that a KV budget buys here. */
  async limits(wanted: Limits, model: ServedModel, { kvMib }: GpuOptions): Promise<SizedLimits> {
    const limits = limitsFor(model, wanted);
    if (kvMib === undefined) return { limits, notes: [] };
    const request = { model, limits, bytes: kvMib * 2 ** 20 };
    const pool = await this.#session.driver.page.evaluate((r) => window.lockstep.pool(r), request);
    if (!pool.ok) throw new Error(explain(pool.error));
    const { pages, limit } = pool.value;
    const most = limit === 'budget' ? '' : `, as many as the ${limit} allows`;
    return {
      limits: { ...limits, pages },
      notes: [`${budgetNote(kvMib, model, { ...limits, pages })}${most}.`],
    };
  }

  async calibrate(wanted: CalibrateRequest): Promise<Calibration> {
    const request = { ...wanted, ...this.#idle };
    const done = await this.#session.driver.page.evaluate((r) => window.lockstep.calibrate(r), request);
    if (!done.ok) throw new Error(explain(done.error));
    return done.value;
  }

  async serve(wanted: ServeRequest): Promise<ServeReport> {
    const request = { ...wanted, ...this.#idle };
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

/** What measuring needs of a session; a test's need no device. */
export type Serving = Pick<ServingSession, 'device' | 'limits' | 'calibrate' | 'serve'>;

/** Opens the device for serving. Throws, saying why, without one. */
export function withServing<T>(
  options: BrowserOptions & Pick<GpuOptions, 'letIdle'>,
  body: (session: ServingSession) => Promise<T>,
): Promise<T> {
  const finished: ServedRun[] = [];
  const keep = (event: DeviceEvent): void => {
    if (event.type === 'run') finished.push(event.run);
  };
  return withDevice(options, keep, (session) => body(new ServingSession(session, finished, options)));
}

/** What was measured before the end, marked as not to be trusted. */
export function reportOf(
  request: Pick<ServeRequest, 'contenders' | 'requests'>,
  device: DeviceReport,
  runs: readonly ServedRun[],
  why: string,
): ServeReport {
  return {
    device,
    runs,
    requests: runs[0]?.file.requests.length ?? request.requests.length,
    versus: versusFirst(turnTimes(runs, request.contenders.length)),
    identical: identical(runs.map((r) => answersIn(unwrap(replay(r.file))))),
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
export const runOnGpu = (
  wanted: BatchingRequest,
  options: GpuOptions,
  commit: string | null,
): Promise<GpuRun> => withServing(options, (session) => comparisonOn(session, wanted, options, commit));

export async function comparisonOn(
  session: Serving,
  wanted: BatchingRequest,
  options: GpuOptions,
  commit: string | null,
): Promise<GpuRun> {
  const { device } = session;
  const model = unwrap(modelFor(options.model, device.fallback));
  const { limits, notes } = await session.limits(wanted.limits, model, options);
  const request = { ...wanted, limits };
  const entries = unwrap(contestants(request.strategies, request.settings, limits));
  const calibration = options.calibrate
    ? await session.calibrate({ model, limits, command: commandLine() })
    : null;
  const capacity = calibration ? unwrap(measuredCapacity({ ...request, cost: calibration.cost })) : undefined;
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
      notes: [
        ...notes,
        ...workload.notes,
        ...(calibration ? noCapacity(request) : request.slo ? [unfitted] : []),
        ...tooFew(options),
        ...(served.noBound ? [`what bounds a step is not known: ${served.noBound}`] : []),
      ],
      formulas: allFormulas(),
      results: calibration
        ? withCapacities(results, entries, { ...request, cost: calibration.cost })
        : results,
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
}

const unfitted =
  'no goodput as a capacity: it is a search over many rates; with --calibrate it is made on the virtual clock fitted to this device';

/** Said beside the results and in the file: turns that can rank nothing look like a comparison otherwise. */
const tooFew = ({ repeats, precision }: GpuOptions): string[] =>
  repeats < fewestTurns && precision === undefined
    ? [`--repeat ${repeats} ranks nothing: fewer than ${fewestTurns} turns always end in "no difference".`]
    : [];

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
