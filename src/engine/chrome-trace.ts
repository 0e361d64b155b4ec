// A run in the Chrome trace event format, for chrome://tracing and Perfetto: a process a strategy, a thread
// a request, a slice for each step and each wait, counters for pages and requests. Times are microseconds.
// Format: "Trace Event Format" of the Chromium project.

import { REASONS, reasonName } from './reason.ts';
import { ENDINGS } from './request.ts';
import { REQUEST_EVENTS, TOKEN_KINDS, type Trace } from './trace.ts';

export interface ChromeEvent {
  readonly name: string;
  readonly ph: 'X' | 'i' | 'C' | 'M';
  readonly pid: number;
  readonly tid?: number;
  readonly ts?: number;
  readonly dur?: number;
  readonly s?: 't';
  readonly args?: Readonly<Record<string, string | number>>;
}

const micro = (seconds: number): number => seconds * 1e6;

export function chromeTrace(trace: Trace, name: string, pid: number): ChromeEvent[] {
  const events: ChromeEvent[] = [{ name: 'process_name', ph: 'M', pid, args: { name } }];
  const { requests } = trace;
  for (let i = 0; i < requests.length; i++) {
    const tid = requests.columns.id[i] as number;
    const prompt = requests.columns.prompt[i] as number;
    events.push({
      name: 'thread_name',
      ph: 'M',
      pid,
      tid,
      args: { name: `request ${tid} (prompt ${prompt})` },
    });
  }
  addSteps(trace, pid, events);
  addRequests(trace, pid, events);
  return events;
}

function addSteps(trace: Trace, pid: number, events: ChromeEvent[]): void {
  const steps = trace.steps.columns;
  const rows = trace.rows.columns;
  let i = 0;
  for (let s = 0; s < trace.steps.length; s++) {
    const ts = micro(steps.start[s] as number);
    const dur = micro(steps.end[s] as number) - ts;
    for (; i < (steps.rows[s] as number); i++) {
      const kind = TOKEN_KINDS[rows.kind[i] as number] ?? 'lost';
      const args = { step: s + 1, tokens: rows.count[i] as number, from: rows.start[i] as number };
      events.push({ name: kind, ph: 'X', pid, tid: rows.request[i] as number, ts, dur, args });
    }
    const pages = { used: steps.usedPages[s] as number };
    events.push({ name: 'KV pages', ph: 'C', pid, ts, args: pages });
    const counts = { running: steps.running[s] as number, waiting: steps.waiting[s] as number };
    events.push({ name: 'requests', ph: 'C', pid, ts, args: counts });
  }
}

function addRequests(trace: Trace, pid: number, events: ChromeEvent[]): void {
  const { columns: c, length } = trace.events;
  const waits = new Map<number, { readonly since: number; readonly reason: number }>();
  for (let i = 0; i < length; i++) {
    const kind = REQUEST_EVENTS[c.kind[i] as number] ?? 'arrived';
    const tid = c.request[i] as number;
    const ts = micro(c.time[i] as number);
    const open = waits.get(tid);
    if (open && kind !== 'refused') {
      waits.delete(tid);
      const why = reasonName(open.reason);
      const args = { why: REASONS[why] };
      if (ts > open.since)
        events.push({ name: `waits: ${why}`, ph: 'X', pid, tid, ts: open.since, dur: ts - open.since, args });
    }
    if (kind === 'waits') waits.set(tid, { since: ts, reason: c.a[i] as number });
    if (kind === 'arrived' || kind === 'preempted')
      events.push({ name: kind, ph: 'i', s: 't', pid, tid, ts });
    if (kind === 'finished' || kind === 'aborted') {
      const args = { how: ENDINGS[c.a[i] as number] ?? kind, tokens: c.b[i] as number };
      events.push({ name: kind, ph: 'i', s: 't', pid, tid, ts, args });
    }
  }
}
