// What a device serves when it never waits for a request: the capacity that rates may refer to, on the virtual clock.

import type { CostModel } from './cost-model.ts';
import type { Arrivals } from './loop.ts';
import { measure } from './metrics/metrics.ts';
import type { Planner } from './plan.ts';
import type { Request } from './request.ts';
import type { Limits } from './view.ts';
import { runVirtual } from './virtual-run.ts';

/** Arrivals that hand in every request at the start. */
export function allAtOnce(requests: readonly Request[]): Arrivals {
  let next = 0;
  return {
    peek: () => (next < requests.length ? 0 : Number.POSITIVE_INFINITY),
    take: () => ({ ...(requests[next++] as Request), arrival: 0 }),
  };
}

/**
 * Completed requests a second, and output tokens a second, when `requests` are all there at once: what a workload's `capacity`
 * means (workloads/contract.ts). The usual planner is unified batching's, for one strategy's own capacity its own.
 */
export function saturatedRate(options: {
  readonly planner: Planner;
  readonly requests: readonly Request[];
  readonly limits: Limits;
  readonly cost: CostModel;
  readonly lookahead?: 0 | 1;
}): { readonly requests: number; readonly tokens: number } {
  const { requests, ...rest } = options;
  const { trace } = runVirtual({ ...rest, arrivals: allAtOnce(requests) });
  const values = measure(trace);
  return { requests: values['request_throughput'] ?? 0, tokens: values['output_throughput'] ?? 0 };
}
