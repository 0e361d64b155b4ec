// The promise of a page: where all its tracks are the same thing, 95 % of pages call no figure of any of them a difference, and a
// planted 5 % is found in 90 %, at the turns that the page takes. By turn times that were really measured.

import { describe, expect, it } from 'vitest';
import { turnsFor } from '../../src/app/batching/turns-for.ts';
import { type Prng, prng } from '../../src/core/prng.ts';
import { compareTogether, type Figure } from '../../src/measure/together.ts';
import { differencesOf } from '../../src/views/batching/differences.ts';
import { FACTS } from '../../src/views/batching/summary.ts';
import { quietTurns, turnTimes } from './turn-times.ts';

const PAGES = 1200;
const FIGURES = 4;

/** How figures of one run hang together: all by its speed alone, by that and noise of their own, or not at all. */
type Kind = 'as one' | 'loosely' | 'apart';

/** One page: the first track's figures and each rival's, a turn drawn from measured ones; either label may have come first. */
function page(
  random: Prng,
  {
    from,
    turns,
    rivals,
    kind,
    planted = 0,
  }: {
    readonly from: typeof turnTimes;
    readonly turns: number;
    readonly rivals: number;
    readonly kind: Kind;
    readonly planted?: number;
  },
): Figure[][] {
  const pair = (): readonly [number, number] => {
    const [x, y] = from[random.int(0, from.length - 1)] ?? [1, 1];
    return random.next() < 0.5 ? [x, y] : [y, x];
  };
  const own = (): number => (kind === 'loosely' ? Math.exp(0.05 * random.normal()) : 1);
  const blank = (): number[][] => Array.from({ length: FIGURES }, () => []);
  const first = blank();
  const others = Array.from({ length: rivals }, blank);
  for (let turn = 0; turn < turns; turn++) {
    const [base] = pair();
    const pairs = others.map(pair);
    for (let f = 0; f < FIGURES; f++) {
      const at = kind === 'apart' ? pair()[0] : base;
      first[f]?.push(at * own());
      others.forEach((figures, r) => {
        const [a, b] = kind === 'apart' ? pair() : (pairs[r] ?? [1, 1]);
        figures[f]?.push(at * (b / a) * (1 + planted) * own());
      });
    }
  }
  return others.map((figures) => figures.map((b, f) => ({ a: first[f] ?? [], b })));
}

/** Share of pages of which `holds` is true. */
function share(of: Parameters<typeof page>[1], holds: (verdicts: string[][]) => boolean): number {
  const random = prng(11);
  let count = 0;
  for (let i = 0; i < PAGES; i++) {
    const verdicts = page(random, of).map((figures) =>
      compareTogether(figures, of.rivals).map(({ verdict }) => verdict),
    );
    if (holds(verdicts)) count++;
  }
  return count / PAGES;
}

const quiet = (verdicts: string[][]): boolean =>
  verdicts.flat().every((verdict) => verdict === 'no difference');

describe.each([1, 3])('four figures of %i rivals, at the turns that a page takes', (rivals) => {
  const turns = turnsFor(rivals + 1);

  it.each([
    ['as one', quietTurns],
    ['as one', turnTimes],
    ['loosely', quietTurns],
    ['apart', quietTurns],
  ] as const)('are all "no difference" in 95 % where nothing differs: they vary %s', (kind, from) => {
    expect(share({ from, turns, rivals, kind }, quiet)).toBeGreaterThanOrEqual(0.95);
  });

  it('find a planted 5 % in 90 %', () => {
    const planted = { from: quietTurns, turns, rivals, kind: 'as one', planted: 0.05 } as const;
    expect(
      share(planted, ([one]) => one?.every((verdict) => verdict === 'faster') === true),
    ).toBeGreaterThanOrEqual(0.9);
  });
});

describe('judged one by one', () => {
  it('the same figures break the promise, which is why they are not', () => {
    const random = prng(11);
    let told = 0;
    for (let i = 0; i < PAGES; i++) {
      const figures = page(random, { from: quietTurns, turns: 10, rivals: 3, kind: 'apart' }).flat();
      if (!quiet([figures.map((figure) => compareTogether([figure])[0]?.verdict ?? '')])) told++;
    }
    expect(told / PAGES).toBeGreaterThan(0.1);
  });
});

describe('a figure among others', () => {
  const turns = (n: number, scale = 1): number[] =>
    Array.from({ length: n }, (_, i) => scale * (1 + i / 1000));
  const sure = (n: number): Figure => ({ a: turns(n), b: turns(n, 2) });

  it('is judged by the turns that have a pair of it', () => {
    const lost: Figure = { a: turns(10), b: turns(10, 2).map((t, turn) => (turn < 5 ? null : t)) };
    expect(compareTogether([sure(10), lost]).map(({ verdict }) => verdict)).toEqual(['faster', 'unranked']);
    expect(compareTogether([sure(10), { a: [], b: [] }])[1]?.verdict).toBe('unranked');
  });

  it('is unranked where the turns are too few for so many rivals', () => {
    expect(compareTogether([sure(6)], 1)[0]?.verdict).toBe('faster');
    expect(compareTogether([sure(6)], 3)[0]).toMatchObject({ verdict: 'unranked', low: 0 });
    expect(compareTogether([sure(8)], 3)[0]?.verdict).toBe('faster');
  });

  it('is told by random ways where turns are many', () => {
    const same: Figure = { a: turns(32), b: turns(32).map((t, turn) => t * (turn % 2 ? 1.02 : 1 / 1.02)) };
    expect(compareTogether([sure(32), same], 3).map(({ verdict }) => verdict)).toEqual([
      'faster',
      'no difference',
    ]);
  });
});

describe('runs that were not taken in turns', () => {
  it('share the promise over all that the page shows of them', () => {
    const random = prng(5);
    const facts = FACTS.slice(0, FIGURES);
    const lane = () =>
      facts.map(() => {
        const samples = Array.from({ length: 10 }, () => Math.exp(0.03 * random.normal()));
        return { median: 1, spread: 0, samples };
      });
    let told = 0;
    for (let i = 0; i < PAGES; i++) {
      const differences = differencesOf(facts, lane(), [lane(), lane(), lane()], 'apart').flat();
      expect(differences.every(({ verdict }) => verdict !== 'unknown')).toBe(true);
      if (differences.some(({ verdict }) => verdict !== 'no difference')) told++;
    }
    expect(told / PAGES).toBeLessThanOrEqual(0.05);
  });
});
