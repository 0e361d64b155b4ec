// What drawing a run while it goes on costs the run, and whether that is shown to be as little as the page promises. Pure.

import { median } from '../src/core/stats.ts';
import { type Comparison, compareTurns } from '../src/measure/rank.ts';

/** The share of a run's time that drawing it may cost. */
export const target = 0.02;

/** `shown below`, `shown above`: the whole interval lies on that side of the target. */
export type CostVerdict = 'shown below' | 'not shown' | 'shown above' | 'too few turns';

/** Seconds of a strategy's runs, turn by turn: the median run of each comparison, drawn and not. */
export interface CostTurns {
  readonly strategy: string;
  readonly live: readonly number[];
  readonly still: readonly number[];
}

export interface CostRow extends CostTurns {
  /** What drawing adds to the time: 0.01 is 1 %. */
  readonly cost: number;
  /** Its 95 % interval; null with too few turns. */
  readonly interval: readonly [low: number, high: number] | null;
  readonly verdict: CostVerdict;
}

export interface PageCost {
  readonly schema: 'lockstep-page-cost';
  readonly version: 1;
  readonly date: string;
  readonly commit: string | null;
  readonly command: string;
  /** As the runs name it. */
  readonly device: string;
  readonly browser: string;
  readonly flags: readonly string[];
  readonly headful: boolean;
  readonly work: string;
  /** That every run serves, drawn or not. */
  readonly requests: number;
  readonly target: number;
  /** Shares of the time in which the page's main thread works, a comparison each. */
  readonly mainThread: { readonly live: readonly number[]; readonly still: readonly number[] };
  readonly results: readonly CostRow[];
  /** Why the figures are not to be trusted. */
  readonly invalid: readonly string[];
}

export function costRow(turns: CostTurns): CostRow {
  const compared = compareTurns(turns.still, turns.live);
  const { ratio, low, high } = compared;
  const ranked = compared.verdict !== 'unranked';
  return {
    ...turns,
    cost: ratio - 1,
    interval: ranked ? [low - 1, high - 1] : null,
    verdict: verdictOf(compared),
  };
}

function verdictOf({ low, high, verdict }: Comparison): CostVerdict {
  if (verdict === 'unranked') return 'too few turns';
  if (high - 1 <= target) return 'shown below';
  return low - 1 > target ? 'shown above' : 'not shown';
}

/** Comparisons of unlike runs say nothing: each run's number of requests, if they are not all the same. */
export const unlike = (requests: readonly number[]): string[] =>
  new Set(requests).size > 1
    ? [
        `runs served different numbers of requests: ${[...new Set(requests)].sort((a, b) => a - b).join(', ')}`,
      ]
    : [];

const percent = (x: number): string => `${x < 0 ? '−' : ''}${(100 * Math.abs(x)).toFixed(1)} %`;
const ms = (seconds: readonly number[]): string => `${(median(seconds) * 1e3).toFixed(1)} ms`;

const verdicts: Readonly<Record<CostVerdict, string>> = {
  'shown below': `shown to be below ${percent(target)}`,
  'not shown': `not shown to be below ${percent(target)}: take more --turns`,
  'shown above': `ABOVE ${percent(target)}`,
  'too few turns': 'too few turns to tell',
};

export function pageCostText({ device, browser, requests, mainThread, results, invalid }: PageCost): string {
  return [
    `${device}, ${browser}; ${requests} requests a run, with live views and with still ones`,
    `the page's main thread works ${percent(median(mainThread.live))} of the time with live views, ${percent(median(mainThread.still))} without`,
    ...results.map(({ strategy, live, still, cost, interval, verdict }) => {
      const range = interval ? ` (${percent(interval[0])} to ${percent(interval[1])})` : '';
      return `${strategy}: drawn ${ms(live)}, still ${ms(still)} a run: drawing costs ${percent(cost)}${range}, ${verdicts[verdict]}; ${live.length} turns`;
    }),
    ...invalid.map((why) => `INVALID: ${why}`),
  ].join('\n');
}
