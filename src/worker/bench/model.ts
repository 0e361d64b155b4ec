// Times whole steps of models: prefill and decode over batch sizes, awaited and with two in flight, formats and numerics of one
// shape in turns, beside the floors that launch, bandwidth and arithmetic set on this device, and split by op.

import { BlockTables } from '../../cache/block-tables.ts';
import { assert } from '../../core/assert.ts';
import { err, explain, type Failure, ok, type Result } from '../../core/result.ts';
import type { Awake } from '../../gpu/awake.ts';
import type { Gpu } from '../../gpu/device.ts';
import type { Pipelines } from '../../gpu/pipelines.ts';
import type { Clock } from '../../gpu/timing.ts';
import { type ModelFile, type ModelInvariance, type ModelRow, modelSchema } from '../../measure/model.ts';
import { type Ceilings, ceilingNames, type DeviceReport } from '../../measure/schema.ts';
import type { LoadedModel } from '../../model/contract.ts';
import { loadProbed } from '../../model/load-probed.ts';
import type { Numerics } from '../../model/numerics.ts';
import { describeInvariance } from '../../model/probe-report.ts';
import { GpuRuntime } from '../../model/runtime.ts';
import { weightsOf } from '../open-model.ts';
import type { ServedModel } from '../serving/protocol.ts';
import { measureCeilings } from './ceilings.ts';
import { activationsOf, blankRow, rowOf } from './model-row.ts';
import { measureSplit } from './split.ts';
import { type StepKind, Steps } from './steps.ts';

export interface ModelBenchRequest {
  readonly models: readonly ServedModel[];
  /** Each model is loaded once per numerics mode; models of one shape that fit into memory together are timed alternately. */
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
  let turns = 0;
  for (const alike of sharing(request.models)) {
    for (let waiting = alike; waiting.length > 0 && !bench.stop(); turns++) {
      const together = { kinds, ceilings, turns };
      const measured = await measureTogether(bench, waiting, together, (models, kind) => {
        const weights = [...new Set(models.map(({ options }) => options.weights))].join(', ');
        const label = `${models[0]?.config.name} ${weights}: ${kind.phase}, batch ${kind.batch}`;
        bench.progress(done, total, label);
        done += models.length;
      });
      results.push(...measured.rows);
      invariance.push(...measured.invariance);
      waiting = measured.left;
    }
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

/** Models of one shape and one format of pages, in one list each: what is compared takes turns. */
function sharing(models: readonly ServedModel[]): readonly (readonly ServedModel[])[] {
  const lists = new Map<string, ServedModel[]>();
  for (const served of models) {
    const key = `${served.config.name} ${served.options.kv}`;
    lists.set(key, [...(lists.get(key) ?? []), served]);
  }
  return [...lists.values()];
}

interface Together {
  readonly kinds: readonly StepKind[];
  readonly ceilings: Ceilings;
  readonly turns: number;
}

interface Measured {
  readonly rows: readonly ModelRow[];
  readonly invariance: readonly ModelInvariance[];
  /** Models that did not fit into memory beside the loaded ones: tried again without them. */
  readonly left: readonly ServedModel[];
}

/** Loads as many of `waiting` as fit, each with all numerics, probes their invariance and measures every kind of step in turns. */
async function measureTogether(
  bench: ModelBench,
  waiting: readonly ServedModel[],
  { kinds, ceilings, turns }: Together,
  progress: (together: readonly ServedModel[], kind: StepKind) => void,
): Promise<Measured> {
  const { request, gpu, pipelines } = bench;
  const [first] = waiting;
  assert(first, 'there is a model to measure');
  const refused = (why: string): Measured => ({
    rows: request.numerics.flatMap((numerics) =>
      kinds.map((kind) => blankRow(first, numerics, kind, 'refused', `refused: ${why}`)),
    ),
    invariance: [],
    left: waiting.slice(1),
  });
  const rows = Math.max(2, ...request.batches); // two, so that the probe has a neighbour
  const window = Math.min(first.config.window, request.context + request.prompt + 64);
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
    const models: Loaded[] = [];
    const invariance: ModelInvariance[] = [];
    const left: ServedModel[] = [];
    for (const served of waiting) {
      const loaded = await loadAll(bench, runtime, served);
      if (!loaded.ok && loaded.error.code === 'cancelled') return { rows: [], invariance, left: [] };
      if (!loaded.ok && served === first) return refused(explain(loaded.error));
      if (!loaded.ok) {
        left.push(served); // tried again without the others
        continue;
      }
      models.push(...loaded.value.models);
      invariance.push(...loaded.value.invariance);
    }
    const tables = new BlockTables(rows, width);
    for (let row = 0; row < rows; row++) {
      tables.openRow();
      for (let i = 0; i < width; i++) tables.push(row, row * width + i);
    }
    runtime.syncTables(tables);
    const results = new Map<ServedModel, ModelRow[]>();
    for (const kind of kinds) {
      if (bench.stop()) break;
      progress(
        waiting.filter((served) => !left.includes(served)),
        kind,
      );
      const lanes = models.map((loaded) => ({
        ...loaded,
        steps: new Steps({ runtime, model: loaded.model, tables, awake: bench.awake }, kind),
      }));
      for (const { steps } of lanes) await steps.warmUp();
      for (let round = 0; round < request.samples && !bench.stop(); round++)
        for (const { steps } of round % 2 === 0 ? lanes : [...lanes].reverse()) await steps.sample();
      for (const { served, numerics, steps } of lanes) {
        const row = { ...rowOf(served, numerics, steps, ceilings), turns };
        const split = request.split === 'by op' && row.status === 'measured';
        const whole = split ? await withSplit(bench, runtime, steps, row) : row;
        results.set(served, [...(results.get(served) ?? []), whole]);
        bench.row(whole);
      }
    }
    return { rows: [...results.values()].flat(), invariance, left };
  } finally {
    runtime.dispose();
  }
}

interface Loaded {
  readonly served: ServedModel;
  readonly numerics: Numerics;
  readonly model: LoadedModel;
}

/** Loads a model with each of the numerics and probes them; none of it stays when one cannot be loaded. */
async function loadAll(
  bench: ModelBench,
  runtime: GpuRuntime,
  served: ServedModel,
): Promise<
  Result<{ readonly models: readonly Loaded[]; readonly invariance: readonly ModelInvariance[] }, Failure>
> {
  const { request, gpu, pipelines } = bench;
  const models: Loaded[] = [];
  const invariance: ModelInvariance[] = [];
  const refused = (why: Failure) => {
    for (const { model } of models) runtime.unload(model.id);
    return err(why);
  };
  for (const numerics of request.numerics) {
    const source = await weightsOf(gpu, pipelines, served);
    if (!source.ok) return refused(source.error);
    const options = { ...served.options, numerics };
    const loaded = await loadProbed(
      runtime,
      served.config,
      options,
      () => source.value,
      () => bench.stop(),
    );
    if (!loaded.ok) return refused(loaded.error);
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
    else models.push({ served, numerics: found.served, model });
  }
  return ok({ models, invariance });
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
