// Where the cursor stands when a run of the same kernel takes another one's turn: changed code and settings keep its place.

import { findPlace, placeOf } from '../../views/step/navigate.ts';
import type { Opened } from '../../worker/step-protocol.ts';
import type { Session } from './session.ts';

/** Where a run begins to be looked at: behind the first statement that touches storage or tiles. */
export const firstTime = (opened: Opened): number => Math.min(opened.firstAccess + 1, opened.length);

/** The time in `next` of what stood at `time` in `before`; where the code has gone, as many statements on. */
export function keptTime(before: Session, time: number, next: Session): number {
  const place = placeOf(before.recording, before.lines, time);
  const found = place && findPlace(next.recording, next.lines, place);
  if (found !== null) return found;
  // how many statements another pass has run says nothing of this one
  const samePass = before.subject.launch.pass === next.subject.launch.pass;
  return samePass ? Math.min(time, next.opened.length) : firstTime(next.opened);
}
