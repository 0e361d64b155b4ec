// Times whole steps of a model: prefill and decode over batch sizes, awaited and with two in flight, beside the floors that
// launch, bandwidth and arithmetic set on this device.

import { BlockTables } from '../../cache/block-tables.ts';
import { explain } from '../../core/result.ts';
import { mean, median, spread } from '../../core/stats.ts';
import type { Gpu } from '../../gpu/device.ts';
import type { Pipelines } from '../../gpu/pipelines.ts';
import type { Clock } from '../../gpu/timing.ts';
import { limitOf } from '../../measure/bound.ts';
import { type ModelFile, type ModelRow, modelSchema } from '../../measure/model.ts';
import type { Bound, Ceilings, DeviceReport } from '../../measure/schema.ts';
import { BatchBuilder, greedy } from '../../model/batch.ts';
import { parameterCount } from '../../model/config.ts';
import type { LoadedModel } from '../../model/contract.ts';
import { GpuRuntime } from '../../model/runtime.ts';
import { seededSource } from '../../model/seeded-source.ts';
import type { ServedModel } from '../serving/protocol.ts';
import { measureCeilings } from './ceilings.ts';

export interface ModelBenchRequest {
  readonly models: readonly ServedModel[];
  readonly batches: readonly number[];
  /** Tokens of context of each decoding sequence, and length of each prefilled prompt. */
  readonly context: number;
  readonly prompt: number;
  readonly samples: number;
  readonly command: string;
}

export interface ModelBench {
  readonly gpu: Gpu;
  readonly pipelines: Pipelines;
  readonly clock: Clock;
  readonly device: DeviceReport;
  readonly request: ModelBenchRequest;
  progress(done: number, total: number, what: string): void;
  row(row: ModelRow): void;
  stop(): string | null;
}

interface Kind {
  readonly phase: ModelRow['phase'];
  readonly batch: number;
}

const pageSize = 16;

/** Measures every model, phase and batch; a stop keeps what is finished. */
export async function runModelBench(bench: ModelBench): Promise<ModelFile> {
  const { request, gpu, pipelines, clock } = bench;
  const kinds: Kind[] = request.batches.flatMap((batch) => [
    { phase: 'prefill', batch } as const,
    { phase: 'decode', batch } as const,
  ]);
  const total = 7 + request.models.length * kinds.length;
  let done = 0;
  const ceilings = await measureCeilings(
    gpu,
    pipelines,
    clock,
    7,
    (name) => bench.progress(done++, total, `ceiling: ${name}`),
    () => bench.stop() !== null,
  );
  const results: ModelRow[] = [];
  for (const served of request.models) {
    if (bench.stop()) break;
    const { config, options, seed } = served;
    const rows = Math.max(...request.batches);
    const window = Math.min(config.window, request.context + request.prompt + 64);
    const width = Math.ceil(window / pageSize);
    const blank = ({ phase, batch }: Kind, why: string): ModelRow =>
      blankRow(served, phase, batch, request, why);
    const made = await GpuRuntime.create(gpu, pipelines, {
      pages: rows * width,
      pageSize,
      rows,
      window,
      maxTokens: rows * Math.max(1, Math.min(request.prompt, 128)),
      maxLogits: rows,
      sampleSlots: 2 * rows,
      inFlight: 2,
    });
    if (!made.ok) {
      results.push(...kinds.map((kind) => blank(kind, `refused: ${explain(made.error)}`)));
      continue;
    }
    const runtime = made.value;
    try {
      const loaded = await runtime.load(config, options, seededSource(gpu, pipelines, seed));
      if (!loaded.ok) {
        results.push(...kinds.map((kind) => blank(kind, `refused: ${explain(loaded.error)}`)));
        continue;
      }
      const tables = new BlockTables(rows, width);
      for (let row = 0; row < rows; row++) {
        tables.openRow();
        for (let i = 0; i < width; i++) tables.push(row, row * width + i);
      }
      runtime.syncTables(tables);
      for (const kind of kinds) {
        if (bench.stop()) break;
        bench.progress(
          done++,
          total,
          `${config.name} ${options.weights}: ${kind.phase}, batch ${kind.batch}`,
        );
        const row = await measureKind(bench, runtime, loaded.value, tables, kind, ceilings, served);
        results.push(row);
        bench.row(row);
      }
    } finally {
      runtime.dispose();
    }
  }
  const stopped = bench.stop();
  return {
    schema: modelSchema,
    version: 1,
    date: new Date().toISOString(),
    commit: null,
    command: request.command,
    device: bench.device,
    ceilings,
    invalid: stopped ? [stopped] : [],
    results,
  };
}

