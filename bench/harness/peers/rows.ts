// Result rows of a race, in the schema that all benchmarks share.

import type { InputSet } from '../../../src/gpu/inputs.ts';
import { limitOf, timing } from '../../../src/measure/bound.ts';
import type { TurnTimes } from '../../../src/measure/rank.ts';
import { measured } from '../../../src/measure/samples.ts';
import type { Ceilings, ResultRow } from '../../../src/measure/schema.ts';
import { blankRow } from '../../../src/worker/bench/contender.ts';
import type { Entrant, Refusal } from './entrants.ts';

/** One form of an entrant as it was raced, or why it was not. */
export interface Raced {
  readonly set: InputSet;
  readonly shape: string;
  readonly entrant: Entrant;
  readonly form: { readonly samples: TurnTimes } | string;
  readonly clock: ResultRow['clock'];
  readonly ceilings: Ceilings;
}

/** A row with figures, or with the reason why there are none. */
export function raceRow({ set, shape, entrant, form, clock, ceilings }: Raced): ResultRow {
  const { peer, version, reduction, check } = entrant;
  const row: ResultRow = {
    ...blankRow(set, shape, { id: version, reduction }, 'untimed', typeof form === 'string' ? form : null),
    verified: true,
    peer,
    clock,
    maxError: check.maxError,
    accuracy: check.accuracy,
    tolerance: entrant.tolerance,
    params: entrant.params,
  };
  if (typeof form === 'string') return row;
  const durations = measured(form.samples);
  if (!durations.ok) return { ...row, status: 'untimed', why: durations.error };
  const limit = limitOf(entrant.work, ceilings);
  return {
    ...row,
    ...timing(entrant.work, durations.value, limit),
    status: 'measured',
    why: null,
    ceiling: limit?.ceiling ?? null,
    bound: limit?.bound ?? null,
    samplesMs: [...form.samples],
  };
}

export function refusedRow(
  set: Pick<InputSet, 'op' | 'dims' | 'dtype'>,
  shape: string,
  peer: string,
  version: string,
  { status, why }: Refusal,
): ResultRow {
  return { ...blankRow(set, shape, { id: version, reduction: 'unknown' }, status, why), peer };
}
