// The row of a model benchmark: what the samples of one kind of step say, beside its floors.

import { mean, median, spread } from '../../core/stats.ts';
import type { ModelRow } from '../../measure/model.ts';
import type { Ceilings } from '../../measure/schema.ts';
import { parameterCount } from '../../model/config.ts';
import type { ActivationFormat } from '../../model/formats.ts';
import type { Numerics } from '../../model/numerics.ts';
import type { ServedModel } from '../serving/protocol.ts';
import { stepFloors } from './floors.ts';
import type { StepKind, Steps } from './steps.ts';

/** The row that the samples of steps make. */
export function rowOf(served: ServedModel, numerics: Numerics, steps: Steps, ceilings: Ceilings): ModelRow {
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

export const activationsOf = ({ options }: ServedModel): ActivationFormat => options.activations ?? 'f32';

/** A row without figures, that says why. */
export const blankRow = (
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
