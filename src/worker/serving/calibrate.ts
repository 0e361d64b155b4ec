// Fits the virtual clock to this device: steps of every kind the strategies make, measured in shuffled order, then a fit on
// relative errors. Then the engine serves for a moment: that gives the host time between steps, the capacity, and how well the
// fit predicts steps that it has not seen.

import { BlockTables } from '../../cache/block-tables.ts';
import { assert } from '../../core/assert.ts';
import { prng, shuffle } from '../../core/prng.ts';
import { err, failure, ok, type Result } from '../../core/result.ts';
import { type CostModel, featuresOfSums, fitId, type StepFeatures } from '../../engine/cost-model.ts';
import { traceFeatures } from '../../engine/features.ts';
import { fitTiled, type MeasuredStep, residualsOf, tiled } from '../../engine/fit.ts';
import { replay } from '../../engine/replay.ts';
import type { Request } from '../../engine/request.ts';
import { ticksOf, typical } from '../../engine/ticks.ts';
import type { Limits } from '../../engine/view.ts';
import { type DeviceReport, deviceLine } from '../../measure/schema.ts';
import { BatchBuilder, greedy } from '../../model/batch.ts';
import type { WorkerFailure } from '../protocol.ts';
import type { Served } from './host.ts';
import type { CalibrateRequest, Calibration, ServedRun, ServeEvent, ServeRequest } from './protocol.ts';
import { runOne } from './run-one.ts';
import { requestsFor } from './turns.ts';

/** One kind of step: how many rows decode, how many prompts of how many tokens are prefilled, how long their contexts are. */
interface Shape {
  readonly decodes: number;
  readonly prompts: number;
  readonly prefill: number;
  readonly context: number;
}

/** For measuring kinds of steps, and for serving at the end. */
const longestSeconds = 11;
const servingSeconds = 2;
/** Requests that show how many fit into that time. */
const probe = 16;
/** Most sequences in a measured step. */
const sequences = 40;
/** Most prompt tokens in a measured step: what a budget of the usual strategies lets through. */
const mostPrefill = 512;

function shapes(window: number): Shape[] {
  const all: Shape[] = [];
  const add = (decodes: number, prompts: number, prefill: number, context: number): void => {
    all.push({ decodes, prompts, prefill, context });
  };
  for (const prefill of [4, 8, 16, 32, 64, 128]) add(0, 1, prefill, 0);
  for (const [prompts, prefill] of [
    [2, 16],
    [4, 32],
    [8, 64],
  ] as const)
    add(0, prompts, prefill, 0);
  // a small window has contexts of its own, or too few kinds would be left to fit
  const contexts = window > 256 ? [8, 64, 256] : [1 / 8, 1 / 3, 2 / 3].map((of) => Math.floor(window * of));
  for (const context of contexts) {
    for (const decodes of [1, 2, 4, 8, 16, 32]) add(decodes, 0, 0, context);
    for (const prefill of [8, 32, 128]) add(4, 1, prefill, context);
    add(16, 1, 64, context);
    add(0, 1, 32, context);
  }
  return all.filter(
    (s) => s.context + Math.max(1, s.prefill) <= window && s.prompts * s.prefill <= mostPrefill,
  );
}

export interface CalibrateHost {
  readonly served: Served;
  readonly device: DeviceReport;
  emit(event: ServeEvent): void;
  stop(): string | null;
}

