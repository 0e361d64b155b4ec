// Times whole steps of models: prefill and decode over batch sizes, awaited and with two in flight, canonical and fast
// kernels in turns, beside the floors that launch, bandwidth and arithmetic set on this device, and split by op.

import { BlockTables } from '../../cache/block-tables.ts';
import { explain } from '../../core/result.ts';
import { mean, median, spread } from '../../core/stats.ts';
import type { Awake } from '../../gpu/awake.ts';
import type { Gpu } from '../../gpu/device.ts';
import type { Pipelines } from '../../gpu/pipelines.ts';
import type { Clock } from '../../gpu/timing.ts';
import { type ModelFile, type ModelInvariance, type ModelRow, modelSchema } from '../../measure/model.ts';
import { type Ceilings, ceilingNames, type DeviceReport } from '../../measure/schema.ts';
import { parameterCount } from '../../model/config.ts';
import type { LoadedModel } from '../../model/contract.ts';
import type { ActivationFormat } from '../../model/formats.ts';
import { loadProbed } from '../../model/load-probed.ts';
import type { Numerics } from '../../model/numerics.ts';
import { describeInvariance } from '../../model/probe-report.ts';
import { GpuRuntime } from '../../model/runtime.ts';
import { weightsOf } from '../open-model.ts';
import type { ServedModel } from '../serving/protocol.ts';
import { measureCeilings } from './ceilings.ts';
import { stepFloors } from './floors.ts';
import { measureSplit } from './split.ts';
import { type StepKind, Steps } from './steps.ts';

export interface ModelBenchRequest {
  readonly models: readonly ServedModel[];
  /** Each model is loaded once for each, side by side; steps of one kind take turns. */
  readonly numerics: readonly Numerics[];
  readonly phases: readonly StepKind['phase'][];
  readonly batches: readonly number[];
  /** Tokens of context of each decoding sequence, and length of each prefilled prompt. */
  readonly context: number;
  readonly prompt: number;
  readonly samples: number;
  /** Whether each kind of step is also timed op by op. */
  readonly split: 'none' | 'by op';
  readonly command: string;
}

export interface ModelBench {
  readonly gpu: Gpu;
  readonly pipelines: Pipelines;
  readonly clock: Clock;
  /** Keeps the device's clock up between steps; undefined where there is nothing to keep. */
  readonly awake: Awake | undefined;
  readonly device: DeviceReport;
  readonly request: ModelBenchRequest;
  progress(done: number, total: number, what: string): void;
  row(row: ModelRow): void;
  stop(): string | null;
}

const pageSize = 16;
/** Most tokens of one prompt in a step. */
const longestChunk = 128;

/** Measures every model, phase and batch; a stop keeps what is finished. */
export async function runModelBench(bench: ModelBench): Promise<ModelFile> {
  const { request, gpu, pipelines, clock } = bench;
  const chunk = Math.min(request.prompt, longestChunk);
  const kinds = request.batches.flatMap((batch) =>
    request.phases.map(
      (phase): StepKind =>
        phase === 'prefill'
          ? { phase, batch, count: chunk, start: 0 }
          : { phase, batch, count: 1, start: request.context },
    ),
  );
  const total = ceilingNames.length + request.models.length * kinds.length;
  let done = 0;
  const { ceilings, missingCeilings } = await measureCeilings({
    gpu,
    pipelines,
    clock,
    samples: 7,
    report: (name) => bench.progress(done++, total, `ceiling: ${name}`),
    stopped: () => bench.stop() !== null,
  });
  const results: ModelRow[] = [];
  const invariance: ModelInvariance[] = [];
  for (const served of request.models) {
    if (bench.stop()) break;
    const measured = await measureModel(bench, served, kinds, ceilings, (kind) =>
      bench.progress(
        done++,
        total,
        `${served.config.name} ${served.options.weights}: ${kind.phase}, batch ${kind.batch}`,
      ),
    );
    results.push(...measured.rows);
    invariance.push(...measured.invariance);
  }
  const stopped = bench.stop();
  const broken = invariance.filter((i) => i.standing === 'still differs').map((i) => i.found);
  return {
    schema: modelSchema,
    version: 1,
    date: new Date().toISOString(),
    commit: null,
    command: request.command,
    device: bench.device,
    ceilings,
    missingCeilings,
    invalid: [...(stopped ? [stopped] : []), ...broken],
    invariance,
    results,
  };
}

interface Measured {
  readonly rows: readonly ModelRow[];
  readonly invariance: readonly ModelInvariance[];
}

