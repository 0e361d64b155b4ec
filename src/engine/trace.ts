// What happened in a run, in columnar tables: every view and metric reads only these. Blocks of them can be
// transferred to another thread (columns.ts) and run files are made from them (run-file.ts).

import { PAGE_EVENTS } from '../cache/kv-cache.ts';
import { type Block, type Schema, Table, transferables } from './columns.ts';

/** What the tokens of a row were. A row with two kinds (recompute, then prefill) makes two records. */
export const TOKEN_KINDS = [
  'prefill',
  'decode',
  'recompute',
  'padding',
  'rejected',
  'overrun',
  'lost',
] as const;
export type TokenKind = (typeof TOKEN_KINDS)[number];

/** `waits` starts an interval with reason `a`; it ends at the request's next event of any kind. */
export const REQUEST_EVENTS = [
  'arrived',
  'admitted',
  'reserved',
  'preempted',
  'released',
  'finished',
  'aborted',
  'refused',
  'waits',
  'scheduled',
] as const;
export type RequestEvent = (typeof REQUEST_EVENTS)[number];

const schemas = {
  /** One a request, in order of arrival. `limit`: the declared maximum of output tokens. */
  requests: { id: 'u32', arrival: 'f64', prompt: 'u32', limit: 'u32', priority: 'i32', deadline: 'f64' },
  /**
   * One a step, in order. `rows`: index past its last record in `rows`; `tokens`,
   * `events` and `requests` likewise, when it was committed. `ahead`: steps in flight when it was planned. Times in s; `host` and
   * `readback` are NaN where nobody measured them. At
   * planning: residents, waiting, pages used, tokens in pages, slots left in the last page of each resident,
   * and slots of whole pages that were reserved and not reached. `failed`: nothing of it was committed.
   */
  steps: {
    start: 'f64',
    end: 'f64',
    planned: 'f64',
    host: 'f64',
    readback: 'f64',
    rows: 'u32',
    tokens: 'u32',
    events: 'u32',
    requests: 'u32',
    ahead: 'u8',
    running: 'u32',
    waiting: 'u32',
    usedPages: 'u32',
    heldTokens: 'u32',
    slackTokens: 'u32',
    reservedTokens: 'u32',
    failed: 'u8',
  },
  /** One a request and kind in each step: `count` tokens from position `start`, `emits` tokens came out. */
  rows: { request: 'u32', start: 'u32', count: 'u32', kind: 'u8', emits: 'u8' },
  /** Output tokens in the order in which the rows emit them. */
  tokens: { id: 'u32' },
  /**
   * Request events. `step`: the step being planned. `a` by kind: admitted → tokens from the prefix cache or
   * fork (`b`: how many of them it had computed itself before); reserved → tokens; preempted → tokens given
   * up; finished,
   * aborted → index into ENDINGS (`b`: output tokens); refused → index into PLAN_FAULTS; waits → reason.
   */
  events: { time: 'f64', step: 'u32', kind: 'u8', request: 'u32', a: 'u32', b: 'u32' },
  /**
   * Page events: `kind` is an index into PAGE_EVENTS, `index` the page's place in the block table of
   * `request`. Both are meaningless for an eviction.
   */
  pages: { step: 'u32', kind: 'u8', page: 'u32', request: 'u32', index: 'u32' },
} as const satisfies Record<string, Schema>;

type Schemas = typeof schemas;
export type TraceTable = keyof Schemas;
export type TraceBlock = { readonly [T in TraceTable]: Block<Schemas[T]> };
export type TraceCursor = { readonly [T in TraceTable]: number };

const code = <T extends string>(list: readonly T[]) => {
  const codes = new Map(list.map((name, i) => [name, i]));
  return (name: T): number => codes.get(name) ?? 0;
};
export const tokenKindCode = code(TOKEN_KINDS);
export const requestEventCode = code(REQUEST_EVENTS);
export const pageEventCode = code(PAGE_EVENTS);

export class Trace {
  readonly requests = new Table(schemas.requests);
  readonly steps = new Table(schemas.steps);
  readonly rows = new Table(schemas.rows, 4096);
  readonly tokens = new Table(schemas.tokens, 4096);
  readonly events = new Table(schemas.events, 1024);
  readonly pages = new Table(schemas.pages, 1024);

  /** Where each table ends now. */
  cursor(): TraceCursor {
    const { requests, steps, rows, tokens, events, pages } = this;
    return {
      requests: requests.length,
      steps: steps.length,
      rows: rows.length,
      tokens: tokens.length,
      events: events.length,
      pages: pages.length,
    };
  }

  /** Everything after a cursor, in buffers of its own: what one message to another thread carries. */
  since(cursor: TraceCursor): TraceBlock {
    return {
      requests: this.requests.block(cursor.requests),
      steps: this.steps.block(cursor.steps),
      rows: this.rows.block(cursor.rows),
      tokens: this.tokens.block(cursor.tokens),
      events: this.events.block(cursor.events),
      pages: this.pages.block(cursor.pages),
    };
  }

  append(block: TraceBlock): void {
    this.requests.append(block.requests);
    this.steps.append(block.steps);
    this.rows.append(block.rows);
    this.tokens.append(block.tokens);
    this.events.append(block.events);
    this.pages.append(block.pages);
  }
}

export const traceStart: TraceCursor = { requests: 0, steps: 0, rows: 0, tokens: 0, events: 0, pages: 0 };

/** The transfer list of a block. */
export const traceTransferables = (block: TraceBlock): ArrayBuffer[] => [
  ...transferables(block.requests),
  ...transferables(block.steps),
  ...transferables(block.rows),
  ...transferables(block.tokens),
  ...transferables(block.events),
  ...transferables(block.pages),
];
