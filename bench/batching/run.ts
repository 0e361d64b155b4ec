// Runs the batching command once its options are understood: capacity, comparison, both goodputs, files.

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Failure, ok, type Result } from '../../src/core/result.ts';
import { chromeTrace } from '../../src/engine/chrome-trace.ts';
import { type Compared, type Contestant, compare, type StrategyResult } from '../../src/engine/compare.ts';
import { type CostModel, describeCost } from '../../src/engine/cost-model.ts';
import { capacityFormula, findCapacity } from '../../src/engine/metrics/capacity.ts';
import type { Slo } from '../../src/engine/metrics/latency.ts';
import type { Price } from '../../src/engine/metrics/metric.ts';
import { metrics } from '../../src/engine/metrics/metrics.ts';
import { recordRun } from '../../src/engine/record.ts';
import { type RunFile, writeRunFile } from '../../src/engine/run-file.ts';
import { saturatedRate } from '../../src/engine/saturation.ts';
import type { Trace } from '../../src/engine/trace.ts';
import type { Limits } from '../../src/engine/view.ts';
import { arrivalsOf, type TextSource } from '../../src/workloads/contract.ts';
import { workloads } from '../../src/workloads/index.ts';
import { commitHash } from '../io.ts';
import { type ChosenWorkload, chooseWorkload, contestants, type Settings } from './options.ts';

export interface BatchingRequest {
  readonly strategies: readonly string[];
  readonly workload: string;
  readonly settings: Settings;
  readonly limits: Limits;
  readonly cost: CostModel;
  readonly lookahead: 0 | 1;
  readonly seed: number;
  readonly slo: Slo | undefined;
  readonly price: Price | undefined;
  /** Where a workload of real text takes its words from. */
  readonly text?: TextSource | undefined;
}

export interface BatchingReport {
  readonly format: 'lockstep-batching';
  readonly version: 1;
  readonly date: string;
  readonly commit: string | null;
  readonly device: string;
  readonly limits: Limits;
  readonly lookahead: 0 | 1;
  readonly seed: number;
  readonly slo: Slo | null;
  /** Requests a second when saturated, where a rate refers to it. */
  readonly capacity: number | null;
  readonly notes: readonly string[];
  readonly formulas: Readonly<Record<string, string>>;
  readonly results: readonly StrategyResult[];
}

export interface BatchingRun {
  readonly report: BatchingReport;
  readonly compared: readonly Compared[];
  readonly workload: ChosenWorkload;
}

export function runBatching(request: BatchingRequest): Result<BatchingRun, Failure> {
  const { settings, limits, seed, cost, lookahead } = request;
  const entries = contestants(request.strategies, settings, limits);
  if (!entries.ok) return entries;
  const capacity = measuredCapacity(request);
  if (!capacity.ok) return capacity;
  const context = {
    seed,
    limits,
    text: request.text,
    ...(capacity.value === undefined ? {} : { capacity: capacity.value }),
  };
  const workload = chooseWorkload(request.workload, settings, context);
  if (!workload.ok) return workload;
  const options = {
    workload: request.workload,
    limits,
    cost,
    lookahead,
    seed,
    ...(request.slo ? { slo: request.slo } : {}),
    ...(request.price ? { price: request.price } : {}),
  };
  const compared = compare(entries.value, { ...options, arrivals: () => arrivalsOf(workload.value) });
  const results = withCapacities(
    compared.map(({ result }) => result),
    entries.value,
    request,
  );
  const report: BatchingReport = {
    format: 'lockstep-batching',
    version: 1,
    date: new Date().toISOString(),
    commit: commitHash(),
    device: describeCost(cost),
    limits,
    lookahead,
    seed,
    slo: request.slo ?? null,
    capacity: capacity.value ?? null,
    notes: [...workload.value.notes, ...noCapacity(request)],
    formulas: allFormulas(),
    results,
  };
  return ok({ report, compared, workload: workload.value });
}