/** Loads a model with each numerics, probes their invariance and measures every kind of step. */
async function measureModel(
  bench: ModelBench,
  served: ServedModel,
  kinds: readonly StepKind[],
  ceilings: Ceilings,
  progress: (kind: StepKind) => void,
): Promise<Measured> {
  const { request, gpu, pipelines } = bench;
  const refused = (why: string): Measured => ({
    rows: request.numerics.flatMap((numerics) =>
      kinds.map((kind) => blankRow(served, numerics, kind, 'refused', `refused: ${why}`)),
    ),
    invariance: [],
  });
  const rows = Math.max(2, ...request.batches); // two, so that the probe has a neighbour
  const window = Math.min(served.config.window, request.context + request.prompt + 64);
  const width = Math.ceil(window / pageSize);
  const made = await GpuRuntime.create(gpu, pipelines, {
    pages: rows * width,
    pageSize,
    rows,
    window,
    maxTokens: rows * Math.min(request.prompt, longestChunk),
    maxLogits: rows,
    sampleSlots: 2 * rows,
    inFlight: 2,
  });
  if (!made.ok) return refused(explain(made.error));
  const runtime = made.value;
  try {
    const models: { readonly numerics: Numerics; readonly model: LoadedModel }[] = [];
    const invariance: ModelInvariance[] = [];
    for (const numerics of request.numerics) {
      const source = await weightsOf(gpu, pipelines, served);
      if (!source.ok) return refused(explain(source.error));
      const options = { ...served.options, numerics };
      const loaded = await loadProbed(runtime, served.config, options, () => source.value);
      if (!loaded.ok) return refused(explain(loaded.error));
      const { model, invariance: found } = loaded.value;
      invariance.push({
        config: served.config.name,
        weights: served.options.weights,
        activations: activationsOf(served),
        kv: served.options.kv,
        asked: numerics,
        numerics: found.served,
        standing: found.standing,
        identical: found.probes.at(-1)?.identical ?? false,
        found: describeInvariance(found),
      });
      // canonical may have become one version, which may be asked for too
      if (models.some((other) => other.numerics === found.served)) runtime.unload(model.id);
      else models.push({ numerics: found.served, model });
    }
    const tables = new BlockTables(rows, width);
    for (let row = 0; row < rows; row++) {
      tables.openRow();
      for (let i = 0; i < width; i++) tables.push(row, row * width + i);
    }
    runtime.syncTables(tables);
    const results: ModelRow[] = [];
    for (const kind of kinds) {
      if (bench.stop()) break;
      progress(kind);
      const lanes = models.map(({ numerics, model }) => ({
        numerics,
        steps: new Steps({ runtime, model, tables, awake: bench.awake }, kind),
      }));
      for (const { steps } of lanes) await steps.warmUp();
      for (let round = 0; round < request.samples && !bench.stop(); round++)
        for (const { steps } of round % 2 === 0 ? lanes : [...lanes].reverse()) await steps.sample();
      for (const { numerics, steps } of lanes) {
        const row = rowOf(served, numerics, steps, ceilings);
        const split = request.split === 'by op' && row.status === 'measured';
        const whole = split ? await withSplit(bench, runtime, steps, row) : row;
        results.push(whole);
        bench.row(whole);
      }
    }
    return { rows: results, invariance };
  } finally {
    runtime.dispose();
  }
}

async function withSplit(
  bench: ModelBench,
  runtime: GpuRuntime,
  steps: Steps,
  row: ModelRow,
): Promise<ModelRow> {
  const { gpu, clock, request } = bench;
  const { samples } = request;
  const split = await measureSplit({ gpu, clock, runtime, samples, stop: () => bench.stop() }, steps.batch);
  return split.ok ? { ...row, split: split.value } : { ...row, splitWhy: explain(split.error) };
}

function rowOf(served: ServedModel, numerics: Numerics, steps: Steps, ceilings: Ceilings): ModelRow {
  const { kind, model, dispatches, flowingMs, awaitedMs, hostMs } = steps;
  if (flowingMs.length === 0) return blankRow(served, numerics, kind, 'cancelled', 'not run: cancelled');
  const { batch, count, start } = kind;
  const tokens = batch * count;
  const { floorsMs, bound, highest, launchPlusBandwidthMs } = stepFloors(
    model,
    {
      tokens,
      logits: batch,
      attended: batch * (count * start + (count * (count + 1)) / 2),
      keys: batch * (start + count),
      dispatches,
    },
    ceilings,
  );
  const ms = spread(flowingMs);
  return {
    ...blankRow(served, numerics, kind, 'measured', null),
    reduction: model.reduction,
    tokens,
    tokensPerSecond: (tokens / ms.median) * 1e3,
    stepMs: ms.median,
    p10Ms: ms.p10,
    p90Ms: ms.p90,
    n: ms.n,
    samplesMs: [...flowingMs],
    awaitedMs: median(awaitedMs),
    readbackMs: median(awaitedMs) - ms.median,
    hostMs: mean(hostMs),
    dispatches,
    floorsMs,
    bound,
    fractionOfCeiling: highest === null ? null : highest / ms.median,
    launchPlusBandwidthMs,
    fractionOfLaunchPlusBandwidth: launchPlusBandwidthMs === null ? null : launchPlusBandwidthMs / ms.median,
  };
}

const activationsOf = ({ options }: ServedModel): ActivationFormat => options.activations ?? 'f32';

const blankRow = (
  served: ServedModel,
  numerics: Numerics,
  kind: StepKind,
  status: ModelRow['status'],
  why: string | null,
): ModelRow => ({
  phase: kind.phase,
  config: served.config.name,
  parameters: parameterCount(served.config),
  weights: served.options.weights,
  activations: activationsOf(served),
  kv: served.options.kv,
  numerics,
  reduction: '',
  batch: kind.batch,
  context: kind.start,
  tokens: 0,
  tokensPerSecond: null,
  stepMs: null,
  p10Ms: null,
  p90Ms: null,
  n: 0,
  samplesMs: [],
  awaitedMs: null,
  readbackMs: null,
  hostMs: null,
  dispatches: 0,
  floorsMs: { launch: null, bandwidth: null, compute: null },
  bound: null,
  fractionOfCeiling: null,
  launchPlusBandwidthMs: null,
  fractionOfLaunchPlusBandwidth: null,
  split: null,
  splitWhy: null,
  status,
  why,
});
