// One strategy serving one set of requests on the virtual clock. The page calls it at once while runs are
// small and through a worker (virtual.worker.ts) when they are not.

import type { KnobValue } from '../../core/knobs.ts';
import { err, type Failure, failure, ok, type Result } from '../../core/result.ts';
import { type CostModel, describeCost } from '../../engine/cost-model.ts';
import type { Request } from '../../engine/request.ts';
import type { RunHeader } from '../../engine/run-file.ts';
import type { Trace } from '../../engine/trace.ts';
import type { Limits } from '../../engine/view.ts';
import { runVirtual } from '../../engine/virtual-run.ts';
import { findStrategy } from '../../strategies/index.ts';
import { arrivalsOf, type ClosedLoop } from '../../workloads/contract.ts';

/** Plain data: it crosses to the worker. */
export interface ServeRequest {
  /** A strategy's or a preset's name. */
  readonly name: string;
  readonly given: Readonly<Record<string, KnobValue>>;
  readonly requests: readonly Request[];
  readonly closed: ClosedLoop | undefined;
  readonly limits: Limits;
  readonly cost: CostModel;
  readonly lookahead: 0 | 1;
  readonly workload: RunHeader['workload'];
}

/** What a run left: enough to draw it, and to write its run file. */
export interface Served {
  readonly trace: Trace;
  readonly header: RunHeader;
  /** In the order in which the engine took them. */
  readonly requests: readonly Request[];
}

export function serveVirtual(wanted: ServeRequest): Result<Served, Failure> {
  const found = findStrategy(wanted.name);
  if (!found)
    return err(
      failure('unknown', `There is no strategy "${wanted.name}".`, 'The link may come from another version.'),
    );
  const { strategy, preset } = found;
  const made = strategy.make({ ...preset?.knobs, ...wanted.given }, wanted.limits);
  if (!made.ok) return made;
  const { planner, knobs } = made.value;
  const { limits, lookahead, workload, requests, closed, cost } = wanted;
  const run = runVirtual({
    planner,
    limits,
    arrivals: arrivalsOf({ requests, ...(closed ? { closed } : {}), notes: [] }),
    cost,
    lookahead,
  });
  const [refused] = run.refused;
  if (refused) return err(refused.why);
  const { incomplete } = run.end;
  const header: RunHeader = {
    device: describeCost(cost),
    clock: 'virtual',
    lookahead,
    strategy: strategy.id,
    ...(preset ? { preset: preset.id } : {}),
    knobs,
    settings: run.engine.settings,
    limits: run.engine.limits,
    workload,
    numerics: { model: 'toy hash chain: no weights, equal tokens for equal sequences' },
    tuned: {},
    seeds: { weights: 0 },
    ...(incomplete ? { incomplete: incomplete.message } : {}),
  };
  return ok({ trace: run.trace, header, requests: run.requests });
}
