// The one horizontal axis of all tracks: seconds, or equal steps. A range of it is what is in view.

import { type Track, upperBound } from './track.ts';

export const AXIS_MODES = ['time', 'steps'] as const;
export type AxisMode = (typeof AXIS_MODES)[number];

/** Part of the axis, in seconds or in steps. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

export const startOf = (track: Track, mode: AxisMode, step: number): number =>
  mode === 'steps' ? step : (track.trace.steps.columns.start[step] as number);
export const endOf = (track: Track, mode: AxisMode, step: number): number =>
  mode === 'steps' ? step + 1 : (track.trace.steps.columns.end[step] as number);

/** Steps that have started at a time: the index after the last one. */
export const startedBy = (track: Track, time: number): number =>
  upperBound(0, track.steps, time, (s) => track.trace.steps.columns.start[s] as number);

/** Where a second stands on the axis; in equal steps, inside its step in proportion. */
export function placeOf(track: Track, mode: AxisMode, time: number): number {
  if (mode === 'time') return time;
  const s = startedBy(track, time) - 1;
  if (s < 0) return 0;
  const start = startOf(track, 'time', s);
  const length = endOf(track, 'time', s) - start;
  return s + Math.min(1, length > 0 ? (time - start) / length : 1);
}

/** The second that stands at a place of the axis. */
export function timeOf(track: Track, mode: AxisMode, place: number): number {
  if (mode === 'time' || track.steps === 0) return place;
  const s = Math.min(track.steps - 1, Math.max(0, Math.floor(place)));
  const start = startOf(track, 'time', s);
  return start + Math.min(1, place - s) * (endOf(track, 'time', s) - start);
}

/** The step at a place of the axis, from which one goes on to others; `undefined` before the first and past the last. */
export function stepAt(track: Track, mode: AxisMode, place: number): number | undefined {
  const s =
    mode === 'steps'
      ? Math.floor(place)
      : upperBound(0, track.steps, place, (i) => track.trace.steps.columns.start[i] as number) - 1;
  if (s < 0 || s >= track.steps) return undefined;
  // a gap between two steps belongs to the one before; past the last one nothing runs
  return s === track.steps - 1 && place >= endOf(track, mode, s) ? undefined : s;
}

/** The step that runs at a place: none in a gap, where the next one is planned or nobody is there to be served. */
export function runningAt(track: Track, mode: AxisMode, place: number): number | undefined {
  const s = stepAt(track, mode, place);
  return s !== undefined && place < endOf(track, mode, s) ? s : undefined;
}

/** The whole of all tracks, with a little room at the right for labels. */
export function wholeRange(tracks: readonly Track[], mode: AxisMode): Range {
  const most = Math.max(0, ...tracks.map((t) => (mode === 'steps' ? t.steps : t.end)));
  return { from: 0, to: (most || 1) * 1.06 };
}

/** `range` zoomed by `factor` around a place, kept inside `whole`. */
export function zoomed(range: Range, whole: Range, factor: number, around: number): Range {
  const span = Math.min(
    whole.to - whole.from,
    Math.max((whole.to - whole.from) / 1e6, (range.to - range.from) * factor),
  );
  const share = (around - range.from) / (range.to - range.from);
  return moved({ from: around - share * span, to: around + (1 - share) * span }, whole, 0);
}

/** `range` moved by `by`, kept inside `whole`. */
export function moved(range: Range, whole: Range, by: number): Range {
  const span = range.to - range.from;
  const from = Math.min(Math.max(range.from + by, whole.from), whole.to - span);
  return { from, to: from + span };
}

/** A time in the unit that suits the axis: `27.5 ms`, `3.2 s`. */
export function seconds(value: number): string {
  const size = Math.abs(value);
  if (size >= 99.95) return `${value.toFixed(0)} s`;
  if (size >= 9.995) return `${value.toFixed(1)} s`;
  if (size >= 1) return `${value.toFixed(2)} s`;
  const ms = value * 1e3;
  if (size >= 0.09995) return `${ms.toFixed(0)} ms`;
  if (size >= 0.009995) return `${ms.toFixed(1)} ms`;
  return size === 0 ? '0 ms' : `${ms.toFixed(2)} ms`;
}
