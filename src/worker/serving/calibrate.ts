// Fits the virtual clock to this device: steps of every kind the strategies make, measured in shuffled order, then a fit on
// relative errors. The steps run on the runner directly; a short run of the engine gives the host time between steps.

import { BlockTables } from '../../cache/block-tables.ts';
import { prng } from '../../core/prng.ts';
import { err, failure, ok, type Result } from '../../core/result.ts';
import { median } from '../../core/stats.ts';
import type { CostModel, StepFeatures } from '../../engine/cost-model.ts';
import { fitCost, type MeasuredStep } from '../../engine/fit.ts';
import { type DeviceReport, deviceLine } from '../../measure/schema.ts';
import { BatchBuilder, greedy } from '../../model/batch.ts';
import type { WorkerFailure } from '../protocol.ts';
import type { Served } from './host.ts';
import type { CalibrateRequest, Calibration, ServeEvent } from './protocol.ts';

/** One kind of step: how many rows decode, which chunk is prefilled, and how long their contexts are. */
interface Shape {
  readonly decodes: number;
  readonly prefill: number;
  readonly context: number;
}

/** Rows of a matrix-multiplication tile, as the runner's tiled kernels round. */
const tile = 8;
const longestSeconds = 15;
/** Most sequences in a measured step. */
const sequences = 40;

function shapes(window: number): Shape[] {
  const all: Shape[] = [];
  for (const context of [8, 64, 256].filter((c) => c < window)) {
    for (const decodes of [1, 2, 4, 8, 16, 32]) all.push({ decodes, prefill: 0, context });
    for (const prefill of [8, 16, 32, 64, 128])
      all.push({ decodes: 0, prefill, context: 0 }, { decodes: 4, prefill, context });
    all.push({ decodes: 0, prefill: 32, context });
  }
  return all.filter((s) => s.context + Math.max(1, s.prefill) <= window);
}

export interface CalibrateHost {
  readonly served: Served;
  readonly device: DeviceReport;
  emit(event: ServeEvent): void;
  stop(): string | null;
}

/** Measures steps for up to about fifteen seconds and fits them. */
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
    if (shape.prefill > 0) {
      const tokens = Array.from({ length: shape.prefill }, (_, i) => i % model.config.vocab);
      const row = shape.decodes;
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
    const order = [...kinds].sort(() => random.next() - 0.5);
    for (const shape of order) samples.get(shape)?.push(await measure(shape));
  }
  const stopped = host.stop();
  if (stopped) return err(failure('refused', `Calibration ended early: ${stopped}.`, 'Calibrate again.'));

  const steps: MeasuredStep[] = kinds.map((shape) => ({
    features: features(shape, dispatches),
    seconds: median(samples.get(shape) ?? [0]),
  }));
  const fit = fitCost(steps);
  const decode16 = median(
    samples.get(
      kinds.find((s) => s.decodes === 16 && s.prefill === 0) ?? { decodes: 0, prefill: 0, context: 0 },
    ) ?? [0],
  );
  const took = (performance.now() - started) / 1e3;
  const cost: CostModel = {
    id: 'calibrated',
    label: `${model.config.name} on this device`,
    provenance: {
      kind: 'fitted',
      device: deviceLine(host.device),
      browser: host.device.browser,
      date: new Date().toISOString().slice(0, 10),
      command: request.command,
      residuals: fit.residuals,
    },
    tile,
    dispatchesPerStep: dispatches,
    seconds: fit.seconds,
    host: 0,
  };
  return ok({
    device: host.device,
    cost,
    steps,
    residuals: fit.residuals,
    capacity: decode16 > 0 ? 16 / decode16 : 0,
    took,
  });
}

function features(shape: Shape, dispatches: number): StepFeatures {
  const { decodes, prefill, context } = shape;
  const attended = decodes * (context + 1) + prefill * context + (prefill * (prefill + 1)) / 2;
  return {
    step: 1,
    prefillTokens: prefill,
    decodeRows: decodes,
    attended,
    tileRows: Math.ceil((prefill + decodes) / tile) * tile,
    logitRows: decodes + (prefill > 0 ? 1 : 0),
    dispatches,
    readback: 1,
  };
}
