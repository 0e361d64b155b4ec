// The batching command on the GPU: the same strategies, workload and schema as on the virtual clock, measured on the device
// in turns, figures as medians over the repeats with their spread.

import { err, explain, type Failure, failure, ok, type Result, unwrap } from '../../src/core/result.ts';
import { median, spread } from '../../src/core/stats.ts';
import type { StrategyResult } from '../../src/engine/compare.ts';
import { boundsOf } from '../../src/engine/metrics/bounds.ts';
import { factsOf } from '../../src/engine/metrics/facts.ts';
import { measure, metrics } from '../../src/engine/metrics/metrics.ts';
import { replay } from '../../src/engine/replay.ts';
import type { RunFile } from '../../src/engine/run-file.ts';
import type { Trace } from '../../src/engine/trace.ts';
import { type Comparison, compareTurns } from '../../src/measure/rank.ts';
import { deviceLine } from '../../src/measure/schema.ts';
import { kvFormats, weightFormats } from '../../src/model/formats.ts';
import { type PresetName, presets } from '../../src/model/presets.ts';
import type {
  Calibration,
  ServedModel,
  ServeReport,
  ServeRequest,
} from '../../src/worker/serving/protocol.ts';
import type { BrowserOptions } from '../browser.ts';
import { withDevice } from '../session.ts';
import { chooseWorkload, contestants } from './options.ts';
import type { BatchingReport, BatchingRequest } from './run.ts';
import { measuredCapacity } from './run.ts';

export interface GpuOptions extends BrowserOptions {
  readonly model: ServedModel;
  readonly repeats: number;
  /** Fit the virtual clock first, and report the same runs on both clocks. */
  readonly calibrate: boolean;
}

/** A result with what repeats add. */
export interface MeasuredResult extends StrategyResult {
  readonly repeats: number;
  readonly spread: Readonly<Record<string, { readonly p10: number; readonly p90: number }>>;
  /** Output throughput against the first strategy's, with its interval; null for the first itself. */
  readonly againstFirst: Comparison | null;
  /** Host seconds a step: encoding and submitting; planning, commits and trace. */
  readonly host: { readonly encode: number; readonly between: number };
  /** The harness's own lateness, in seconds. */
  readonly lag: { readonly mean: number; readonly max: number };
}

export interface GpuRun {
  readonly report: Omit<BatchingReport, 'results'> & {
    readonly results: readonly MeasuredResult[];
    readonly invalid: readonly string[];
  };
  /** The first measured run of each strategy. */
  readonly files: readonly { readonly name: string; readonly file: RunFile; readonly trace: Trace }[];
  readonly calibration: Calibration | null;
}

export function servedModel(name: string, weights: string, kv: string): Result<ServedModel, Failure> {
  const config = Object.hasOwn(presets, name) ? presets[name as PresetName] : undefined;
  const w = weightFormats.find((f) => f === weights);
  const k = kvFormats.find((f) => f === kv);
  if (!config)
    return err(
      failure('option', `There is no model "${name}".`, `Models: ${Object.keys(presets).join(', ')}.`),
    );
  if (!w)
    return err(failure('option', `--weights cannot be "${weights}".`, `Choose ${weightFormats.join(', ')}.`));
  if (!k) return err(failure('option', `--kv cannot be "${kv}".`, `Choose ${kvFormats.join(', ')}.`));
  const model: ServedModel = { config, options: { weights: w, kv: k, kernels: 'auto' }, seed: 1 };
  return ok(model);
}

