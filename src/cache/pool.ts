// The pool of KV pages: who may take one, who still holds one, and which free page leaves next. Page ids
// are one space for all models of a device. It knows neither tokens nor tables (block-tables.ts).

import { assert, at, InvariantError } from '../core/assert.ts';

/** Where a page's bytes are. One member today; swapping to the host would add another. */
export type PageLocation = 'device';

/**
 * The order in which free pages are taken again.
 * `fifo`: the longest free first, so a cached page lives as long as it can (vLLM's queue).
 * `lifo`: the last freed first, which reuses warm memory and forgets cached pages soon.
 */
export type FreeOrder = 'fifo' | 'lifo';

export class PagePool {
  /** Holders of each page; 0 is free. Read-only outside this class. */
  readonly refs: Int32Array;
  readonly size: number;
  readonly order: FreeOrder;
  // A circular doubly linked list through the free pages; entry `size` is its head.
  private readonly next: Int32Array;
  private readonly prev: Int32Array;
  private freeCount: number;

  constructor(size: number, order: FreeOrder = 'fifo') {
    assert(Number.isInteger(size) && size > 0, `a page pool of ${size} pages`);
    this.size = size;
    this.order = order;
    this.refs = new Int32Array(size);
    this.next = Int32Array.from({ length: size + 1 }, (_, i) => (i + 1) % (size + 1));
    this.prev = Int32Array.from({ length: size + 1 }, (_, i) => (i + size) % (size + 1));
    this.freeCount = size;
  }

  /** Pages nobody holds; some of them may still be worth something to a prefix index. */
  get free(): number {
    return this.freeCount;
  }

  get used(): number {
    return this.size - this.freeCount;
  }

  location(page: number): PageLocation {
    assert(page >= 0 && page < this.size, `page ${page} of a pool of ${this.size}`);
    return 'device';
  }

  /** Takes the next free page for one holder. The caller has checked that one is free. */
  take(): number {
    assert(this.freeCount > 0, 'a page is taken from an empty pool');
    const page = at(this.next, this.size, 'free list');
    this.unlink(page);
    this.refs[page] = 1;
    return page;
  }

  /** Adds a holder to a page, which may be free (a cached page found again). */
  share(page: number): void {
    const refs = at(this.refs, page, 'page');
    if (refs === 0) this.unlink(page);
    this.refs[page] = refs + 1;
  }

  /** Drops one holder; true when that was the last one and the page is free again. */
  release(page: number): boolean {
    const refs = at(this.refs, page, 'page');
    if (refs < 1) throw new InvariantError(`page ${page} is released more often than it was taken`);
    this.refs[page] = refs - 1;
    if (refs > 1) return false;
    const before = this.order === 'fifo' ? at(this.prev, this.size) : this.size;
    const after = at(this.next, before);
    this.next[before] = page;
    this.prev[page] = before;
    this.next[page] = after;
    this.prev[after] = page;
    this.freeCount++;
    return true;
  }

  /** Free pages in the order in which they would be taken. For tests and pictures. */
  freeList(): number[] {
    const list: number[] = [];
    for (let p = at(this.next, this.size); p !== this.size; p = at(this.next, p)) list.push(p);
    return list;
  }

  private unlink(page: number): void {
    const before = at(this.prev, page);
    const after = at(this.next, page);
    this.next[before] = after;
    this.prev[after] = before;
    this.freeCount--;
  }
}
