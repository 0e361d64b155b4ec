// The null test of the Batching page: what it would say of the same turns, figure by figure, at as many turns as it takes for two
// tracks. Pure.

import { turnsFor } from '../../src/app/batching/turns-for.ts';
import { median } from '../../src/core/stats.ts';
import type { Trace } from '../../src/engine/trace.ts';
import { timesOf } from '../../src/measure/rank.ts';
import { type Difference, differencesOf, type Verdict } from '../../src/views/batching/differences.ts';
import { makeTrack } from '../../src/views/batching/make-track.ts';
import { FACTS, type FactValue } from '../../src/views/batching/summary.ts';

/** The page's figures of one run, in the order of FACTS. */
export type Figures = readonly number[];

/** What a page says of a strategy's figures against its own. */
export interface PageNull {
  /** Turns of each comparison. */
  readonly turns: number;
  /** A verdict a comparison, by figure: against itself, and against itself with longer steps. */
  readonly equal: Readonly<Record<string, readonly Verdict[]>>;
  readonly slower: Readonly<Record<string, readonly Verdict[]>>;
  /** Comparisons with itself, and those of them in which any figure is called a difference. */
  readonly comparisons: number;
  readonly falseAlarms: number;
}

export function figuresOf(trace: Trace, slots: number): Figures {
  const track = makeTrack(trace, { key: '', title: '', rule: '', slots });
  return FACTS.map((fact) => fact.of(track));
}

type Turns = readonly (Figures | null)[];

/** What is left at the end is no comparison. */
export function pageNull(a: Turns, b: Turns, slowed: Turns): PageNull {
  const turns = turnsFor(2);
  const count = Math.floor(Math.min(a.length, b.length, slowed.length) / turns);
  const against = (others: Turns): Difference[][] =>
    Array.from({ length: count }, (_, i) => {
      const values = (of: Turns) => valuesOf(of.slice(i * turns, (i + 1) * turns));
      return differencesOf(FACTS, values(a), [values(others)], 'turns')[0] ?? [];
    });
  const byFact = (pages: readonly Difference[][]): Record<string, Verdict[]> =>
    Object.fromEntries(FACTS.map(({ id }, f) => [id, pages.flatMap((page) => page[f]?.verdict ?? [])]));
  const equal = against(b);
  return {
    turns,
    equal: byFact(equal),
    slower: byFact(against(slowed)),
    comparisons: count,
    falseAlarms: equal.filter((page) => page.some(({ verdict }) => isDifference(verdict))).length,
  };
}

const isDifference = (verdict: Verdict): boolean => verdict === 'better' || verdict === 'worse';

const valuesOf = (turns: Turns): FactValue[] =>
  FACTS.map((_, f) => {
    const samples = turns.map((figures) => figures?.[f] ?? null).map((x) => (Number.isNaN(x) ? null : x));
    const values = timesOf(samples);
    return { median: values.length > 0 ? median(values) : Number.NaN, spread: undefined, samples };
  });

const rate = (count: number, of: number): string =>
  `${count} of ${of} (${((100 * count) / Math.max(1, of)).toFixed(0)} %)`;

export function pageText(
  { turns, equal, slower, comparisons, falseAlarms }: PageNull,
  planted: number,
): string[] {
  if (comparisons === 0) return [`too few turns for a page, which compares ${turns} of each`];
  return [
    `as the page compares, ${turns} turns of each: a page that shows these figures calls a difference in ${rate(falseAlarms, comparisons)} null comparisons`,
    ...FACTS.map(({ id, title }) => {
      const told = (equal[id] ?? []).filter(isDifference).length;
      const found = (slower[id] ?? []).filter((verdict) => verdict === 'worse').length;
      return `  ${title}: ${rate(told, comparisons)} against itself; the planted ${100 * planted} % found in ${rate(found, comparisons)}`;
    }),
  ];
}
