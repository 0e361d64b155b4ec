// What a chart of lines says at a place of its axis, and the places at which to ask: for its hover value and its text form.

import type { Series } from './line-chart.tsx';

export interface Reading {
  /** Where the value stands: the place asked for, or the nearest point of a line with marks. */
  readonly x: number;
  readonly y: number;
}

/** The value of one line; undefined where it has none, before its first point and past its last. */
export function readAt({ points, marks }: Series, x: number): Reading | undefined {
  if (marks) {
    const near = points.toSorted((a, b) => Math.abs(a[0] - x) - Math.abs(b[0] - x))[0];
    return near && { x: near[0], y: near[1] };
  }
  const last = points.at(-1);
  if (!last || x > last[0]) return undefined;
  const found = points.findLast((point) => point[0] <= x);
  return found && { x, y: found[1] };
}

/** Places worth a row of a table, or a stop of an arrow key: every marked point, else `count` even ones. */
export function placesOf(
  series: readonly Series[],
  { from, to }: { readonly from: number; readonly to: number },
  count: number,
): readonly number[] {
  const marked = series.flatMap((s) => (s.marks ? s.points.map((point) => point[0]) : []));
  if (marked.length > 0) return [...new Set(marked)].sort((a, b) => a - b);
  return Array.from({ length: count }, (_, i) => from + ((to - from) * i) / Math.max(1, count - 1));
}
