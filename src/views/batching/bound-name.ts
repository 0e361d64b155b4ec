// What bounds a run, in a few words that never claim more than the floors explain.

import { explainsLittle, mostOf, type RunBound } from '../../measure/bound.ts';
import { percent } from '../format.ts';

/** In the two or three words of a badge, where boundName takes a clause. */
export const boundBadge = (bound: RunBound): string =>
  explainsLittle(bound) ? `limits explain ${percent(bound.explained ?? 0)}` : boundName(bound);

/** `launch-bound`; where that says little of its time, how little. */
export function boundName(bound: RunBound): string {
  const name = `${mostOf(bound)}-bound`;
  return explainsLittle(bound)
    ? `${name} by floors that explain ${percent(bound.explained ?? 0)} of the time`
    : name;
}
