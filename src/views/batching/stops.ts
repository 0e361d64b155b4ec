// Where the step keys stop: at every step of one track and, past its end, at those of the track that goes on longest.

import { type AxisMode, endOf, startOf } from './axis.ts';
import { type Track, turningSteps, upperBound } from './track.ts';

export interface Stop {
  /** Where its step begins; when the first track ends later, that end. */
  readonly from: number;
  /** Where the cursor goes: the middle of the step. */
  readonly at: number;
  /** Somebody joined or left in it. */
  readonly turns: boolean;
}

export function stopsOf(track: Track, longest: Track, mode: AxisMode): readonly Stop[] {
  const stops: Stop[] = [];
  for (const one of track === longest ? [track] : [track, longest]) {
    const last = stops.length === 0 ? -1 : endOf(track, mode, track.steps - 1);
    const turning = new Set(turningSteps(one));
    for (let s = 0; s < one.steps; s++) {
      const start = startOf(one, mode, s);
      const at = (start + endOf(one, mode, s)) / 2;
      if (at > last) stops.push({ from: Math.max(start, last), at, turns: turning.has(s) });
    }
  }
  return stops;
}

/** The stop that a place belongs to: −1 before the first, their number past the last one's `end`. */
export function stopAt(stops: readonly Stop[], end: number, place: number): number {
  if (place >= end) return stops.length;
  return upperBound(0, stops.length, place, (i) => stops[i]?.from ?? 0) - 1;
}
