// The search for parameters: what it compares with what, when times are known and some are lost.

import { describe, expect, it } from 'vitest';
import { prng } from '../../../src/core/prng.ts';
import { fasterThan } from '../../../src/measure/rank.ts';
import { type Candidate, type SearchHost, searchParams } from '../../../src/worker/bench/search.ts';

const tries = [{ T: 4 }, { T: 8 }, { T: 16 }, { T: 32 }, { T: 64 }];

/** A host whose candidates take `ms(T, sample)`; what is open is counted. */
function host(ms: (tile: number, sample: number) => number | null, over: Partial<SearchHost> = {}) {
  const open = new Set<Candidate>();
  const taken = new Map<number, number>();
  const made: SearchHost = {
    async open({ T = 0 }) {
      const candidate: Candidate = {
        async sample() {
          const n = taken.get(T) ?? 0;
          taken.set(T, n + 1);
          return ms(T, n);
        },
        dispose: () => void open.delete(candidate),
      };
      open.add(candidate);
      return candidate;
    },
    accept: async () => true,
    say: () => undefined,
    stop: () => null,
    ...over,
  };
  return { made, open, taken };
}

describe('a search', () => {
  it('keeps the faster parameters, with their speed over the defaults', async () => {
    const { made, open } = host((tile) => ({ 4: 4, 8: 3, 16: 2, 32: 5, 64: 6 })[tile] ?? 1);
    expect(await searchParams(tries, made)).toEqual({ params: { T: 16 }, overDefault: 2 });
    expect(open.size).toBe(0);
  });

  it('never calls another the default because the default lost its samples', async () => {
    // nobody can be compared with a default that has no time
    const { made } = host((tile) => (tile === 4 ? null : 64 / tile));
    expect(await searchParams(tries, made)).toEqual({ params: { T: 4 }, overDefault: 1 });
    const later = host((tile, n) => (tile === 4 && n < 1 ? null : 64 / tile));
    expect(await searchParams(tries, later.made)).toMatchObject({
      params: { T: 64 },
      overDefault: expect.closeTo(16, 9),
    });
  });

  it('compares turns with their neighbours when one is lost', async () => {
    // every turn is twice as slow as the one before; of the one that is a tenth slower, one sample of the search and one turn are lost
    const { made } = host((tile, n) => {
      const turn = tile === 4 ? n : n - 3;
      if (tile === 8 && (n === 1 || turn === 4)) return null;
      return 2 ** Math.max(0, turn) * (tile === 4 ? 1 : 1.1);
    });
    expect(await searchParams(tries, made)).toEqual({ params: { T: 4 }, overDefault: 1 });
  });

  it('takes the next of the fast ones when the first is wrong elsewhere', async () => {
    const { made } = host((tile) => ({ 4: 4, 8: 3, 16: 2 })[tile] ?? 9, {
      accept: async ({ T }) => T !== 16,
    });
    expect(await searchParams(tries, made)).toMatchObject({ params: { T: 8 }, overDefault: 4 / 3 });
  });

  it('has no answer without the defaults, or when it was stopped', async () => {
    const { made, open } = host(() => 1);
    const refused = {
      ...made,
      open: async (p: { readonly T?: number }) => (p.T === 4 ? null : made.open(p)),
    };
    expect(await searchParams(tries, refused)).toBeNull();
    expect(await searchParams(tries, { ...made, stop: () => 'cancelled' })).toBeNull();
    expect(open.size).toBe(0);
  });

  it('keeps defaults that are as fast in 95 % of searches among equal ones', async () => {
    const random = prng(5);
    let kept = 0;
    for (let i = 0; i < 400; i++) {
      const many = Array.from({ length: 12 }, (_, t) => ({ T: t + 1 }));
      const { made } = host(() => 1 + 0.05 * random.normal());
      if ((await searchParams(many, made))?.params['T'] === 1) kept++;
    }
    expect(kept / 400).toBeGreaterThanOrEqual(0.95);
  });
});

describe('several at once', () => {
  it('share the error: one that two could say alone may not be said of three', () => {
    // 9 turns, the two smallest against it: ranks 1 and 2 sum to 3, which comes about in 5 of 512 ways on this side
    const times = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((rank) => Math.exp((rank <= 2 ? 1 : -1) * rank * 0.05));
    const base = times.map(() => 1);
    expect(fasterThan(base, [{ times }])).toHaveLength(1);
    const equal = { times: base };
    expect(fasterThan(base, [{ times }, equal, equal])).toHaveLength(0);
    // what is sure in itself leaves the others fewer to share with
    const sure = { times: base.map((_, i) => 0.5 - i / 100) };
    expect(fasterThan(base, [equal, sure]).map(({ of }) => of)).toEqual([sure]);
    expect(fasterThan(base, [{ times }, sure])).toHaveLength(2);
  });
});
