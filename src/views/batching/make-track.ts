// Arranges a trace for drawing: one pass over its rows for the cells, one over its events for the waits.

import { REQUEST_EVENTS, TOKEN_KINDS, type Trace } from '../../engine/trace.ts';
import { type Cells, NO_REASON, type Spans, type Track, type TrackName, type Waits } from './track.ts';

const PADDING = TOKEN_KINDS.indexOf('padding');

export function makeTrack(trace: Trace, name: TrackName): Track {
  const requests = trace.requests.length;
  const ids = trace.requests.columns.id.slice(0, requests);
  const indexOf = new Map<number, number>();
  ids.forEach((id, i) => {
    indexOf.set(id, i);
  });
  const cells = makeCells(trace, indexOf, requests);
  const steps = trace.steps.length;
  return {
    ...name,
    trace,
    steps,
    requests,
    ids,
    cells,
    spans: makeSpans(cells, requests),
    waits: makeWaits(trace, indexOf, requests),
    arrival: trace.requests.columns.arrival.slice(0, requests),
    ...firsts(trace, cells, requests),
    ...endings(trace, indexOf, requests),
    end: steps === 0 ? 0 : (trace.steps.columns.end[steps - 1] as number),
  };
}

/** Offsets of groups of these sizes. */
function offsets(counts: Uint32Array): Uint32Array {
  const offset = new Uint32Array(counts.length + 1);
  for (let i = 0; i < counts.length; i++) offset[i + 1] = (offset[i] as number) + (counts[i] as number);
  return offset;
}

function makeCells(trace: Trace, indexOf: ReadonlyMap<number, number>, requests: number): Cells {
  const rows = trace.rows.columns;
  const ends = trace.steps.columns.rows;
  const steps = trace.steps.length;
  const owner = new Uint32Array(trace.rows.length);
  const counts = new Uint32Array(requests);
  for (let s = 0, i = 0; s < steps; s++) {
    let before = -1;
    for (; i < (ends[s] as number); i++) {
      const r = indexOf.get(rows.request[i] as number) ?? 0;
      owner[i] = r;
      if (r !== before) counts[r] = (counts[r] as number) + 1;
      before = r;
    }
  }
  const offset = offsets(counts);
  const n = offset[requests] as number;
  const next = offset.slice();
  const cells = {
    offset,
    step: new Uint32Array(n),
    kind: new Uint8Array(n),
    tokens: new Uint32Array(n),
    padding: new Uint32Array(n),
    position: new Uint32Array(n),
    emits: new Uint8Array(n),
    token: new Uint32Array(n),
  };
  let token = 0;
  for (let s = 0, i = 0; s < steps; s++) {
    let before = -1;
    let most = 0;
    for (; i < (ends[s] as number); i++) {
      const r = owner[i] as number;
      if (r !== before) {
        next[r] = (next[r] as number) + 1;
        most = 0;
      }
      before = r;
      const c = (next[r] as number) - 1;
      const kind = rows.kind[i] as number;
      const count = rows.count[i] as number;
      cells.step[c] = s;
      if (kind === PADDING) {
        cells.padding[c] = (cells.padding[c] as number) + count;
        if (cells.tokens[c] === 0) cells.kind[c] = PADDING;
        continue;
      }
      if (count > most) cells.kind[c] = kind;
      most = Math.max(most, count);
      cells.tokens[c] = (cells.tokens[c] as number) + count;
      cells.position[c] = (rows.start[i] as number) + count;
      const emits = rows.emits[i] as number;
      if (emits > 0 && cells.emits[c] === 0) cells.token[c] = token;
      token += emits;
      cells.emits[c] = (cells.emits[c] as number) + emits;
    }
  }
  return cells;
}

