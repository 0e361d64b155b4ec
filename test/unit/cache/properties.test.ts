// What holds of the paged KV cache whatever is done with it: pages are conserved and sequences find their own content (random-use.ts
// checks both after every command), refusals leave every byte as it was, the ledger knows each cost, tails are freed first, a length
// rolls back to what it was, and a copy that is fed with changes alone is the tables.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PageLedger } from '../../../src/cache/ledger.ts';
import {
  type Command,
  commands,
  happenings,
  nothingYet,
  pageSize,
  RandomUse,
  snapshot,
  window,
} from './random-use.ts';

const pools = fc.record({
  pages: fc.integer({ min: 2, max: 14 }),
  order: fc.constantFrom<('fifo' | 'lifo')[]>('fifo', 'lifo'),
});
const runs = { numRuns: 400 };

/** The pages of a row, in order of position. */
const pagesOf = ({ cache: { tables } }: RandomUse, row: number): number[] =>
  Array.from({ length: tables.lengths[row] ?? 0 }, (_, i) => tables.page(row, i));

/** Takes from `ledger` what a command will take; false where the ledger has no word for it. */
function foretell(use: RandomUse, command: Command, ledger: PageLedger): boolean {
  const { op, tokens } = command;
  const row = use.row(command);
  if (op === 'open' || op === 'fork' || op === 'commit') return true; // takes no page
  if (op === 'hit') {
    const found = use.findable;
    if (found && use.cache.tables.freeRowCount > 0) ledger.open([found[1]], 0, 1, pageSize, pageSize);
    return true;
  }
  if (row === undefined) return true;
  const length = use.lengths.get(row) ?? 0;
  if (op === 'write') ledger.write(row, length, Math.min(window, length + tokens));
  if (op === 'close') ledger.close(row);
  return op !== 'shorten';
}

