// Random use of the paged KV cache for property tests: commands as data, the cache they drive, and everything that can be seen
// of it as one value. Memory is played too: every token is written where the tables say, and after every command each sequence must
// find its own.

import fc from 'fast-check';
import { expect } from 'vitest';
import { KvCache, type PageEvent } from '../../../src/cache/kv-cache.ts';

export const pageSize = 8;
export const window = 128;

export interface Command {
  readonly op: 'open' | 'hit' | 'fork' | 'write' | 'commit' | 'shorten' | 'close';
  /** Which of the open rows. */
  readonly pick: number;
  readonly tokens: number;
}

const repeat = (op: Command['op'], times: number): Command['op'][] => Array(times).fill(op);

export const commands = fc.array(
  fc.record({
    // weighed so that the pool is short of pages and yet not always full
    op: fc.constantFrom<Command['op'][]>(
      ...repeat('open', 2),
      ...repeat('hit', 3),
      ...repeat('fork', 2),
      ...repeat('write', 6),
      ...repeat('commit', 2),
      ...repeat('shorten', 2),
      ...repeat('close', 4),
    ),
    pick: fc.nat(7),
    // few leave partial pages for forks to share
    tokens: fc.oneof(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 40 })),
  }),
  // fast-check keeps lists to some ten of these otherwise
  { maxLength: 60, size: 'max' },
);

/** What a command did. */
export type Outcome =
  | { readonly kind: 'done'; readonly row: number }
  | { readonly kind: 'refused'; readonly row: number; readonly from: number; readonly to: number }
  | { readonly kind: 'impossible' };

/** What must have happened for a property to be about something. */
export const happenings = ['refused', 'forked', 'hit', 'copied', 'evicted', 'rolled back'] as const;
export type Happenings = Record<(typeof happenings)[number], number>;
export const nothingYet = (): Happenings => ({
  refused: 0,
  forked: 0,
  hit: 0,
  copied: 0,
  evicted: 0,
  'rolled back': 0,
});

export class RandomUse {
  readonly cache: KvCache;
  readonly seen = nothingYet();
  /** Tokens of each open row. */
  readonly lengths = new Map<number, number>();
  /** Of these, tokens that are never rolled back. */
  readonly #committed = new Map<number, number>();
  /** Content of pages by hash: what was registered and has not been overwritten. */
  readonly content = new Map<number, number>();
  readonly events: (readonly [PageEvent, number, number | undefined, number])[] = [];
  /** Hashes 1 … hashes − 1 have been registered. */
  hashes = 1;
  /** Tokens of each open row, and of each page when it was registered; no token is written twice. */
  readonly #texts = new Map<number, readonly number[]>();
  readonly #registered = new Map<number, readonly number[]>();
  /** [page][offset]: what is in memory. */
  readonly #memory: Int32Array;
  #written = 0;
  /** Of the cache's copies, those that were made. */
  #copied = 0;

  constructor(pages: number, freeOrder: 'fifo' | 'lifo') {
    const onPage = (...event: [PageEvent, number, number | undefined, number]): void => {
      this.events.push(event);
      const [what, page] = event;
      if (what === 'evicted' || what === 'copied') this.seen[what]++;
      if (what !== 'taken' && what !== 'copied') return;
      for (const [hash, holder] of this.content) if (holder === page) this.content.delete(hash);
    };
    this.cache = new KvCache({ pages, pageSize, rows: 6, window, freeOrder, onPage });
    this.#memory = new Int32Array(pages * pageSize);
  }

  /** A registered hash and its page, while there is one. */
  get findable(): readonly [hash: number, page: number] | undefined {
    for (let hash = 1; hash < this.hashes; hash++) {
      const page = this.cache.index.find(hash);
      if (page !== undefined) return [hash, page];
    }
    return undefined;
  }

  /** The row that a command means. */
  row(command: Command): number | undefined {
    const rows = [...this.lengths.keys()];
    return rows[command.pick % Math.max(1, rows.length)];
  }

  /** Does what a command says, and checks everything that must hold after it. */
  run(command: Command): Outcome {
    const outcome = this.#do(command);
    if (outcome.kind === 'refused') this.seen.refused++;
    this.#checkConservation();
    this.#checkContents();
    return outcome;
  }

