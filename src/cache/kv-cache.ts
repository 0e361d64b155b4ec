// The paged KV cache as bookkeeping: pool, block tables and prefix index moved together, so that no caller
// can take a page without a table that names it. It moves no bytes: `copies` says what must be copied.
// A call either does all it says or, when pages are missing, nothing.

import { assert } from '../core/assert.ts';
import { BlockTables } from './block-tables.ts';
import { type FreeOrder, PagePool } from './pool.ts';
import { PrefixIndex } from './prefix-index.ts';

/** What can happen to a page, as the trace reports it. `copied`: a fork's first write took its own page. */
export const PAGE_EVENTS = ['taken', 'shared', 'forked', 'copied', 'freed', 'evicted'] as const;
export type PageEvent = (typeof PAGE_EVENTS)[number];

export interface KvCacheOptions {
  readonly pages: number;
  /** Tokens a page, 4 to 64 (the kernels take 8 and more; small ones keep worked examples readable). */
  readonly pageSize: number;
  /** Sequences that can be resident at once. */
  readonly rows: number;
  /** Longest sequence in tokens. */
  readonly window: number;
  readonly freeOrder?: FreeOrder;
  /** Told of every page event; `row` and `index` say where in the block tables, nowhere for an eviction. */
  readonly onPage?: (event: PageEvent, page: number, row: number | undefined, index: number) => void;
}

export class KvCache {
  readonly pool: PagePool;
  readonly tables: BlockTables;
  readonly index: PrefixIndex;
  readonly pageSize: number;
  /** Pages to copy before the next step runs, as pairs [from, to, from, to, …]. Whoever copies clears it. */
  readonly copies: number[] = [];
  private readonly onPage: NonNullable<KvCacheOptions['onPage']>;

  constructor(options: KvCacheOptions) {
    const { pageSize } = options;
    assert(pageSize >= 4 && pageSize <= 64 && Number.isInteger(pageSize), `pages of ${pageSize} tokens`);
    this.pageSize = pageSize;
    this.pool = new PagePool(options.pages, options.freeOrder);
    this.tables = new BlockTables(options.rows, Math.ceil(options.window / pageSize));
    this.index = new PrefixIndex(options.pages);
    this.onPage = options.onPage ?? (() => {});
  }

  pagesFor(tokens: number): number {
    return Math.ceil(tokens / this.pageSize);
  }

  /** Opens a row that starts with `count` pages that hold its first tokens already. */
  openWith(
    shared: ArrayLike<number>,
    start: number,
    count: number,
    how: 'shared' | 'forked' = 'shared',
    named: (row: number) => void = () => {},
  ): number {
    const row = this.tables.openRow();
    named(row);
    for (let i = 0; i < count; i++) this.adopt(row, shared[start + i] as number, how);
    return row;
  }

  /** Opens a row that shares the first `tokens` tokens of another, its partial page included. */
  fork(from: number, tokens: number): number {
    const count = this.pagesFor(tokens);
    assert(count <= (this.tables.lengths[from] ?? 0), `row ${from} does not hold ${tokens} tokens`);
    const row = this.tables.openRow();
    for (let i = 0; i < count; i++) this.adopt(row, this.tables.page(from, i), 'forked');
    return row;
  }

  /**
   * Makes room for `tokens` tokens in all, and makes the page at position `from` writable: a page that is
   * shared is replaced by a copy. False, with nothing changed, when the pool has too few pages.
   */
  prepare(row: number, from: number, tokens: number): boolean {
    const held = this.tables.lengths[row] ?? 0;
    if (from % this.pageSize === 0 && tokens <= held * this.pageSize) return true;
    const more = this.pagesFor(tokens) - held;
    const index = Math.floor(from / this.pageSize);
    const page = index < held ? this.tables.page(row, index) : undefined;
    const copy = page !== undefined && from < tokens && (this.pool.refs[page] ?? 0) > 1;
    if (Math.max(0, more) + (copy ? 1 : 0) > this.pool.free) return false;
    if (copy) this.copyOnWrite(row, index, page);
    for (let i = 0; i < more; i++) {
      const taken = this.take();
      this.onPage('taken', taken, row, this.tables.push(row, taken));
    }
    return true;
  }

  /** Gives back the pages past the first `tokens` tokens (rejected drafts, a failed step), last first. */
  shorten(row: number, tokens: number): void {
    const keep = this.pagesFor(tokens);
    while ((this.tables.lengths[row] ?? 0) > keep) {
      const page = this.tables.pop(row);
      if (this.pool.release(page)) this.onPage('freed', page, row, this.tables.lengths[row] ?? 0);
    }
  }

  /** Gives back every page of a row, last first, so that shared heads stay cached longest. */
  close(row: number): void {
    this.shorten(row, 0);
    this.tables.closeRow(row);
  }

  /** Makes page `index` of a row findable by `hash`: it is full and its tokens are committed. */
  register(row: number, index: number, hash: number): void {
    this.index.register(this.tables.page(row, index), hash);
  }

  private adopt(row: number, page: number, event: 'shared' | 'forked'): void {
    this.pool.share(page);
    this.onPage(event, page, row, this.tables.push(row, page));
  }

  private take(): number {
    const page = this.pool.take();
    if (this.index.forget(page)) this.onPage('evicted', page, undefined, 0);
    return page;
  }

  private copyOnWrite(row: number, index: number, page: number): void {
    const own = this.take();
    this.copies.push(page, own);
    this.tables.replace(row, index, own);
    this.pool.release(page);
    this.onPage('copied', own, row, index);
  }
}
