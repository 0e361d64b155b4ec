// The page pool, block tables, prefix index and ledger under random use.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pageHash, saltHash } from '../../../src/cache/hash.ts';
import { KvCache } from '../../../src/cache/kv-cache.ts';
import { type PageColumns, PageLedger } from '../../../src/cache/ledger.ts';
import { PagePool } from '../../../src/cache/pool.ts';

const salt = { model: 'nano', weights: 'f32', kv: 'f32', reduction: 'a' };
const columns = (cache: KvCache): PageColumns => ({
  pageSize: cache.pageSize,
  refs: cache.pool.refs,
  tables: cache.tables.pages,
  width: cache.tables.width,
  lengths: cache.tables.lengths,
});
const make = (pages: number, rows = 8) => new KvCache({ pages, pageSize: 8, rows, window: 128 });

/** Every page's holders are exactly the table entries that name it, and the free list is the rest. */
function checkConservation(cache: KvCache): void {
  const held = new Map<number, number>();
  for (let row = 0; row < cache.tables.rows; row++) {
    if (!cache.tables.isOpen(row)) continue;
    for (let i = 0; i < (cache.tables.lengths[row] ?? 0); i++) {
      const page = cache.tables.page(row, i);
      held.set(page, (held.get(page) ?? 0) + 1);
    }
  }
  for (let page = 0; page < cache.pool.size; page++) expect(cache.pool.refs[page]).toBe(held.get(page) ?? 0);
  const free = cache.pool.freeList();
  expect(new Set(free).size).toBe(free.length);
  expect(free.length).toBe(cache.pool.free);
  expect(free.length + held.size).toBe(cache.pool.size);
}

describe('page pool', () => {
  it('gives the longest free page first (fifo), or the last freed (lifo)', () => {
    const fifo = new PagePool(3);
    const lifo = new PagePool(3, 'lifo');
    for (const pool of [fifo, lifo]) {
      pool.take();
      pool.take();
      pool.release(1);
      pool.release(0);
    }
    expect(fifo.freeList()).toEqual([2, 1, 0]);
    expect(lifo.freeList()).toEqual([0, 1, 2]);
  });

  it('refuses a page released twice', () => {
    const pool = new PagePool(1);
    pool.release(pool.take());
    expect(() => pool.release(0)).toThrow('page 0 is released more often than it was taken');
  });
});

describe('hash', () => {
  const tokens = Int32Array.from({ length: 16 }, (_, i) => i);
  it('depends on the tokens, their order, what came before, and every part of the salt', () => {
    const root = saltHash(salt);
    const first = pageHash(root, tokens, 0, 8);
    const all = [
      first,
      pageHash(root, tokens, 8, 16),
      pageHash(first, tokens, 8, 16),
      pageHash(root, [1, 0, 2, 3, 4, 5, 6, 7], 0, 8),
      pageHash(saltHash(salt, 7), tokens, 0, 8),
      ...(['model', 'weights', 'kv', 'reduction'] as const).map((part) =>
        pageHash(saltHash({ ...salt, [part]: 'other' }), tokens, 0, 8),
      ),
    ];
    expect(new Set(all).size).toBe(all.length);
    expect(pageHash(root, tokens, 0, 8)).toBe(first);
  });

  it('spreads: 200,000 pages that differ in one token do not collide', () => {
    const root = saltHash(salt);
    const seen = new Set<number>();
    for (let i = 0; i < 200_000; i++) seen.add(pageHash(root, [1, i, 2, 3], 0, 4));
    expect(seen.size).toBe(200_000);
  });
});

describe('kv cache', () => {
  it('frees the tail first, so that a shared head is the last to be taken again', () => {
    const cache = make(4);
    const row = cache.tables.openRow();
    expect(cache.prepare(row, 0, 32)).toBe(true);
    cache.close(row);
    expect(cache.pool.freeList()).toEqual([3, 2, 1, 0]);
  });

  it('copies a fork’s partial page at the first write, and lets the last holder write in place', () => {
    const cache = make(8);
    const a = cache.tables.openRow();
    cache.prepare(a, 0, 12);
    const b = cache.fork(a, 12);
    expect(cache.prepare(a, 12, 13)).toBe(true);
    expect(cache.copies).toEqual([1, 2]);
    expect(cache.prepare(b, 12, 13)).toBe(true);
    expect(cache.copies.length).toBe(2);
    expect([cache.tables.page(a, 0), cache.tables.page(b, 0)]).toEqual([0, 0]);
    expect([cache.tables.page(a, 1), cache.tables.page(b, 1)]).toEqual([2, 1]);
  });

  it('reports the ranges of the tables that changed, once', () => {
    const cache = make(8);
    const row = cache.tables.openRow();
    cache.prepare(row, 0, 20);
    const changes: number[][] = [];
    cache.tables.drainChanges((...range) => changes.push(range));
    cache.tables.drainChanges((...range) => changes.push(range));
    expect(changes).toEqual([[row, 0, 3]]);
  });

  it('under random use: conserves pages, refuses without a trace, and the ledger predicts each cost', () => {
    const command = fc.record({
      op: fc.constantFrom('open', 'hit', 'fork', 'write', 'shorten', 'close'),
      pick: fc.nat(7),
      amount: fc.integer({ min: 1, max: 40 }),
    });
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 14 }),
        fc.array(command, { maxLength: 60 }),
        (pages, commands) => {
          const cache = make(pages);
          const lengths = new Map<number, number>();
          const hashes = new Map<number, number>();
          let serial = 1;
          for (const { op, pick, amount } of commands) {
            const rows = [...lengths.keys()];
            const row = rows[pick % Math.max(1, rows.length)];
            const before = { free: cache.pool.free, tables: cache.tables.pages.slice() };
            const ledger = new PageLedger(columns(cache), cache.pool.free);
            if (op === 'open' && cache.tables.freeRowCount > 0) {
              lengths.set(cache.tables.openRow(), 0);
            } else if (op === 'hit' && cache.tables.freeRowCount > 0 && hashes.size > 0) {
              const found = [...hashes.keys()].map((h) => cache.index.find(h)).find((p) => p !== undefined);
              if (found === undefined) continue;
              ledger.open([found], 0, 1, 8, 8);
              lengths.set(cache.openWith([found], 0, 1), 8);
              expect(cache.pool.free).toBe(ledger.free);
            } else if (row === undefined) {
              continue;
            } else if (op === 'fork' && cache.tables.freeRowCount > 0) {
              const fork = cache.fork(row, lengths.get(row) ?? 0);
              lengths.set(fork, lengths.get(row) ?? 0);
              expect(cache.pool.free).toBe(before.free);
            } else if (op === 'write') {
              const from = lengths.get(row) ?? 0;
              const to = Math.min(128, from + amount);
              ledger.write(row, from, to);
              if (cache.prepare(row, from, to)) {
                expect(cache.pool.free).toBe(ledger.free);
                lengths.set(row, to);
                if (to >= 8 && from < 8) {
                  cache.register(row, 0, serial);
                  hashes.set(serial++, row);
                }
              } else {
                expect(ledger.free).toBeLessThan(0);
                expect(cache.pool.free).toBe(before.free);
                expect(cache.tables.pages).toEqual(before.tables);
              }
            } else if (op === 'shorten') {
              const to = Math.max(0, (lengths.get(row) ?? 0) - amount);
              cache.shorten(row, to);
              lengths.set(row, to);
            } else if (op === 'close') {
              ledger.close(row);
              cache.close(row);
              lengths.delete(row);
              expect(cache.pool.free).toBe(ledger.free);
            }
            checkConservation(cache);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
