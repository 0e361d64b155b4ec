// Random use of the paged KV cache for property tests: commands as data, the cache they drive, and everything that can be seen
// of it as one value.

import fc from 'fast-check';
import { KvCache, type PageEvent } from '../../../src/cache/kv-cache.ts';

export const pageSize = 8;
const window = 128;

export interface Command {
  readonly op: 'open' | 'hit' | 'fork' | 'write' | 'commit' | 'shorten' | 'close';
  /** Which of the open rows. */
  readonly pick: number;
  readonly tokens: number;
}

export const commands = fc.array(
  fc.record({
    op: fc.constantFrom<Command['op'][]>(
      'open',
      'hit',
      'fork',
      'write',
      'write',
      'commit',
      'shorten',
      'close',
    ),
    pick: fc.nat(7),
    tokens: fc.integer({ min: 0, max: 40 }),
  }),
  // fast-check keeps lists to some ten of these otherwise
  { maxLength: 60, size: 'max' },
);

/** What a command did. */
export type Outcome =
  | { readonly kind: 'done'; readonly row: number }
  | { readonly kind: 'refused'; readonly row: number; readonly from: number; readonly to: number }
  | { readonly kind: 'impossible' };

export class RandomUse {
  readonly cache: KvCache;
  /** Tokens of each open row. */
  readonly lengths = new Map<number, number>();
  /** Of these, tokens that are never rolled back. */
  readonly #committed = new Map<number, number>();
  /** Content of pages by hash: what was registered and has not been overwritten. */
  readonly content = new Map<number, number>();
  readonly events: (readonly [PageEvent, number, number | undefined, number])[] = [];
  /** Hashes 1 … hashes − 1 have been registered. */
  hashes = 1;

  constructor(pages: number, freeOrder: 'fifo' | 'lifo') {
    const onPage = (...event: [PageEvent, number, number | undefined, number]): void => {
      this.events.push(event);
      const [what, page] = event;
      if (what !== 'taken' && what !== 'copied') return;
      for (const [hash, holder] of this.content) if (holder === page) this.content.delete(hash);
    };
    this.cache = new KvCache({ pages, pageSize, rows: 6, window, freeOrder, onPage });
  }

  /** The row that a command means. */
  row(command: Command): number | undefined {
    const rows = [...this.lengths.keys()];
    return rows[command.pick % Math.max(1, rows.length)];
  }

  run(command: Command): Outcome {
    const { cache, lengths } = this;
    const { op, tokens } = command;
    const row = this.row(command);
    const room = cache.tables.freeRowCount > 0;
    const done = (of: number, length: number, committed = 0): Outcome => {
      lengths.set(of, length);
      this.#committed.set(of, committed);
      return { kind: 'done', row: of };
    };
    if (op === 'open') return room ? done(cache.tables.openRow(), 0) : { kind: 'impossible' };
    if (op === 'hit') {
      const found = Array.from({ length: this.hashes }, (_, hash) => cache.index.find(hash)).find(
        (page) => page !== undefined,
      );
      if (!room || found === undefined) return { kind: 'impossible' };
      return done(cache.openWith([found], 0, 1), pageSize, pageSize);
    }
    if (row === undefined) return { kind: 'impossible' };
    const length = lengths.get(row) ?? 0;
    const committed = this.#committed.get(row) ?? 0;
    if (op === 'fork') return room ? done(cache.fork(row, length), length, length) : { kind: 'impossible' };
    if (op === 'write') {
      const to = Math.min(window, length + tokens);
      if (!cache.prepare(row, length, to)) return { kind: 'refused', row, from: length, to };
      return done(row, to, committed);
    }
    if (op === 'commit') {
      for (let index = Math.floor(committed / pageSize); index < Math.floor(length / pageSize); index++) {
        const page = cache.tables.page(row, index);
        if (!cache.index.has(page)) this.content.set(this.hashes, page);
        cache.register(row, index, this.hashes++);
      }
      return done(row, length, length);
    }
    if (op === 'shorten') {
      const to = Math.max(committed, length - tokens);
      cache.shorten(row, to);
      return done(row, to, committed);
    }
    cache.close(row);
    lengths.delete(row);
    return { kind: 'done', row };
  }
}

/** Every field of an object and of what it holds, private ones too, as text: equal text, equal bytes. */
export const snapshot = (cache: KvCache): string =>
  JSON.stringify(cache, (_key, value: unknown) => {
    if (ArrayBuffer.isView(value)) return [value.constructor.name, ...Array.from(value as Int32Array)];
    if (value instanceof Map) return [...value];
    return value;
  });
