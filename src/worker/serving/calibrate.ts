// Fits the virtual clock to this device: steps of every kind the strategies make, measured in shuffled order, then a fit on
// relative errors. Then the engine serves for a moment: that gives the host time between steps, the capacity, and how well the
// fit predicts steps that it has not seen.

import { BlockTables } from '../../cache/block-tables.ts';
import { assert } from '../../core/assert.ts';
import { prng } from '../../core/prng.ts';
import { err, failure, ok, type Result } from '../../core/result.ts';
import { type CostModel, featuresOfSums, fitId, type StepFeatures } from '../../engine/cost-model.ts';
import { traceFeatures } from '../../engine/features.ts';
import { fitTiled, type MeasuredStep, residualsOf, tiled } from '../../engine/fit.ts';
import { replay } from '../../engine/replay.ts';
import type { Request } from '../../engine/request.ts';
import { saturatedRate } from '../../engine/saturation.ts';
import { ticksOf, typical } from '../../engine/ticks.ts';
import type { Limits } from '../../engine/view.ts';
import { type DeviceReport, deviceLine } from '../../measure/schema.ts';
import { BatchBuilder, greedy } from '../../model/batch.ts';
import type { WorkerFailure } from '../protocol.ts';
import { refused } from '../refused.ts';
import type { Served } from './host.ts';
import { type Kind, kindsFor, measureKinds, mostRounds } from './kinds.ts';
import type { CalibrateRequest, Calibration, ServedRun, ServeEvent, ServeRequest } from './protocol.ts';
import { makePlanner, runOne } from './run-one.ts';
import { fewestRequests, requestsFor } from './turns.ts';

/**
 * Seconds after somebody asked for it: steps are measured until then, serving has ended by then. Less than the 20 s that are promised,
 * because a device that is slower than thought, or busy, needs something to spare.
 */
const measuredAfter = 11;
const servedAfter = 13.5;
/** Where loading the model took that long already: what measuring takes all the same, and serving. */
const leastMeasuring = 4;
const leastServing = 2;
/** Serving at the end takes as long, where there is the time. */
const servingSeconds = 2;
/** Requests that show how many fit into that time, at most. */
const probe = 16;
/** Most sequences in a measured step. */
const sequences = 128;

export interface CalibrateHost {
  readonly served: Served;
  readonly device: DeviceReport;
  emit(event: ServeEvent): void;
  stop(): string | null;
}

/** Measures steps for some seconds, fits them, and serves for two: about 14 s from when somebody asked for it. */
export async function calibrate(
  host: CalibrateHost,
  request: CalibrateRequest,
): Promise<Result<Calibration, WorkerFailure>> {
  const { runtime, model, maxLogits } = host.served;
  const { pages, pageSize, window, maxTokens, rows } = runtime.options;
  const tables = new BlockTables(rows, Math.ceil(window / pageSize));
  const batch = new BatchBuilder({ maxTokens, maxLogits, pageSize }, (row, index) => tables.page(row, index));
  // every row has all its pages from the start; where the pool is small they overlap, which no clock can tell
  const most = Math.min(sequences, rows, maxLogits);
  for (let row = 0; row < most; row++) {
    tables.openRow();
    for (let i = 0; i < tables.width; i++) tables.push(row, (row * tables.width + i) % pages);
  }
  const started = seconds();
  const asked = Math.min(started, request.asked ?? started);
  const { kinds, fewest } = kindsFor(window, { rows: most, tokens: maxTokens });
  let dispatches = 0;

  const measure = async (shape: Kind): Promise<number> => {
    batch.begin(model.id);
    for (let row = 0; row < shape.decodes; row++) {
      batch.add({
        row,
        start: shape.context,
        tokens: [row + 1],
        logits: 1,
        sampleSlot: row,
        sampling: greedy,
      });
    }
    for (let row = shape.decodes; row < shape.decodes + shape.prompts; row++) {
      const tokens = Array.from({ length: shape.prefill }, (_, i) => i % model.config.vocab);
      batch.add({ row, start: shape.context, tokens, logits: 1, sampleSlot: row, sampling: greedy });
    }
    const from = seconds();
    runtime.syncTables(tables);
    const step = runtime.step(batch);
    if (!step.ok) throw new Error(`${step.error.message} ${step.error.hint}`);
    dispatches = step.value.dispatches;
    awake?.burst(); // as in serving
    await step.value.sampled;
    return seconds() - from;
  };

  const awake = request.letIdle ? undefined : host.served.awake;
  await awake?.rouse();
  const until = Math.max(asked + measuredAfter, started + leastMeasuring);
  const samples = await measureKinds({
    kinds,
    fewest,
    measure,
    // more than bursts behind the steps: these steps are mostly of few rows, and keep the device busy for too little of the time
    lead: async () => awake?.lead(),
    now: seconds,
    until,
    random: prng(17),
    stop: () => host.stop() !== null,
    onRound: (round) =>
      host.emit({
        type: 'progress',
        done: round,
        total: mostRounds,
        secondsLeft: Math.max(0, until - seconds()) + servingSeconds,
        what: `${kinds.length} kinds of steps, round ${round + 1}`,
      }),
  });
  const stopped = host.stop();
  if (stopped) return err(failure('refused', `Calibration ended early: ${stopped}.`, 'Calibrate again.'));

  const ticks = ticksOf([...samples.values()]);
  const measured: MeasuredStep[] = [...samples].map(([kind, taken]) => ({
    features: features(kind, dispatches),
    seconds: typical(taken, ticks),
  }));
  const fit = fitTiled(measured, ticks);
  const { weights, kv } = model.options;
  const stored = { model: model.config.name, weights, kv };
  const fitted: CostModel = {
    id: fitId({ ...stored, device: deviceLine(host.device) }),
    label: `${model.config.name} on this device`,
    provenance: {
      kind: 'fitted',
      device: deviceLine(host.device),
      browser: host.device.browser,
      date: new Date().toISOString().slice(0, 10),
      command: request.command,
      stored,
      residuals: fit.residuals,
    },
    tile: fit.tile,
    dispatchesPerStep: dispatches,
    seconds: fit.seconds,
    host: 0,
    ticks,
  };
  host.emit({
    type: 'progress',
    done: mostRounds,
    total: mostRounds,
    secondsLeft: servingSeconds,
    what: 'serving, saturated',
  });
  const left = Math.max(leastServing, asked + servedAfter - seconds());
  const saturated = await serveSaturated(host, request, fitted, left);
  if (!saturated.ok) return saturated;
  const { file, between, wall, tokens } = saturated.value;
  const trace = replay(file);
  if (!trace.ok) return refused(trace.error);
  const { start, end } = trace.value.steps.columns;
  const seen = traceFeatures(trace.value, fitted).map((features, i) => ({
    features,
    seconds: (end[i] as number) - (start[i] as number),
  }));
  return ok({
    device: host.device,
    cost: { ...fitted, host: between.mean },
    steps: measured.map((step) => tiled(step, fit.tile)),
    residuals: fit.residuals,
    served: residualsOf(seen, fitted),
    capacity: { requests: file.requests.length / wall, tokens: tokens / wall },
    took: seconds() - started,
  });
}

