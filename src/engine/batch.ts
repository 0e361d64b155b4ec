// The engine's two batch buffers, reused step after step, so that the steady state allocates nothing.

import type { BlockTables } from '../cache/block-tables.ts';
import type { StepBatch } from './executor.ts';
import type { Sampling } from './request.ts';

export class Batch implements StepBatch {
  step = 0;
  rows = 0;
  id = new Uint32Array(64);
  table = new Int32Array(64);
  start = new Int32Array(64);
  count = new Int32Array(64);
  padding = new Int32Array(64);
  samples = new Int32Array(64);
  fed = new Uint8Array(64);
  feed = new Int32Array(64);
  offset = new Int32Array(64);
  /** Engine's own: the slot of each row and its epoch when the row was made. */
  slot = new Int32Array(64);
  epoch = new Int32Array(64);
  tokens = new Int32Array(1024);
  tokenCount = 0;
  sampleCount = 0;
  paddingCount = 0;
  attended = 0;
  copies = new Int32Array(0);
  readonly sampling: Sampling[] = [];
  readonly tables: BlockTables;
  readonly pageSize: number;
  /** What the trace keeps of the moment of planning. */
  planned = 0;
  ahead = 0;
  running = 0;
  waiting = 0;
  usedPages = 0;
  heldTokens = 0;
  slackTokens = 0;
  reservedTokens = 0;

  constructor(tables: BlockTables, pageSize: number) {
    this.tables = tables;
    this.pageSize = pageSize;
  }

  clear(step: number, planned: number, ahead: number): void {
    this.step = step;
    this.planned = planned;
    this.ahead = ahead;
    this.rows = 0;
    this.tokenCount = 0;
    this.sampleCount = 0;
    this.paddingCount = 0;
    this.attended = 0;
  }

  /** The index of a new row; every column has room for it. */
  addRow(): number {
    const row = this.rows++;
    if (row < this.id.length) return row;
    const size = this.id.length * 2;
    this.id = grown(this.id, new Uint32Array(size));
    this.fed = grown(this.fed, new Uint8Array(size));
    for (const name of INT_COLUMNS) this[name] = grown(this[name], new Int32Array(size));
    return row;
  }

  /** Makes room for `count` token ids and returns where they go. */
  addTokens(count: number): number {
    const first = this.tokenCount;
    this.tokenCount += count;
    if (this.tokenCount > this.tokens.length)
      this.tokens = grown(this.tokens, new Int32Array(this.tokenCount * 2));
    return first;
  }
}

const INT_COLUMNS = [
  'table',
  'start',
  'count',
  'padding',
  'samples',
  'feed',
  'offset',
  'slot',
  'epoch',
] as const;

function grown<T extends Uint8Array | Uint32Array | Int32Array>(old: T, larger: T): T {
  larger.set(old);
  return larger;
}