describe('under any use of the KV cache', () => {
  it('pages are conserved, every sequence finds its own content, and the ledger predicts each cost', () => {
    const seen = nothingYet();
    fc.assert(
      fc.property(pools, commands, ({ pages, order }, list) => {
        const use = new RandomUse(pages, order);
        const { pool, tables } = use.cache;
        for (const command of list) {
          const { free } = pool;
          const columns = {
            pageSize,
            refs: pool.refs,
            tables: tables.pages,
            width: tables.width,
            lengths: tables.lengths,
          };
          const ledger = new PageLedger(columns, free);
          const foretold = foretell(use, command, ledger);
          const outcome = use.run(command);
          if (outcome.kind === 'refused') {
            expect(ledger.free).toBeLessThan(0);
            expect(pool.free).toBe(free);
          } else if (foretold) expect(pool.free).toBe(ledger.free);
        }
        for (const what of happenings) seen[what] += use.seen[what];
      }),
      runs,
    );
    for (const what of happenings) expect(seen[what], what).toBeGreaterThan(10);
  });

  it('a snapshot sees every field, private ones too', () => {
    const use = new RandomUse(4, 'fifo');
    const text = snapshot(use.cache);
    for (const field of [
      'refs',
      'next',
      'prev',
      'freeCount',
      'dirtyFrom',
      'dirty',
      'freeRows',
      'hashes',
      'copies',
    ])
      expect(text).toContain(`"${field}"`);
    use.run({ op: 'open', pick: 0, tokens: 0 });
    expect(snapshot(use.cache)).not.toBe(text);
  });

  it('a refusal leaves every byte as it was and tells nobody', () => {
    let refusals = 0;
    let copying = 0;
    fc.assert(
      fc.property(pools, commands, ({ pages, order }, list) => {
        const use = new RandomUse(pages, order);
        for (const command of list) {
          const before = snapshot(use.cache);
          const told = use.events.length;
          const outcome = use.run(command);
          if (outcome.kind !== 'refused') continue;
          refusals++;
          // one that would have copied a shared page first
          const page = pagesOf(use, outcome.row)[Math.floor(outcome.from / pageSize)];
          if (page !== undefined && (use.cache.pool.refs[page] ?? 0) > 1) copying++;
          expect(snapshot(use.cache)).toBe(before);
          expect(use.events.length).toBe(told);
        }
      }),
      runs,
    );
    // the property is about something
    expect(refusals).toBeGreaterThan(100);
    expect(copying).toBeGreaterThan(5);
  });

  it('what it gives back comes tail first, so that a head is the last to be taken again', () => {
    let freed = 0;
    fc.assert(
      fc.property(pools, commands, ({ pages, order }, list) => {
        const use = new RandomUse(pages, order);
        for (const command of list) {
          const row = use.row(command);
          const before = row === undefined ? [] : pagesOf(use, row);
          const free = use.cache.pool.freeList();
          const from = use.events.length;
          use.run(command);
          if (row === undefined || (command.op !== 'close' && command.op !== 'shorten')) continue;
          const kept = command.op === 'close' ? 0 : (use.cache.tables.lengths[row] ?? 0);
          const tail = before.slice(kept).reverse();
          const given = tail.filter((page) => use.cache.pool.refs[page] === 0);
          freed += given.length;
          expect(use.events.slice(from)).toEqual(
            given.map((page) => ['freed', page, row, before.indexOf(page)]),
          );
          // fifo takes the tail before the head; lifo takes what was freed last first, which is the head
          expect(use.cache.pool.freeList()).toEqual(
            order === 'fifo' ? [...free, ...given] : [...given.toReversed(), ...free],
          );
        }
      }),
      runs,
    );
    expect(freed).toBeGreaterThan(500);
  });

  it('a row that grew and is shortened to its length before has its pages before, but for one copied', () => {
    fc.assert(
      fc.property(pools, commands, fc.integer({ min: 1, max: 40 }), ({ pages, order }, list, more) => {
        const use = new RandomUse(pages, order);
        for (const command of list) use.run(command);
        for (const [row, length] of use.lengths) {
          const before = pagesOf(use, row);
          const { free } = use.cache.pool;
          const copies = use.cache.copies.length;
          const refs = use.cache.pool.refs.slice();
          const to = Math.min(128, length + more);
          if (!use.cache.prepare(row, length, to)) continue;
          expect(pagesOf(use, row).length).toBe(Math.max(before.length, Math.ceil(to / pageSize)));
          use.cache.shorten(row, length);
          const [from, own] = use.cache.copies.slice(copies);
          const after = pagesOf(use, row);
          expect(after).toEqual(before.slice(0, after.length).map((page) => (page === from ? own : page)));
          expect(after.length).toBe(Math.ceil(length / pageSize));
          // a copy is kept, and the page that it was made from has one holder less
          const copied = from === undefined ? 0 : 1;
          expect(use.cache.pool.free).toBe(free + before.length - after.length - copied);
          if (from !== undefined && own !== undefined) {
            expect(refs[from]).toBeGreaterThan(1);
            refs[from] = (refs[from] ?? 0) - 1;
            refs[own] = 1;
          }
          for (const page of before.slice(after.length)) refs[page] = (refs[page] ?? 0) - 1;
          expect(use.cache.pool.refs).toEqual(refs);
        }
      }),
      runs,
    );
  });

  it('a mirror that is fed with changes alone is the tables, whenever it is looked at', () => {
    fc.assert(
      fc.property(
        pools,
        commands,
        fc.array(fc.boolean(), { minLength: 60, maxLength: 60 }),
        ({ pages, order }, list, drains) => {
          const use = new RandomUse(pages, order);
          const { tables } = use.cache;
          // what the GPU has: nothing that was not sent
          const mirror = new Int32Array(tables.rows * tables.width).fill(-1);
          const drain = (): void =>
            tables.drainChanges((row, from, to) => {
              const start = row * tables.width;
              expect(from).toBeLessThan(to);
              mirror.set(tables.pages.subarray(start + from, start + to), start + from);
            });
          list.forEach((command, i) => {
            use.run(command);
            if (!drains[i] && i + 1 < list.length) return;
            drain();
            for (const row of use.lengths.keys()) {
              const start = row * tables.width;
              expect([...mirror.subarray(start, start + (tables.lengths[row] ?? 0))]).toEqual(
                pagesOf(use, row),
              );
            }
            // nothing is sent twice
            tables.drainChanges(() => expect.unreachable('a change is told twice'));
          });
        },
      ),
      runs,
    );
  });

  it('a hash finds the page that holds its content as long as nothing else was written there', () => {
    let forgotten = 0;
    fc.assert(
      fc.property(pools, commands, ({ pages, order }, list) => {
        const use = new RandomUse(pages, order);
        for (const command of list) {
          use.run(command);
          for (let hash = 1; hash < use.hashes; hash++)
            expect(use.cache.index.find(hash)).toBe(use.content.get(hash));
          expect(use.cache.index.size).toBe(use.content.size);
        }
        forgotten += use.hashes - 1 - use.content.size;
      }),
      runs,
    );
    expect(forgotten).toBeGreaterThan(10);
  });
});
