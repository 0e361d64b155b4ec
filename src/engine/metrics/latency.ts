// The latencies of one request, and the service-level objectives they are held against.

import type { RequestFacts } from './facts.ts';

/** Seconds. Undefined where a request has no such latency: no token, or no second one. */
export interface Latencies {
  readonly ttft: number | undefined;
  readonly e2e: number | undefined;
  readonly tpot: number | undefined;
  readonly itl: readonly number[];
}

export function latenciesOf({ arrival, emissions }: RequestFacts): Latencies {
  const first = emissions[0];
  const last = emissions.at(-1);
  if (first === undefined || last === undefined)
    return { ttft: undefined, e2e: undefined, tpot: undefined, itl: [] };
  const ttft = first - arrival;
  const e2e = last - arrival;
  return {
    ttft,
    e2e,
    tpot: emissions.length > 1 ? (e2e - ttft) / (emissions.length - 1) : undefined,
    itl: emissions.slice(1).map((time, i) => time - (emissions[i] as number)),
  };
}

/** Upper limits in seconds, each on a request as a whole; `itl` limits its longest gap. */
export interface Slo {
  readonly ttft?: number;
  readonly tpot?: number;
  readonly e2e?: number;
  readonly itl?: number;
}

export const completed = (request: RequestFacts): boolean =>
  request.ending === 'length' || request.ending === 'end' || request.ending === 'stop';

/** Whether a request was answered in full and within every limit. */
export function meets(request: RequestFacts, slo: Slo): boolean {
  if (!completed(request)) return false;
  const { ttft, tpot, e2e, itl } = latenciesOf(request);
  const within = (value: number | undefined, limit: number | undefined): boolean =>
    limit === undefined || value === undefined || value <= limit;
  const longest = itl.reduce((most, gap) => Math.max(most, gap), 0);
  return within(ttft, slo.ttft) && within(tpot, slo.tpot) && within(e2e, slo.e2e) && within(longest, slo.itl);
}
