// Curves and distributions out of tracks, thinned to what a picture can show.

import { type AxisMode, endOf, type Range, startOf } from './axis.ts';
import { stepsInView } from './paint.ts';
import type { Track } from './track.ts';

export const GAUGES = ['running', 'waiting', 'usedPages'] as const;
export type Gauge = (typeof GAUGES)[number];

type Point = readonly [number, number];

/**
 * A gauge of the engine over the axis: its value from each step's start. Where several steps share a pixel,
 * the highest and the lowest stand for them, so that no peak is lost.
 */
export function gaugeSeries(
  track: Track,
  gauge: Gauge,
  mode: AxisMode,
  range: Range,
  pixels: number,
): Point[] {
  const values = track.trace.steps.columns[gauge];
  const [from, to] = stepsInView(track, { mode, range });
  const points: Point[] = [];
  const width = (range.to - range.from) / Math.max(1, pixels);
  let s = from;
  while (s < to) {
    const start = startOf(track, mode, s);
    let high = values[s] as number;
    let low = high;
    let next = s + 1;
    while (next < to && startOf(track, mode, next) < start + width) {
      high = Math.max(high, values[next] as number);
      low = Math.min(low, values[next] as number);
      next++;
    }
    points.push([start, high]);
    if (low < high) points.push([start + width / 2, low]);
    s = next;
  }
  if (to > from) points.push([endOf(track, mode, to - 1), values[to - 1] as number]);
  return points;
}

/** The share of samples at or below each value: at most `most` points of it. */
export function cumulative(samples: readonly number[], most = 300): Point[] {
  const sorted = Float64Array.from(samples).sort();
  const n = sorted.length;
  if (n === 0) return [];
  const every = Math.max(1, Math.ceil(n / most));
  const points: Point[] = [[sorted[0] as number, 0]];
  for (let i = 0; i < n; i++)
    if (i % every === 0 || i === n - 1) points.push([sorted[i] as number, (i + 1) / n]);
  return points;
}
