// Writes the trace: one call for each thing that happened, no decisions.

import type { PageEvent } from '../cache/kv-cache.ts';
import type { Batch } from './batch.ts';
import {
  pageEventCode,
  type RequestEvent,
  requestEventCode,
  type TokenKind,
  Trace,
  tokenKindCode,
} from './trace.ts';
import type { RequestColumns } from './view.ts';

const KIND = {
  prefill: tokenKindCode('prefill'),
  decode: tokenKindCode('decode'),
  recompute: tokenKindCode('recompute'),
  padding: tokenKindCode('padding'),
} as const;

export class Recorder {
  readonly trace = new Trace();

  arrived(columns: RequestColumns, slot: number): void {
    const table = this.trace.requests;
    const n = table.extend();
    const c = table.columns;
    c.id[n] = columns.id[slot] as number;
    c.arrival[n] = columns.arrival[slot] as number;
    c.prompt[n] = columns.prompt[slot] as number;
    c.limit[n] = columns.remaining[slot] as number;
    c.priority[n] = columns.priority[slot] as number;
    c.deadline[n] = columns.deadline[slot] as number;
  }

  event(kind: RequestEvent, time: number, step: number, request: number, a = 0, b = 0): void {
    const table = this.trace.events;
    const n = table.extend();
    const c = table.columns;
    c.time[n] = time;
    c.step[n] = step;
    c.kind[n] = requestEventCode(kind);
    c.request[n] = request;
    c.a[n] = a;
    c.b[n] = b;
  }

  page(kind: PageEvent, step: number, page: number, request: number, index: number): void {
    const table = this.trace.pages;
    const n = table.extend();
    const c = table.columns;
    c.step[n] = step;
    c.kind[n] = pageEventCode(kind);
    c.page[n] = page;
    c.request[n] = request;
    c.index[n] = index;
  }

  /** The computed tokens of a row: those computed before, then prompt tokens, then output tokens. */
  tokens(
    request: number,
    start: number,
    count: number,
    computed: number,
    prompt: number,
    emits: number,
  ): void {
    const end = start + count;
    const fresh = Math.min(end, Math.max(start, computed));
    const decodes = Math.max(fresh, Math.min(end, prompt));
    if (fresh > start) this.row(request, start, fresh - start, KIND.recompute, fresh === end ? emits : 0);
    if (decodes > fresh) this.row(request, fresh, decodes - fresh, KIND.prefill, decodes === end ? emits : 0);
    if (end > decodes) this.row(request, decodes, end - decodes, KIND.decode, emits);
  }

  padded(request: number, start: number, count: number): void {
    this.row(request, start, count, KIND.padding, 0);
  }

  wasted(kind: TokenKind & ('overrun' | 'lost'), request: number, start: number, count: number): void {
    this.row(request, start, count, tokenKindCode(kind), 0);
  }

  emitted(token: number): void {
    const table = this.trace.tokens;
    const n = table.extend();
    table.columns.id[n] = token;
  }

  step(batch: Batch, start: number, end: number, host: number, readback: number, failed: boolean): void {
    const table = this.trace.steps;
    const n = table.extend();
    const c = table.columns;
    c.start[n] = start;
    c.end[n] = end;
    c.planned[n] = batch.planned;
    c.host[n] = host;
    c.readback[n] = readback;
    c.rows[n] = this.trace.rows.length;
    c.tokens[n] = this.trace.tokens.length;
    c.events[n] = this.trace.events.length;
    c.requests[n] = this.trace.requests.length;
    c.ahead[n] = batch.ahead;
    c.running[n] = batch.running;
    c.waiting[n] = batch.waiting;
    c.usedPages[n] = batch.usedPages;
    c.heldTokens[n] = batch.heldTokens;
    c.slackTokens[n] = batch.slackTokens;
    c.reservedTokens[n] = batch.reservedTokens;
    c.failed[n] = failed ? 1 : 0;
  }

  private row(request: number, start: number, count: number, kind: number, emits: number): void {
    const table = this.trace.rows;
    const n = table.extend();
    const c = table.columns;
    c.request[n] = request;
    c.start[n] = start;
    c.count[n] = count;
    c.kind[n] = kind;
    c.emits[n] = emits;
  }
}