  #do(command: Command): Outcome {
    const { cache, lengths } = this;
    const { op, tokens } = command;
    const row = this.row(command);
    const room = cache.tables.freeRowCount > 0;
    const done = (of: number, text: readonly number[], committed = 0): Outcome => {
      lengths.set(of, text.length);
      this.#texts.set(of, text);
      this.#committed.set(of, committed);
      return { kind: 'done', row: of };
    };
    if (op === 'open') return room ? done(cache.tables.openRow(), []) : { kind: 'impossible' };
    if (op === 'hit') {
      const found = this.findable;
      if (!room || !found) return { kind: 'impossible' };
      const [hash, page] = found;
      this.seen.hit++;
      return done(cache.openWith([page], 0, 1), this.#registered.get(hash) ?? [], pageSize);
    }
    if (row === undefined) return { kind: 'impossible' };
    const length = lengths.get(row) ?? 0;
    const text = this.#texts.get(row) ?? [];
    const committed = this.#committed.get(row) ?? 0;
    switch (op) {
      case 'fork':
        if (!room) return { kind: 'impossible' };
        this.seen.forked++;
        return done(cache.fork(row, length), text, length);
      case 'write': {
        const to = Math.min(window, length + tokens);
        if (!cache.prepare(row, length, to)) return { kind: 'refused', row, from: length, to };
        return done(row, this.#write(row, text, to), committed);
      }
      case 'commit':
        for (let index = Math.floor(committed / pageSize); index < Math.floor(length / pageSize); index++) {
          const page = cache.tables.page(row, index);
          if (!cache.index.has(page)) this.content.set(this.hashes, page);
          this.#registered.set(this.hashes, text.slice(index * pageSize, (index + 1) * pageSize));
          cache.register(row, index, this.hashes++);
        }
        return done(row, text, length);
      case 'shorten': {
        const to = Math.max(committed, length - tokens);
        if (cache.pagesFor(to) < cache.pagesFor(length)) this.seen['rolled back']++;
        cache.shorten(row, to);
        return done(row, text.slice(0, to), committed);
      }
      case 'close':
        cache.close(row);
        lengths.delete(row);
        this.#texts.delete(row);
        return { kind: 'done', row };
    }
  }

  /** Copies what is to be copied, and writes tokens up to `to` after `text`; each page that is written is this row's alone. */
  #write(row: number, text: readonly number[], to: number): readonly number[] {
    const { copies, pool, tables } = this.cache;
    for (; this.#copied < copies.length; this.#copied += 2) {
      const [from = 0, into = 0] = copies.slice(this.#copied);
      this.#memory.copyWithin(into * pageSize, from * pageSize, (from + 1) * pageSize);
    }
    const longer = [...text];
    for (let position = text.length; position < to; position++) {
      const page = tables.page(row, Math.floor(position / pageSize));
      if (pool.refs[page] !== 1) expect.fail(`page ${page} is written with ${pool.refs[page]} holders`);
      longer.push(++this.#written);
      this.#memory[page * pageSize + (position % pageSize)] = this.#written;
    }
    return longer;
  }

  /** Every page's holders are exactly the table entries that name it, and the free list is the rest. */
  #checkConservation(): void {
    const { pool, tables } = this.cache;
    const held = new Int32Array(pool.size);
    for (let row = 0; row < tables.rows; row++)
      for (let i = 0; tables.isOpen(row) && i < (tables.lengths[row] ?? 0); i++) {
        const page = tables.page(row, i);
        held[page] = (held[page] ?? 0) + 1;
      }
    const free = pool.freeList();
    for (let page = 0; page < pool.size; page++)
      if (pool.refs[page] !== held[page])
        expect.fail(`page ${page} is in ${held[page]} tables and has ${pool.refs[page]} holders`);
    const unheld = [...held.keys()].filter((page) => held[page] === 0);
    expect(free.toSorted((a, b) => a - b)).toEqual(unheld);
    expect(pool.free).toBe(free.length);
  }

  /** Every open row has its pages and finds its own tokens in them: what two share is the same for both. */
  #checkContents(): void {
    const { tables } = this.cache;
    for (const [row, text] of this.#texts) {
      if ((tables.lengths[row] ?? 0) < this.cache.pagesFor(text.length))
        expect.fail(`row ${row} lacks pages`);
      for (const [position, token] of text.entries()) {
        const page = tables.page(row, Math.floor(position / pageSize));
        if (this.#memory[page * pageSize + (position % pageSize)] !== token)
          expect.fail(`row ${row} finds a foreign token at ${position}, in page ${page}`);
      }
    }
  }
}

/** Every field of an object and of what it holds, private ones too, as text: equal text, equal bytes. */
export const snapshot = (cache: KvCache): string =>
  JSON.stringify(cache, (_key, value: unknown) => {
    if (ArrayBuffer.isView(value)) return [value.constructor.name, ...Array.from(value as Int32Array)];
    if (value instanceof Map) return [...value];
    return value;
  });
