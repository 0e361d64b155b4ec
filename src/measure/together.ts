// Several figures of the same turns, judged together: a page that shows four figures of each of three rivals makes twelve
// comparisons, and twelve chances of 4 % each to call noise a difference. By the step-down procedure of Westfall & Young (1993,
// algorithm 4.1, the statistic being Wilcoxon's): where both sides are the same thing, whose is whose may change in any turn, for all
// its figures at once. A figure differs when few such changes bring any of the figures that stand as high. Figures that move
// together, as a run's do, then cost little, which Holm's and Bonferroni's corrections would not notice. Rivals share the promise by
// Bonferroni's: with a base in common, nothing may change places between them.

import { at } from '../core/assert.ts';
import { prng } from '../core/prng.ts';
import { type Comparison, compareTurns, errorInAll, pairTurns, type TurnTimes } from './rank.ts';

/** One figure of both sides, turn by turn. */
export interface Figure {
  readonly a: TurnTimes;
  readonly b: TurnTimes;
}

/**
 * As compareTurns of each figure, the verdicts made together: where nothing differs, any of them says a difference in less than
 * 5 % of cases. Ratios and intervals are each figure's own. `among`: how many rivals share the 5 %. `unranked` where the turns are
 * too few for that.
 */
export function compareTogether(figures: readonly Figure[], among = 1): Comparison[] {
  const level = errorInAll / among;
  const ranked = figures.filter(({ a, b }) => 2 ** (1 - pairTurns(a, b).length) <= level);
  const odds = oddsTogether(ranked);
  return figures.map((figure) => {
    const alone = compareTurns(figure.a, figure.b);
    const own = odds[ranked.indexOf(figure)];
    if (own === undefined) return { ...alone, low: 0, high: Number.POSITIVE_INFINITY, verdict: 'unranked' };
    return own <= level ? alone : { ...alone, verdict: 'no difference' };
  });
}

/** More turns than this change places not in all ways but in so many random ones. */
const mostEnumerated = 13;
const randomWays = 4096;

/** Each figure's probability, were both sides the same, that one of those no clearer than it comes out as clear. */
function oddsTogether(figures: readonly Figure[]): number[] {
  const turns = Math.max(0, ...figures.map(({ a, b }) => Math.max(a.length, b.length)));
  const signed = figures.map((figure) => signedRanks(figure, turns));
  const sums = Float64Array.from(signed, (ranks) => ranks.reduce((sum, rank) => sum + rank, 0));
  const deviations = signed.map((ranks) => Math.hypot(...ranks) || 1);
  const clearness = (i: number): number => Math.abs(at(sums, i)) / at(deviations, i);
  const change = (turn: number): void => {
    for (let i = 0; i < signed.length; i++) {
      const ranks = at(signed, i);
      const rank = at(ranks, turn);
      sums[i] = at(sums, i) - 2 * rank;
      ranks[turn] = -rank;
    }
  };
  const observed = figures.map((_, i) => clearness(i));
  const rising = figures.map((_, i) => i).sort((x, y) => at(observed, x) - at(observed, y));
  const asClear = figures.map(() => 0);
  const count = (): void => {
    let clearest = 0;
    for (const i of rising) {
      clearest = Math.max(clearest, clearness(i));
      if (clearest >= at(observed, i)) asClear[i] = at(asClear, i) + 1;
    }
  };
  count(); // what was seen is one of the ways
  // changing every turn changes no figure's clearness, so the last one stays
  const ways = turns <= mostEnumerated ? 2 ** Math.max(0, turns - 1) : randomWays;
  const random = prng(1);
  for (let way = 1; way < ways; way++) {
    if (turns <= mostEnumerated) change(lowestBit(way));
    else for (let turn = 0; turn < turns; turn++) if (random.next() < 0.5) change(turn);
    count();
  }
  // step down: none is surer than one that is clearer
  const odds = figures.map(() => 1);
  let surest = 0;
  for (const i of rising.toReversed()) {
    surest = Math.max(surest, at(asClear, i) / ways);
    odds[i] = surest;
  }
  return odds;
}

/** What a Gray code changes from one number to the next, so that all ways come about by one change each. */
const lowestBit = (way: number): number => 31 - Math.clz32(way & -way);

/** Ranks of the sizes of a figure's differences, with their signs; 0 where a turn has no pair or no difference. */
function signedRanks({ a, b }: Figure, turns: number): Float64Array {
  const differences = Array.from({ length: turns }, (_, turn) => {
    const [x, y] = [a[turn] ?? null, b[turn] ?? null];
    return x === null || y === null ? 0 : Math.log(y / x);
  });
  const order = differences.map((_, turn) => turn).filter((turn) => differences[turn] !== 0);
  order.sort((s, t) => Math.abs(at(differences, s)) - Math.abs(at(differences, t)));
  const ranks = new Float64Array(turns);
  for (const [i, turn] of order.entries()) ranks[turn] = (i + 1) * Math.sign(at(differences, turn));
  return ranks;
}
