// The page pool, content hashes and the KV cache, case by case; properties.test.ts has them under random use.

import { describe, expect, it } from 'vitest';
import { pageHash, saltHash } from '../../../src/cache/hash.ts';
import { KvCache } from '../../../src/cache/kv-cache.ts';
import { PagePool } from '../../../src/cache/pool.ts';

const salt = { model: 'nano', weights: 'f32', kv: 'f32', reduction: 'a' };
const make = (pages: number, rows = 8) => new KvCache({ pages, pageSize: 8, rows, window: 128 });

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
});
