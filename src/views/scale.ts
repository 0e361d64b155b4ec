// Axes of charts: a value to a position, and the round numbers to label. No drawing here.

import { at } from '../core/assert.ts';

export interface Scale {
  (value: number): number;
  readonly ticks: readonly number[];
}

const withTicks = (place: (value: number) => number, ticks: readonly number[]): Scale =>
  Object.assign(place, { ticks });

/** From 0 to at least `high`, onto [start, end]; about `count` round ticks (1, 2 or 5 times a power of ten). */
export function linear(high: number, start: number, end: number, count = 5): Scale {
  const top = high > 0 ? high : 1;
  const raw = top / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step =
    (at(
      [1, 2, 5, 10].filter((m) => m * power >= raw * 0.999),
      0,
      'steps',
    ) ?? 10) * power;
  const ticks: number[] = [];
  for (let i = 0; i * step <= top * 1.0001; i++) ticks.push(i * step);
  return withTicks((value) => start + (value / top) * (end - start), ticks);
}

/** Logarithmic from `low` to `high` (both above 0). Ticks are powers of `base`, thinned to at most `count`. */
export function logarithmic(
  low: number,
  high: number,
  start: number,
  end: number,
  base: 2 | 10,
  count = 8,
): Scale {
  const span = Math.log(high / low) || 1;
  const first = Math.ceil(Math.log(low) / Math.log(base) - 1e-9);
  const last = Math.floor(Math.log(high) / Math.log(base) + 1e-9);
  const every = Math.max(1, Math.ceil((last - first + 1) / count));
  const ticks: number[] = [];
  for (let e = first; e <= last; e += every) ticks.push(base ** e);
  return withTicks((value) => start + (Math.log(value / low) / span) * (end - start), ticks);
}

/** The nearest powers of `base` around `values`, so that a logarithmic axis starts and ends on ticks. */
export function decades(values: readonly number[], base: 2 | 10): readonly [number, number] {
  const low = Math.min(...values);
  const high = Math.max(...values);
  const bottom = base ** Math.floor(Math.log(low) / Math.log(base) + 1e-9);
  const top = base ** Math.ceil(Math.log(high) / Math.log(base) - 1e-9);
  return [bottom, top > bottom ? top : bottom * base];
}
