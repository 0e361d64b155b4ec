// Where a tour's stop puts the cursor, named by what the code does there, so that it survives a changed kernel.

import { findLine, type Recording } from '../../views/step/navigate.ts';

/** Where a stop puts the cursor. */
export type TourPlace =
  | 'start'
  | 'end'
  /** Where the reader is. */
  | 'stay'
  /** After a line that contains `part`, or is `line`, has run for the nth time (from 0) in a subgroup. */
  | { readonly part: string; readonly subgroup: number; readonly nth: number }
  | { readonly line: string; readonly subgroup: number; readonly nth: number }
  /** After the nth step that touches a memory. */
  | { readonly touch: string; readonly nth: number };

/** The time of a place that is named by its line. */
export function placeTime(
  recording: Recording,
  lines: readonly string[],
  place: Extract<TourPlace, { subgroup: number }>,
): number | null {
  const matches = (line: string): boolean =>
    'line' in place ? line === place.line : line.includes(place.part);
  return findLine(recording, lines, matches, place.subgroup, place.nth);
}
