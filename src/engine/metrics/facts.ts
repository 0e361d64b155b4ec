// Reads a trace once and lays out what the metrics ask for: one entry a request, and totals of the engine.
// It computes no metric.

import { ENDINGS, type Ending } from '../request.ts';
import { REQUEST_EVENTS, TOKEN_KINDS, type TokenKind, type Trace } from '../trace.ts';

/** Times in seconds of the run's clock. */
export interface RequestFacts {
  readonly id: number;
  /** Scheduled arrival. */
  readonly arrival: number;
  readonly prompt: number;
  readonly limit: number;
  readonly deadline: number;
  /** When each output token came out. */
  readonly emissions: number[];
  ending: Ending | undefined;
  /** When it ended, however it did. */
  endedAt: number | undefined;
  /** Computed tokens of this request by kind. */
  readonly tokens: Record<TokenKind, number>;
  /** Prompt tokens that were found in pages the first time. */
  hits: number;
}

export interface EngineFacts {
  readonly steps: number;
  readonly failedSteps: number;
  /** From the first arrival to the last step's end, ramp and drain included. */
  readonly wall: number;
  /** Σ of step durations. */
  readonly busy: number;
  /** Σ over steps that were committed; undefined where nobody measured them. */
  readonly host: number | undefined;
  readonly readback: number | undefined;
  readonly preemptions: number;
  readonly refusedPlans: number;
  /** Tokens computed by kind, all requests. */
  readonly tokens: Readonly<Record<TokenKind, number>>;
  readonly hits: number;
  /** Means over steps, weighted by their duration. */
  readonly running: number;
  readonly waiting: number;
  readonly usedPages: number;
  /** Of the slots of pages held by residents: in no use in a partial page; reserved and not reached. */
  readonly fragmentation: number;
  readonly reservedWaste: number;
}

export interface Facts {
  readonly requests: readonly RequestFacts[];
  readonly engine: EngineFacts;
}

const noTokens = (): Record<TokenKind, number> => ({
  prefill: 0,
  decode: 0,
  recompute: 0,
  padding: 0,
  rejected: 0,
  overrun: 0,
  lost: 0,
});

export function factsOf(trace: Trace): Facts {
  const byId = new Map<number, RequestFacts>();
  const { requests } = trace;
  for (let i = 0; i < requests.length; i++) {
    const c = requests.columns;
    byId.set(c.id[i] as number, {
      id: c.id[i] as number,
      arrival: c.arrival[i] as number,
      prompt: c.prompt[i] as number,
      limit: c.limit[i] as number,
      deadline: c.deadline[i] as number,
      emissions: [],
      ending: undefined,
      endedAt: undefined,
      tokens: noTokens(),
      hits: 0,
    });
  }
  const tokens = readRows(trace, byId);
  const events = readEvents(trace, byId);
  const list = [...byId.values()];
  return { requests: list, engine: { ...readSteps(trace, list), ...events, tokens } };
}

function readRows(trace: Trace, byId: ReadonlyMap<number, RequestFacts>): Record<TokenKind, number> {
  const total = noTokens();
  const { columns } = trace.rows;
  const steps = trace.steps.columns;
  let i = 0;
  for (let s = 0; s < trace.steps.length; s++) {
    const end = steps.end[s] as number;
    for (; i < (steps.rows[s] as number); i++) {
      const kind = TOKEN_KINDS[columns.kind[i] as number] ?? 'lost';
      const count = columns.count[i] as number;
      total[kind] += count;
      const request = byId.get(columns.request[i] as number);
      if (!request) continue;
      request.tokens[kind] += count;
      for (let k = 0; k < (columns.emits[i] as number); k++) request.emissions.push(end);
    }
  }
  return total;
}

function readEvents(
  trace: Trace,
  byId: ReadonlyMap<number, RequestFacts>,
): Pick<EngineFacts, 'preemptions' | 'refusedPlans' | 'hits'> {
  const { columns, length } = trace.events;
  let preemptions = 0;
  let refusedPlans = 0;
  let hits = 0;
  for (let i = 0; i < length; i++) {
    const kind = REQUEST_EVENTS[columns.kind[i] as number];
    const request = byId.get(columns.request[i] as number);
    const a = columns.a[i] as number;
    if (kind === 'preempted') preemptions++;
    else if (kind === 'refused') refusedPlans++;
    else if (kind === 'admitted') {
      const fresh = a - (columns.b[i] as number);
      hits += fresh;
      if (request) request.hits += fresh;
    } else if ((kind === 'finished' || kind === 'aborted') && request) {
      request.ending = ENDINGS[a];
      request.endedAt = columns.time[i] as number;
    }
  }
  return { preemptions, refusedPlans, hits };
}

function readSteps(
  trace: Trace,
  requests: readonly RequestFacts[],
): Omit<EngineFacts, 'tokens' | 'preemptions' | 'refusedPlans' | 'hits'> {
  const { columns: c, length: steps } = trace.steps;
  const first = requests.reduce((least, r) => Math.min(least, r.arrival), Number.POSITIVE_INFINITY);
  const sums = {
    busy: 0,
    host: 0,
    readback: 0,
    running: 0,
    waiting: 0,
    used: 0,
    slack: 0,
    reserved: 0,
    slots: 0,
  };
  let failedSteps = 0;
  for (let s = 0; s < steps; s++) {
    const lasts = (c.end[s] as number) - (c.start[s] as number);
    sums.busy += lasts;
    if (c.failed[s] === 0) {
      sums.host += c.host[s] as number;
      sums.readback += c.readback[s] as number;
    }
    sums.running += lasts * (c.running[s] as number);
    sums.waiting += lasts * (c.waiting[s] as number);
    sums.used += lasts * (c.usedPages[s] as number);
    sums.slack += lasts * (c.slackTokens[s] as number);
    sums.reserved += lasts * (c.reservedTokens[s] as number);
    const slots =
      (c.heldTokens[s] as number) + (c.slackTokens[s] as number) + (c.reservedTokens[s] as number);
    sums.slots += lasts * slots;
    failedSteps += c.failed[s] as number;
  }
  const known = (sum: number): number | undefined => (Number.isNaN(sum) ? undefined : sum);
  const share = (value: number, of: number): number => (of > 0 ? value / of : 0);
  return {
    steps,
    failedSteps,
    wall: steps > 0 ? (c.end[steps - 1] as number) - first : 0,
    busy: sums.busy,
    host: known(sums.host),
    readback: known(sums.readback),
    running: share(sums.running, sums.busy),
    waiting: share(sums.waiting, sums.busy),
    usedPages: share(sums.used, sums.busy),
    fragmentation: share(sums.slack, sums.slots),
    reservedWaste: share(sums.reserved, sums.slots),
  };
}