function makeSpans(cells: Cells, requests: number): Spans {
  const n = cells.step.length;
  const first = new Uint32Array(n);
  const last = new Uint32Array(n);
  const kind = new Uint8Array(n);
  const offset = new Uint32Array(requests + 1);
  let spans = 0;
  for (let r = 0; r < requests; r++) {
    for (let c = cells.offset[r] as number; c < (cells.offset[r + 1] as number); c++) {
      const step = cells.step[c] as number;
      const grows = spans > (offset[r] as number) && kind[spans - 1] === cells.kind[c];
      if (grows && last[spans - 1] === step - 1) {
        last[spans - 1] = step;
        continue;
      }
      first[spans] = step;
      last[spans] = step;
      kind[spans] = cells.kind[c] as number;
      spans++;
    }
    offset[r + 1] = spans;
  }
  return { offset, first: first.slice(0, spans), last: last.slice(0, spans), kind: kind.slice(0, spans) };
}

function makeWaits(trace: Trace, indexOf: ReadonlyMap<number, number>, requests: number): Waits {
  const { columns, length } = trace.events;
  const steps = trace.steps;
  const lists: { from: number; to: number; reason: number }[][] = Array.from({ length: requests }, () => []);
  const open = new Map<number, { from: number; reason: number }>();
  const close = (r: number, to: number): void => {
    const wait = open.get(r);
    open.delete(r);
    if (wait && to > wait.from) lists[r]?.push({ ...wait, to });
  };
  for (let i = 0; i < length; i++) {
    const r = indexOf.get(columns.request[i] as number);
    const kind = REQUEST_EVENTS[columns.kind[i] as number];
    if (r === undefined || kind === 'refused' || kind === 'reserved') continue;
    const time = columns.time[i] as number;
    const step = columns.step[i] as number;
    // what is scheduled waits until its step starts: host work lies between planning and that
    const runs = (kind === 'admitted' || kind === 'scheduled') && step < steps.length;
    close(r, runs ? Math.max(time, steps.columns.start[step] as number) : time);
    if (kind === 'arrived' || kind === 'preempted') open.set(r, { from: time, reason: NO_REASON });
    if (kind === 'waits') open.set(r, { from: time, reason: columns.a[i] as number });
  }
  const end = steps.length === 0 ? 0 : (steps.columns.end[steps.length - 1] as number);
  for (const r of [...open.keys()]) close(r, end);
  const offset = offsets(Uint32Array.from(lists, (list) => list.length));
  const flat = lists.flat();
  return {
    offset,
    from: Float64Array.from(flat, (w) => w.from),
    to: Float64Array.from(flat, (w) => w.to),
    reason: Uint8Array.from(flat, (w) => w.reason),
  };
}

function firsts(trace: Trace, cells: Cells, requests: number) {
  const firstToken = new Float64Array(requests).fill(Number.NaN);
  const firstStep = new Uint32Array(requests);
  const lastStep = new Uint32Array(requests);
  const outputs = new Uint32Array(requests);
  for (let r = 0; r < requests; r++) {
    for (let c = cells.offset[r] as number; c < (cells.offset[r + 1] as number); c++) {
      const emits = cells.emits[c] as number;
      if (emits > 0 && outputs[r] === 0) {
        firstStep[r] = cells.step[c] as number;
        firstToken[r] = trace.steps.columns.end[cells.step[c] as number] as number;
      }
      if (emits > 0) lastStep[r] = cells.step[c] as number;
      outputs[r] = (outputs[r] as number) + emits;
    }
  }
  return { firstToken, firstStep, lastStep, outputs };
}

function endings(trace: Trace, indexOf: ReadonlyMap<number, number>, requests: number) {
  const ended = new Float64Array(requests).fill(Number.NaN);
  const answered = new Uint8Array(requests);
  const { columns, length } = trace.events;
  for (let i = 0; i < length; i++) {
    const kind = REQUEST_EVENTS[columns.kind[i] as number];
    const r = indexOf.get(columns.request[i] as number);
    if (r === undefined || (kind !== 'finished' && kind !== 'aborted')) continue;
    ended[r] = columns.time[i] as number;
    if (kind === 'finished') answered[r] = 1;
  }
  return { ended, answered };
}
