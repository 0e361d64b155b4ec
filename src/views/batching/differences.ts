// What the differences between strategies' figures are worth: repeats give the noise, and nothing inside the noise is called a
// difference. All that one page shows is judged together, so that the promise holds for the page and not for each cell of it.

import { at } from '../../core/assert.ts';
import {
  type Comparison,
  compare,
  fewestTurns,
  leastDifference,
  pairTurns,
  timesOf,
} from '../../measure/rank.ts';
import { compareTogether } from '../../measure/together.ts';
import type { Fact, FactValue, Taken } from './summary.ts';

/**
 * What a difference is worth. `unknown`: too few repeats to say. `too small`: exact, but
 * less than any measurement could tell.
 */
export type Verdict = 'better' | 'worse' | 'too small' | 'no difference' | 'unknown';

export interface Difference {
  /** Of b against a, as a fraction of a: −0.2 is 20 % less. NaN or infinite when a is 0. */
  readonly change: number;
  /** b − a, in the fact's unit. */
  readonly points: number;
  readonly verdict: Verdict;
  /** With repeats: the 95 % interval of b / a by itself, whatever else is compared. */
  readonly interval: readonly [number, number] | undefined;
}

/** Differences smaller than this are rounding on a clock without noise. */
const EPSILON = 1e-9;

/** Fewer repeats than this on a side are never ranked. */
const FEWEST = 3;

/**
 * Every rival's figures against the first's. In turns, a rival's are judged together (measure/together.ts); taken apart, all share the
 * promise by Bonferroni's correction. Where nothing differs, less than 5 % of pages call any of them a difference.
 */
export function differencesOf(
  facts: readonly Fact[],
  first: readonly FactValue[],
  rivals: readonly (readonly FactValue[])[],
  taken: Taken,
): Difference[][] {
  return rivals.map((rival) => {
    const noisy = facts.map((_, i) => i).filter((i) => isNoisy(at(first, i), at(rival, i), taken));
    const figures = noisy.map((i) => ({ a: at(first, i).samples, b: at(rival, i).samples }));
    const paired = taken === 'turns' && figures.every(({ a, b }) => pairTurns(a, b).length >= fewestTurns);
    const judged = paired
      ? compareTogether(figures, rivals.length)
      : figures.map(({ a, b }) => compare(a, b, figures.length * rivals.length));
    const of = new Map(noisy.map((i, k) => [i, at(judged, k)]));
    return facts.map((fact, i) =>
      differenceOf(fact, at(first, i), at(rival, i), { taken, noise: of.get(i) }),
    );
  });
}

/** Whether it takes a test to tell the two apart, and there are repeats enough for one. */
const isNoisy = (a: FactValue, b: FactValue, taken: Taken): boolean =>
  taken !== 'exact' &&
  !(steady(a) && steady(b)) &&
  [a, b].every(({ samples }) => timesOf(samples).length >= FEWEST);

function differenceOf(
  fact: Fact,
  a: FactValue,
  b: FactValue,
  { taken, noise }: { readonly taken: Taken; readonly noise: Comparison | undefined },
): Difference {
  const change = b.median / a.median - 1;
  const points = b.median - a.median;
  const say = (verdict: Verdict, interval?: readonly [number, number]): Difference => ({
    change,
    points,
    verdict,
    interval,
  });
  const less: Verdict = fact.better === 'less' ? 'better' : 'worse';
  const more: Verdict = fact.better === 'less' ? 'worse' : 'better';
  if (Number.isNaN(points)) return say('unknown');
  if (taken === 'exact' || (steady(a) && steady(b))) {
    const size = Math.max(Math.abs(a.median), Math.abs(b.median));
    if (Math.abs(points) <= EPSILON * size) return say('no difference');
    if (Math.abs(points) < leastDifference * (fact.unit === 'share' ? 1 : size)) return say('too small');
    return say(points < 0 ? less : more);
  }
  if (!noise || noise.verdict === 'unranked') return say('unknown');
  if (noise.verdict === 'no difference') return say('no difference', [noise.low, noise.high]);
  return say(noise.ratio < 1 ? less : more, [noise.low, noise.high]);
}

/** The same in every repeat, as counts of steps and rows are on any clock. */
const steady = ({ samples }: FactValue): boolean => {
  const values = timesOf(samples);
  return values.length >= FEWEST && values.every((value) => value === values[0]);
};
