// A chart's y axis: a line of the grid and a label at every round number.

import { tickText } from './format.ts';
import type { Scale } from './scale.ts';

export interface YAxisProps {
  readonly y: Scale;
  /** Where lines begin and end, in pixels; labels stand left of them. */
  readonly left: number;
  readonly right: number;
  /** The highest value that has a line. */
  readonly most?: number;
  readonly text?: (value: number) => string;
}

export const YAxis = ({ y, left, right, most = Number.POSITIVE_INFINITY, text = tickText }: YAxisProps) => (
  <>
    {y.ticks
      .filter((tick) => tick <= most)
      .map((tick) => (
        <g key={tick}>
          <line class="grid" x1={left} x2={right} y1={y(tick)} y2={y(tick)} />
          <text class="quiet-mark" x={left - 6} y={y(tick) + 4} text-anchor="end">
            {text(tick)}
          </text>
        </g>
      ))}
  </>
);