/** When the workload's rate is a fraction of capacity: what unified batching serves a second, saturated. */
export function measuredCapacity(request: BatchingRequest): Result<number | undefined, Failure> {
  const knobs = workloads.get(request.workload)?.knobs ?? {};
  const given = request.settings.for([request.workload, 'workload'], Object.keys(knobs));
  if (given['rateOf'] !== 'capacity') return ok(undefined);
  const { settings, limits, cost, seed } = request;
  const burst = chooseWorkload(
    request.workload,
    settings,
    { seed, limits, capacity: 1, text: request.text },
    { arrivals: 'burst' },
  );
  if (!burst.ok) return burst;
  const unified = contestants(['unified'], settings, limits);
  if (!unified.ok) return unified;
  const [contestant] = unified.value;
  if (!contestant) return ok(undefined);
  const { requests } = burst.value;
  const { lookahead } = request;
  return ok(saturatedRate({ planner: contestant.planner(), requests, limits, cost, lookahead }).requests);
}

/** Of all that a report's results hold. */
export const allFormulas = (): Record<string, string> => ({
  ...Object.fromEntries(metrics.map((m) => [m.id, m.formula])),
  goodput_capacity: capacityFormula,
});

const hasRate = ({ workload }: BatchingRequest): boolean => 'rate' in (workloads.get(workload)?.knobs ?? {});

/** Why objectives are there and no goodput as a capacity is. */
export const noCapacity = (request: BatchingRequest): string[] =>
  request.slo && !hasRate(request)
    ? [`no goodput as a capacity: ${request.workload} has no rate to search over`]
    : [];

/** Each result with its goodput as a capacity on the request's virtual clock; only where there are objectives and a rate. */
export const withCapacities = <T extends StrategyResult>(
  results: readonly T[],
  entries: readonly Contestant[],
  request: BatchingRequest,
): T[] =>
  results.map((result, i) => {
    const rate = goodputCapacity(request, entries[i] as Contestant);
    return rate === undefined
      ? result
      : { ...result, metrics: { ...result.metrics, goodput_capacity: rate } };
  });

function goodputCapacity(request: BatchingRequest, contestant: Contestant): number | undefined {
  const { slo, settings, limits, seed, cost, lookahead } = request;
  if (!slo || !hasRate(request)) return undefined;
  const attainment = (rate: number): number => {
    const override = { rate, rateOf: 'seconds', arrivals: 'poisson' };
    const workload = chooseWorkload(
      request.workload,
      settings,
      { seed, limits, text: request.text },
      override,
    );
    if (!workload.ok) return 0;
    const options = { workload: request.workload, limits, cost, lookahead, seed, slo };
    const [only] = compare([contestant], { ...options, arrivals: () => arrivalsOf(workload.value) });
    return only?.result.metrics['slo_attainment'] ?? 0;
  };
  return findCapacity({ attainment, from: 1 }).rate;
}

/** A Chrome trace with one process a run. */
export function writeChromeTrace(
  file: string,
  runs: readonly { readonly name: string; readonly trace: Trace }[],
): void {
  const traceEvents = runs.flatMap(({ name, trace }, i) => chromeTrace(trace, name, i + 1));
  writeFileSync(file, `{"traceEvents":[\n${traceEvents.map((e) => JSON.stringify(e)).join(',\n')}\n]}\n`);
}

/** One strategy's run as a run file. */
export function runFileOf({ report, workload }: BatchingRun, { run, result }: Compared): RunFile {
  return recordRun(run.trace, run.requests, {
    date: report.date,
    ...(report.commit ? { commit: report.commit } : {}),
    device: report.device,
    clock: 'virtual',
    lookahead: report.lookahead,
    strategy: result.strategy,
    ...(result.preset ? { preset: result.preset } : {}),
    knobs: result.knobs,
    settings: run.engine.settings,
    limits: run.engine.limits,
    workload: { id: workload.id, knobs: workload.knobs },
    numerics: { model: 'toy' },
    tuned: {},
    seeds: { run: report.seed },
    ...(result.incomplete ? { incomplete: result.incomplete } : {}),
  });
}

export function writeRun(file: string, run: RunFile): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, writeRunFile(run));
}
