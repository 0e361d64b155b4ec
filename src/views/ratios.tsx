// Side by side: the ratio of one run to another, with its 95 % interval, on a log axis around 1.

import type { Comparison } from '../measure/rank.ts';
import { figure } from './format.ts';
import { logarithmic } from './scale.ts';

export interface RatioProps {
  readonly comparison: Comparison;
  /** Ratios at the ends of the axis: 1/limit and limit. */
  readonly limit: number;
  readonly width: number;
}

/** One interval as a small picture; its text stands beside it. */
export function RatioMark({ comparison, limit, width }: RatioProps) {
  const clamp = (value: number): number => Math.min(limit, Math.max(1 / limit, value));
  const x = logarithmic(1 / limit, limit, 4, width - 4, 2);
  const { low, high, ratio, verdict } = comparison;
  return (
    <svg class={`chart ratio ${verdict.replace(' ', '-')}`} width={width} height={18} aria-hidden="true">
      <line class="axis" x1={x(1)} x2={x(1)} y1={1} y2={17} />
      <path class="whisker" d={`M${x(clamp(low))} 9H${x(clamp(high))}`} />
      <circle class="fill" cx={x(clamp(ratio))} cy={9} r={4} />
    </svg>
  );
}

/** `2.31× (2.29–2.34)`, or that there is no difference, or too few samples to tell. */
export function ratioText({ ratio, low, high, verdict }: Comparison): string {
  const interval =
    verdict === 'unranked' ? ' (too few samples to rank)' : ` (${figure(low)}–${figure(high)})`;
  return verdict === 'no difference' ? `no difference${interval}` : `${figure(ratio)}×${interval}`;
}