/** On the clock of `CalibrateRequest.asked`, which a page shares with its workers. */
const seconds = (): number => (performance.timeOrigin + performance.now()) / 1e3;

function features({ decodes, prompts, prefill, context }: Kind, dispatches: number): StepFeatures {
  const attended = decodes * (context + 1) + prompts * (prefill * context + (prefill * (prefill + 1)) / 2);
  return featuresOfSums(
    { prefillTokens: prompts * prefill, decodeRows: decodes, attended, samples: decodes + prompts },
    { tile: 1, dispatchesPerStep: dispatches },
  );
}

/** Prompts of 16 to 128 tokens and answers of 8 to 64, or less where the window is small. */
export function usualMix(limits: Limits): Request[] {
  const random = prng(29);
  const most = Math.min(128, Math.floor((limits.window * 2) / 3));
  const answers = Math.min(64, Math.floor(limits.window / 3));
  return Array.from({ length: 256 }, (_, id) => {
    const output = random.int(Math.ceil(answers / 8), answers);
    const prompt = [{ seed: id + 1, length: random.int(Math.ceil(most / 8), most) }];
    return { id, arrival: 0, prompt, maxTokens: output, endsAfter: output };
  });
}

/**
 * Serves as many requests as take about two seconds, all at once, under unified batching; once before it to warm up. `left` seconds are
 * there for both: the fitted clock says what fits into them.
 */
async function serveSaturated(
  host: CalibrateHost,
  request: CalibrateRequest,
  fitted: CostModel,
  left: number,
): Promise<Result<ServedRun, WorkerFailure>> {
  const { model, limits } = request;
  const until = seconds() + left;
  const all = (request.requests ?? usualMix(limits)).map((r) => ({ ...r, arrival: 0 }));
  const serving: ServeRequest = {
    model,
    limits,
    contenders: [{ label: 'calibration', strategy: 'unified', knobs: {} }],
    requests: all,
    workload: { id: 'calibration', knobs: {} },
    lookahead: 0,
    repeats: 1,
    seed: 1,
    ...(request.letIdle ? { letIdle: true } : {}),
  };
  const [contender] = serving.contenders;
  assert(contender, 'calibration serves under one strategy');
  const planned = makePlanner(contender, host.served.limits);
  if (!planned.ok) return planned;
  const some = all.slice(0, probe);
  const rate = saturatedRate({
    planner: planned.value.planner,
    requests: some,
    limits: host.served.limits,
    cost: fitted,
  });
  // a third of the time for the run that warms up; where two runs do not fit, one is served cold
  const warming = warmingRequests(rate.requests * left, some.length);
  let took = some.length / Math.max(rate.requests, 1e-9);
  let known = some.length;
  if (warming > 0) {
    const warm = await runOne(host, { ...serving, requests: some.slice(0, warming) }, contender, 0, -1);
    if (!warm.ok) return warm;
    took = warm.value.served.wall;
    known = warming;
  }
  const count = requestsFor({
    seconds: Math.min(servingSeconds, until - seconds()),
    runs: 1,
    requests: known,
    took,
    most: all.length,
  });
  const measured = await runOne(host, { ...serving, requests: all.slice(0, count) }, contender, 0, 0);
  if (!measured.ok) return measured;
  const { incomplete } = measured.value.served.file.header;
  return incomplete
    ? err(failure('refused', `Calibration ended early: ${incomplete}`, 'Calibrate again.'))
    : ok(measured.value.served);
}

/** Of `most` requests, when `fitting` of them fit into the time of both runs. */
function warmingRequests(fitting: number, most: number): number {
  if (fitting < 2 * fewestRequests) return 0;
  return Math.min(most, Math.max(fewestRequests, Math.floor(fitting / 3)));
}