async function measureKind(
  bench: ModelBench,
  runtime: GpuRuntime,
  model: LoadedModel,
  tables: BlockTables,
  { phase, batch }: Kind,
  ceilings: Ceilings,
  served: ServedModel,
): Promise<ModelRow> {
  const { request } = bench;
  const { maxTokens, maxLogits } = runtime.options;
  const builder = new BatchBuilder({ maxTokens, maxLogits, pageSize }, (row, index) =>
    tables.page(row, index),
  );
  const chunk = phase === 'decode' ? 1 : Math.min(request.prompt, 128);
  const start = phase === 'decode' ? request.context : 0;
  const hosts: number[] = [];
  let dispatches = 0;
  let parity = 0;
  /** One step; a decode takes the ids that the step before left on the GPU. */
  const step = (first: boolean): Promise<unknown> => {
    builder.begin(model.id);
    const [from, to] = [parity * maxLogits, (1 - parity) * maxLogits];
    parity = 1 - parity;
    for (let row = 0; row < batch; row++) {
      const tokens =
        phase === 'decode' && !first
          ? { sampled: from + row }
          : Array.from({ length: chunk }, (_, i) => (row + i) % model.config.vocab);
      builder.add({ row, start, tokens, logits: 1, sampleSlot: to + row, sampling: greedy });
    }
    const submitted = runtime.step(builder);
    if (!submitted.ok) throw new Error(explain(submitted.error));
    hosts.push(submitted.value.hostMs);
    dispatches = submitted.value.dispatches;
    return submitted.value.sampled;
  };
  // warm-up: half a second, at least three steps
  const until = performance.now() + 500;
  for (let i = 0; i < 3 || (performance.now() < until && i < 200); i++) await step(i === 0);
  hosts.length = 0;

  const awaited: number[] = [];
  const flowing: number[] = [];
  for (let round = 0; round < request.samples && !bench.stop(); round++) {
    const began = performance.now();
    await step(false);
    awaited.push(performance.now() - began);
    // two in flight: the time of eight steps between two moments when one has come back
    let before = step(false);
    const from = performance.now();
    const steps = 8;
    for (let i = 0; i < steps; i++) {
      const next = step(false);
      await before;
      before = next;
    }
    await before;
    flowing.push((performance.now() - from) / (steps + 1));
  }
  const tokens = batch * chunk;
  const { floorsMs, bound, highest } = floors(
    model,
    served,
    tokens,
    batch,
    start + chunk,
    dispatches,
    ceilings,
  );
  if (flowing.length === 0) return blankRow(served, phase, batch, request, 'not run: cancelled');
  const ms = spread(flowing);
  return {
    ...blankRow(served, phase, batch, request, null),
    tokens,
    tokensPerSecond: (tokens / ms.median) * 1e3,
    stepMs: ms.median,
    p10Ms: ms.p10,
    p90Ms: ms.p90,
    n: ms.n,
    awaitedMs: median(awaited),
    readbackMs: median(awaited) - ms.median,
    hostMs: mean(hosts),
    dispatches,
    floorsMs,
    bound,
    fractionOfCeiling: highest === null ? null : highest / ms.median,
  };
}

/** Floors of one step: every weight read once, K and V of every context read once, two FLOPs a parameter and token. */
function floors(
  model: LoadedModel,
  served: ServedModel,
  tokens: number,
  batch: number,
  context: number,
  dispatches: number,
  ceilings: Ceilings,
) {
  const { config, memory } = model;
  const parameters = parameterCount(config);
  const kvBytes = batch * context * kvTokenBytes(served);
  const attention = 4 * config.layers * config.heads * config.headDim * tokens * context;
  const work = {
    flops: 2 * parameters * tokens + attention,
    bytes: memory.weights + kvBytes,
    dispatches,
    peak: 'f32',
  } as const;
  const alone = (name: 'dispatch' | 'readBandwidth' | 'f32'): number | null => {
    if (!ceilings[name]) return null;
    const others = {
      readBandwidth: null,
      copyBandwidth: null,
      workgroupBandwidth: null,
      f32: null,
      f16: null,
      dot4i8: null,
      dispatch: null,
    };
    return limitOf(work, { ...others, [name]: ceilings[name] })?.floorMs ?? null;
  };
  const limit = limitOf(work, ceilings);
  return {
    floorsMs: { launch: alone('dispatch'), bandwidth: alone('readBandwidth'), compute: alone('f32') },
    bound: limit?.bound ?? null,
    highest: limit?.floorMs ?? null,
  };
}

/** What limits a decode step of `batch` sequences with `context` tokens each, on a device of these ceilings. */
export const decodeBound = (
  model: LoadedModel,
  served: ServedModel,
  batch: number,
  context: number,
  ceilings: Ceilings,
): Bound | null => floors(model, served, batch, batch, context, model.program.length, ceilings).bound;

/** Bytes of K and V of one token in all layers. */
function kvTokenBytes({ config, options }: ServedModel): number {
  const cell = { f32: 4, f16: 2, i8: 1 }[options.kv];
  const scales = options.kv === 'i8' ? 8 * config.kvHeads : 0;
  return config.layers * (2 * config.kvHeads * config.headDim * cell + scales);
}

function blankRow(
  served: ServedModel,
  phase: ModelRow['phase'],
  batch: number,
  request: ModelBenchRequest,
  why: string | null,
): ModelRow {
  return {
    phase,
    config: served.config.name,
    parameters: parameterCount(served.config),
    weights: served.options.weights,
    kv: served.options.kv,
    batch,
    context: phase === 'decode' ? request.context : 0,
    tokens: 0,
    tokensPerSecond: null,
    stepMs: null,
    p10Ms: null,
    p90Ms: null,
    n: 0,
    awaitedMs: null,
    readbackMs: null,
    hostMs: null,
    dispatches: 0,
    floorsMs: { launch: null, bandwidth: null, compute: null },
    bound: null,
    fractionOfCeiling: null,
    why,
  };
}