/** Measures steps for about ten seconds, fits them, and serves for two. */
export async function calibrate(
  host: CalibrateHost,
  request: CalibrateRequest,
): Promise<Result<Calibration, WorkerFailure>> {
  const { runtime, model, maxLogits } = host.served;
  const { pages, pageSize, window, maxTokens, rows } = runtime.options;
  const tables = new BlockTables(rows, Math.ceil(window / pageSize));
  const batch = new BatchBuilder({ maxTokens, maxLogits, pageSize }, (row, index) => tables.page(row, index));
  // every row has all its pages from the start; where the pool is small they overlap, which no clock can tell
  for (let row = 0; row < sequences; row++) {
    tables.openRow();
    for (let i = 0; i < tables.width; i++) tables.push(row, (row * tables.width + i) % pages);
  }
  const started = performance.now();
  const kinds = shapes(window);
  const random = prng(17);
  const samples = new Map<Shape, number[]>(kinds.map((shape) => [shape, []]));
  let dispatches = 0;

  const measure = async (shape: Shape): Promise<number> => {
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
    const from = performance.now();
    runtime.syncTables(tables);
    const step = runtime.step(batch);
    if (!step.ok) throw new Error(`${step.error.message} ${step.error.hint}`);
    dispatches = step.value.dispatches;
    await step.value.sampled;
    return (performance.now() - from) / 1e3;
  };

  for (const shape of kinds) await measure(shape); // warm-up: kernels compile, memory is touched
  for (let round = 0; round < 9 && !host.stop(); round++) {
    const elapsed = (performance.now() - started) / 1e3;
    if (round >= 3 && elapsed > longestSeconds) break;
    host.emit({
      type: 'progress',
      done: round,
      total: 9,
      secondsLeft: round > 0 ? Math.min(longestSeconds - elapsed, (elapsed / round) * (9 - round)) : null,
      what: `${kinds.length} kinds of steps, round ${round + 1}`,
    });
    for (const shape of shuffle(random, kinds)) {
      // as in serving, where a step follows a decode step: after another kind it would find other caches
      await measure({ ...shape, decodes: Math.max(1, shape.decodes), prompts: 0, prefill: 0 });
      samples.get(shape)?.push(await measure(shape));
    }
  }
  const stopped = host.stop();
  if (stopped) return err(failure('refused', `Calibration ended early: ${stopped}.`, 'Calibrate again.'));

  const ticks = ticksOf([...samples.values()]);
  const measured: MeasuredStep[] = kinds.map((shape) => ({
    features: features(shape, dispatches),
    seconds: typical(samples.get(shape) ?? [], ticks),
  }));
  const fit = fitTiled(measured, ticks);
  const fitted: CostModel = {
    id: fitId({ model: model.config.name, ...model.options, device: deviceLine(host.device) }),
    label: `${model.config.name} on this device`,
    provenance: {
      kind: 'fitted',
      device: deviceLine(host.device),
      browser: host.device.browser,
      date: new Date().toISOString().slice(0, 10),
      command: request.command,
      residuals: fit.residuals,
    },
    tile: fit.tile,
    dispatchesPerStep: dispatches,
    seconds: fit.seconds,
    host: 0,
    ticks,
  };
  host.emit({ type: 'progress', done: 9, total: 9, secondsLeft: servingSeconds, what: 'serving, saturated' });
  const saturated = await serveSaturated(host, request);
  if (!saturated.ok) return saturated;
  const { file, between, wall, tokens } = saturated.value;
  const trace = replay(file);
  if (!trace.ok) return err(failure('refused', trace.error.message, trace.error.hint));
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
    took: (performance.now() - started) / 1e3,
  });
}

function features({ decodes, prompts, prefill, context }: Shape, dispatches: number): StepFeatures {
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

/** Serves as many requests as take about two seconds, all at once, under unified batching; once before it to warm up. */
async function serveSaturated(
  host: CalibrateHost,
  request: CalibrateRequest,
): Promise<Result<ServedRun, WorkerFailure>> {
  const { model, limits } = request;
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
  };
  const [contender] = serving.contenders;
  assert(contender, 'calibration serves under one strategy');
  const some = all.slice(0, probe);
  const warm = await runOne(host, { ...serving, requests: some }, contender, 0, -1);
  if (!warm.ok) return warm;
  const count = requestsFor({
    seconds: servingSeconds,
    runs: 1,
    requests: some.length,
    took: warm.value.served.wall,
    most: all.length,
  });
  const measured = await runOne(host, { ...serving, requests: all.slice(0, count) }, contender, 0, 0);
  if (!measured.ok) return measured;
  const { incomplete } = measured.value.served.file.header;
  return incomplete
    ? err(failure('refused', `Calibration ended early: ${incomplete}`, 'Calibrate again.'))
    : ok(measured.value.served);
}
