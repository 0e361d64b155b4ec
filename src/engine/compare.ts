// The same requests under several strategies on the virtual clock: one result a strategy, and whether their
// answers are the same token by token.

import type { KnobValue } from '../core/knobs.ts';
import type { CostModel } from './cost-model.ts';
import type { Clock } from './executor.ts';
import type { Arrivals } from './loop.ts';
import { type Bounds, boundsOf } from './metrics/bounds.ts';
import { type Facts, factsOf } from './metrics/facts.ts';
import { completed } from './metrics/latency.ts';
import { type MeasureOptions, measure } from './metrics/metrics.ts';
import { type Refused, refusedOf } from './noted-arrivals.ts';
import { type Answers, type Identical, identical, outputsOf } from './outputs.ts';
import type { Planner } from './plan.ts';
import type { Trace } from './trace.ts';
import type { Limits } from './view.ts';
import { runVirtual, type VirtualRun } from './virtual-run.ts';

export interface Contestant {
  readonly strategy: string;
  readonly preset?: string;
  readonly knobs: Readonly<Record<string, KnobValue>>;
  /** A fresh planner. */
  planner(): Planner;
}

export interface CompareOptions extends MeasureOptions {
  readonly workload: string;
  /** Fresh arrivals, the same for every strategy. */
  arrivals(): Arrivals;
  readonly limits: Limits;
  readonly cost: CostModel;
  readonly lookahead: 0 | 1;
  readonly seed: number;
}

export interface StrategyResult {
  readonly strategy: string;
  readonly preset: string | null;
  readonly knobs: Readonly<Record<string, KnobValue>>;
  readonly workload: string;
  readonly clock: Clock;
  readonly steps: number;
  /** Output tokens a second. */
  readonly throughput: number;
  readonly metrics: Readonly<Record<string, number>>;
  readonly bounds: Bounds | null;
  /** Whether every answer equals the first strategy's; null for the first itself, and where no request was completed under both. */
  readonly identical: boolean | null;
  /** The first request whose answer differs from the first strategy's. */
  readonly differs: number | null;
  /** Requests that no strategy could serve, and why the first was refused. */
  readonly refused: Refused;
  /** Why the run stopped early, or null. */
  readonly incomplete: string | null;
}

export interface Compared {
  readonly result: StrategyResult;
  readonly run: VirtualRun;
}

type Completed = Answers['outputs'];

/** The answers of requests that were completed: one that a client cut short is cut by the clock. */
function completedOf(trace: Trace, facts: Facts): Completed {
  const outputs = outputsOf(trace);
  return new Map(facts.requests.filter(completed).map(({ id }) => [id, outputs.get(id) ?? []]));
}

/** Over the requests that were completed in both. */
function sameAs(a: Completed, b: Completed): Identical {
  const both = (these: Completed, others: Completed) => new Map([...these].filter(([id]) => others.has(id)));
  return identical([both(a, b), both(b, a)].map((outputs) => ({ outputs, complete: true })));
}

/** A verdict as results carry it. */
export const verdictOf = (same: Identical): Pick<StrategyResult, 'identical' | 'differs'> => ({
  identical: same.verdict === 'nothing to compare' ? null : same.verdict === 'same',
  differs: same.verdict === 'different' ? same.request : null,
});

export function compare(contestants: readonly Contestant[], options: CompareOptions): Compared[] {
  const { workload, limits, cost, lookahead, seed } = options;
  let reference: Completed | undefined;
  return contestants.map((contestant) => {
    const planner = contestant.planner();
    const run = runVirtual({ planner, arrivals: options.arrivals(), limits, cost, lookahead, seed });
    const metrics = measure(run.trace, options);
    const facts = factsOf(run.trace);
    const answers = completedOf(run.trace, facts);
    const { slots } = run.engine.settings;
    const { window, pageSize } = limits;
    const result: StrategyResult = {
      strategy: contestant.strategy,
      preset: contestant.preset ?? null,
      knobs: contestant.knobs,
      workload,
      clock: 'virtual',
      steps: run.trace.steps.length,
      throughput: metrics['output_throughput'] ?? 0,
      metrics,
      bounds: boundsOf(facts, { slots, window, pageSize }) ?? null,
      ...(reference ? verdictOf(sameAs(reference, answers)) : { identical: null, differs: null }),
      refused: refusedOf(run.refused),
      incomplete: run.end.incomplete?.message ?? null,
    };
    reference ??= answers;
    return { result, run };
  });
}