/** Measures on the device. Throws, saying why, when there is none or when the run is refused. */
export async function runOnGpu(
  request: BatchingRequest,
  options: GpuOptions,
  commit: string | null,
): Promise<GpuRun> {
  const { settings, limits, seed, lookahead } = request;
  const entries = unwrap(contestants(request.strategies, settings, limits));
  return withDevice(
    options,
    () => undefined,
    async ({ driver, device }) => {
      const call = async <T>(name: 'serve' | 'calibrate', value: unknown): Promise<T> => {
        const done = (await driver.page.evaluate(
          ([method, argument]) => window.lockstep[method as 'serve'](argument as ServeRequest),
          [name, value] as const,
        )) as Result<T, Failure>;
        if (!done.ok) throw new Error(explain(done.error));
        return done.value;
      };
      const command = 'npm run bench -- batching --clock gpu --calibrate';
      const calibration = options.calibrate
        ? await call<Calibration>('calibrate', { model: options.model, limits, command })
        : null;
      const capacity = calibration
        ? unwrap(measuredCapacity({ ...request, cost: calibration.cost }))
        : undefined;
      const context = { seed, limits, ...(capacity === undefined ? {} : { capacity }) };
      const workload = unwrap(chooseWorkload(request.workload, settings, context));
      const served = await call<ServeReport>('serve', {
        model: options.model,
        limits,
        contenders: entries.map((e) => ({
          label: e.preset ?? e.strategy,
          strategy: e.preset ?? e.strategy,
          knobs: e.knobs,
        })),
        requests: workload.requests,
        ...(workload.closed ? { closed: workload.closed } : {}),
        workload: { id: workload.id, knobs: workload.knobs },
        lookahead,
        repeats: options.repeats,
        seed,
        ...(commit ? { commit } : {}),
      } satisfies ServeRequest);

      const objectives = {
        ...(request.slo ? { slo: request.slo } : {}),
        ...(request.price ? { price: request.price } : {}),
      };
      const measured = entries.map((entry, index) => {
        const runs = served.runs.filter((r) => r.contender === index);
        const traces = runs.map((r) => unwrap(replay(r.file)));
        return { entry, index, runs, traces, each: traces.map((t) => measure(t, objectives)) };
      });
      const throughputs = measured.map((m) => m.each.map((e) => e['output_throughput'] ?? 0));
      const results = measured.map(({ entry, index, runs, traces, each }): MeasuredResult => {
        const ids = Object.keys(each[0] ?? {});
        const values = (id: string): number[] =>
          each.map((e) => e[id]).filter((v): v is number => v !== undefined);
        const [trace] = traces;
        const { window, pageSize } = limits;
        const own = (index > 0 && throughputs[index]) || null;
        const incomplete = runs.find((r) => r.file.header.incomplete)?.file.header.incomplete ?? null;
        const differs = served.identical.verdict === 'different' ? served.identical.request : null;
        return {
          strategy: entry.strategy,
          preset: entry.preset ?? null,
          knobs: entry.knobs,
          workload: request.workload,
          clock: 'wall',
          steps: trace?.steps.length ?? 0,
          throughput: median(throughputs[index] ?? [0]),
          metrics: Object.fromEntries(
            ids.filter((id) => values(id).length > 0).map((id) => [id, median(values(id))]),
          ),
          bounds: trace
            ? (boundsOf(factsOf(trace), { slots: entry.planner().settings.slots, window, pageSize }) ?? null)
            : null,
          identical: index === 0 ? null : differs === null,
          differs,
          refused: null,
          incomplete,
          repeats: runs.length,
          spread: Object.fromEntries(
            ids
              .filter((id) => values(id).length > 0)
              .map((id) => {
                const { p10, p90 } = spread(values(id));
                return [id, { p10, p90 }];
              }),
          ),
          // durations are inverse throughputs: the verdict then speaks of speed
          againstFirst: own
            ? compareTurns(
                own.map((t) => 1 / t),
                (throughputs[0] ?? []).map((t) => 1 / t),
              )
            : null,
          host: {
            encode: median(runs.map((r) => r.encode.mean)),
            between: median(runs.map((r) => r.between.mean)),
          },
          lag: { mean: median(runs.map((r) => r.lag.mean)), max: Math.max(...runs.map((r) => r.lag.max)) },
        };
      });
      return {
        report: {
          format: 'lockstep-batching',
          version: 1,
          date: new Date().toISOString(),
          commit,
          device: `${deviceLine(device)} · ${options.model.config.name}, ${options.model.options.weights} weights, ${options.model.options.kv} KV`,
          limits,
          lookahead,
          seed,
          slo: request.slo ?? null,
          capacity: capacity ?? null,
          notes: workload.notes,
          formulas: Object.fromEntries(metrics.map((m) => [m.id, m.formula])),
          results,
          invalid: served.invalid,
        },
        files: measured.flatMap(({ entry, runs, traces }) => {
          const [first, trace] = [runs[0], traces[0]];
          return first && trace ? [{ name: entry.preset ?? entry.strategy, file: first.file, trace }] : [];
        }),
        calibration,
      };
    },
  );
}
