// Makes a run file from a trace: the trace holds everything a run file needs, so recording costs a run
// nothing while it goes.

import { reasonCode } from './reason.ts';
import { ENDINGS, type Request } from './request.ts';
import type { RunAbort, RunFile, RunHeader, RunIdle, RunStep } from './run-file.ts';
import { RUN_FILE_VERSION, unsaid } from './run-file.ts';
import { REQUEST_EVENTS, type RequestEvent, TOKEN_KINDS, type Trace } from './trace.ts';

const FORK = reasonCode('fork');
const FAILED = ENDINGS.indexOf('failed');

interface Event {
  readonly time: number;
  readonly step: number;
  readonly kind: RequestEvent;
  readonly request: number;
  readonly a: number;
  /** Steps committed before it. */
  readonly committed: number;
  readonly arrived: number;
}

/** `requests`: those the engine took, in the order in which it took them. */
export function recordRun(trace: Trace, requests: readonly Request[], header: RunHeader): RunFile {
  const byStep = eventsByStep(trace);
  const aborts: RunAbort[] = [];
  const idles: RunIdle[] = [];
  const steps: RunStep[] = [];
  let lost: number | undefined;
  const { columns } = trace.steps;
  for (let s = 0; s <= trace.steps.length; s++) {
    const events = byStep.get(s) ?? [];
    const planned = s < trace.steps.length ? (columns.planned[s] as number) : Number.POSITIVE_INFINITY;
    const before = events.filter((e) => e.time < planned);
    for (const e of before) {
      if (e.kind !== 'aborted') continue;
      if (e.a === FAILED) lost = e.time;
      else aborts.push(abortOf(e));
    }
    idles.push(...idlePlans(before, s));
    if (s === trace.steps.length) break;
    const at = events.filter((e) => e.time === planned);
    for (const e of at) if (e.kind === 'aborted') aborts.push(abortOf(e));
    steps.push(stepOf(trace, s, at, unsaid(header.clock)));
  }
  const format = 'lockstep-run';
  const file = { format, version: RUN_FILE_VERSION, header, requests, aborts, idles, steps } as const;
  return lost === undefined ? file : { ...file, lost };
}

const abortOf = ({ request: id, time, step: beforeStep, committed, arrived }: Event): RunAbort => ({
  id,
  time,
  beforeStep,
  committed,
  arrived,
});

function eventsByStep(trace: Trace): Map<number, Event[]> {
  const byStep = new Map<number, Event[]>();
  const { columns, length } = trace.events;
  const commits = trace.steps.columns.events;
  let committed = 0;
  let arrived = 0;
  for (let i = 0; i < length; i++) {
    while (committed < trace.steps.length && (commits[committed] as number) <= i) committed++;
    const step = columns.step[i] as number;
    const kind = REQUEST_EVENTS[columns.kind[i] as number] ?? 'arrived';
    if (kind === 'arrived') arrived++;
    // the engine itself makes a fork wait for its sibling's prompt; no plan says so
    if (kind === 'waits' && columns.a[i] === FORK) continue;
    const list = byStep.get(step) ?? [];
    byStep.set(step, list);
    list.push({
      time: columns.time[i] as number,
      step,
      kind,
      request: columns.request[i] as number,
      a: columns.a[i] as number,
      committed,
      arrived,
    });
  }
  return byStep;
}

/** Plans that ran nothing, seen by the reasons they changed; one for each moment. */
function idlePlans(events: readonly Event[], beforeStep: number): RunIdle[] {
  const idles = new Map<string, { -readonly [K in keyof RunIdle]: RunIdle[K] }>();
  for (const { kind, time, committed, arrived, request, a } of events) {
    if (kind !== 'waits' && kind !== 'released') continue;
    const key = `${time} ${committed} ${arrived}`;
    const idle = idles.get(key) ?? { time, beforeStep, committed, arrived, waits: [] };
    idles.set(key, idle);
    if (kind === 'waits') idle.waits = [...idle.waits, [request, a]];
    else idle.release = [...(idle.release ?? []), request];
  }
  return [...idles.values()];
}

function stepOf(trace: Trace, s: number, events: readonly Event[], none: number): RunStep {
  const steps = trace.steps.columns;
  const ids = (kind: RequestEvent) => events.filter((e) => e.kind === kind).map((e) => e.request);
  const reserved = new Map(events.filter((e) => e.kind === 'reserved').map((e) => [e.request, e.a]));
  const release = ids('released');
  const preempt = ids('preempted');
  const admit = events
    .filter((e) => e.kind === 'admitted')
    .map((e) => [e.request, e.a, reserved.get(e.request) ?? 0] as const);
  const waits = events.filter((e) => e.kind === 'waits').map((e) => [e.request, e.a] as const);
  const overrun = overrunOf(trace, s);
  const from = s === 0 ? 0 : (steps.tokens[s - 1] as number);
  const failed = steps.failed[s] === 1;
  const said = (name: 'host' | 'readback') => {
    const seconds = steps[name][s] as number;
    return failed || Object.is(seconds, none) ? {} : { [name]: seconds };
  };
  return {
    planned: steps.planned[s] as number,
    arrived: steps.requests[s] as number,
    ...((steps.ahead[s] as number) > 0 ? { ahead: steps.ahead[s] as number } : {}),
    start: steps.start[s] as number,
    end: steps.end[s] as number,
    ...(release.length > 0 ? { release } : {}),
    ...(preempt.length > 0 ? { preempt } : {}),
    ...(admit.length > 0 ? { admit } : {}),
    rows: rowsOf(trace, s),
    ...(waits.length > 0 ? { waits } : {}),
    tokens: [...trace.tokens.columns.id.subarray(from, steps.tokens[s] as number)],
    ...(overrun.length > 0 ? { overrun } : {}),
    ...said('host'),
    ...said('readback'),
    ...(failed ? { failed: true as const } : {}),
  };
}

/** The plan's rows again: records of one request that follow each other were one row. */
function rowsOf(trace: Trace, s: number): [number, number, number][] {
  const { columns } = trace.rows;
  const steps = trace.steps.columns;
  const rows: [number, number, number][] = [];
  for (let i = s === 0 ? 0 : (steps.rows[s - 1] as number); i < (steps.rows[s] as number); i++) {
    const id = columns.request[i] as number;
    const last = rows.at(-1);
    const row: [number, number, number] = last?.[0] === id ? last : [id, 0, 0];
    if (row !== last) rows.push(row);
    const padding = TOKEN_KINDS[columns.kind[i] as number] === 'padding';
    row[padding ? 2 : 1] += columns.count[i] as number;
  }
  return rows;
}

function overrunOf(trace: Trace, s: number): number[] {
  const { columns } = trace.rows;
  const steps = trace.steps.columns;
  const ids: number[] = [];
  for (let i = s === 0 ? 0 : (steps.rows[s - 1] as number); i < (steps.rows[s] as number); i++)
    if (TOKEN_KINDS[columns.kind[i] as number] === 'overrun') ids.push(columns.request[i] as number);
  return ids;
}
