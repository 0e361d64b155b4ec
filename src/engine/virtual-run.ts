// A whole run on the virtual clock in one call: what the command, the tests and a page's preview use.

import type { CacheSalt } from '../cache/hash.ts';
import type { FreeOrder } from '../cache/pool.ts';
import type { CostModel } from './cost-model.ts';
import { Engine } from './engine.ts';
import { type Arrivals, type LoopOptions, type RunEnd, runSync } from './loop.ts';
import { NotedArrivals, type Refusal } from './noted-arrivals.ts';
import type { Planner } from './plan.ts';
import type { Request } from './request.ts';
import { limitsOn } from './step-limits.ts';
import type { Trace } from './trace.ts';
import type { Limits } from './view.ts';
import { VirtualExecutor } from './virtual-executor.ts';

export interface VirtualRunOptions {
  readonly planner: Planner;
  readonly arrivals: Arrivals;
  readonly limits: Limits;
  readonly cost: CostModel;
  readonly lookahead?: 0 | 1;
  /** Token ids come from it, as a model's come from its weights. */
  readonly seed?: number;
  readonly freeOrder?: FreeOrder;
  readonly salt?: CacheSalt;
  readonly loop?: LoopOptions;
}

export interface VirtualRun {
  readonly trace: Trace;
  readonly end: RunEnd;
  /** Requests in the order in which the engine took them, with the arrivals they really had. */
  readonly requests: readonly Request[];
  readonly refused: readonly Refusal[];
  readonly engine: Engine;
}

export function runVirtual(options: VirtualRunOptions): VirtualRun {
  const { planner, arrivals, cost, lookahead = 0, seed = 0 } = options;
  const limits = limitsOn(cost, options.limits);
  const noted = new NotedArrivals(arrivals);
  const engine = new Engine({
    limits,
    planner,
    lookahead,
    ...(options.freeOrder ? { freeOrder: options.freeOrder } : {}),
    ...(options.salt ? { salt: options.salt } : {}),
    onEnd: (id, time) => noted.ended(id, time),
  });
  const { pages, pageSize, vocabulary } = limits;
  const executor = new VirtualExecutor({ cost, pages, pageSize, vocabulary, seed, lookahead });
  const end = runSync(engine, executor, noted, {
    ...options.loop,
    onRefused: (request, why) => noted.refused(request, why),
  });
  return { trace: engine.trace, end, requests: noted.taken, refused: noted.refusals, engine };
}
