// Result rows of a race, in the schema that all benchmarks share.

import { spread } from '../../../src/core/stats.ts';
import type { InputSet } from '../../../src/gpu/subject.ts';
import { limitOf, timing } from '../../../src/measure/bound.ts';
import { type TurnTimes, timesOf } from '../../../src/measure/rank.ts';
import type { Ceilings, ResultRow } from '../../../src/measure/schema.ts';
import { blankRow } from '../../../src/worker/bench/contender.ts';
import type { Entrant } from './entrants.ts';

/** A row with figures, or with the reason why there are none. */
export function raceRow(
  set: InputSet,
  shape: string,
  entrant: Entrant,
  form: { readonly samples: TurnTimes } | string,
  clock: ResultRow['clock'],
  ceilings: Ceilings,
): ResultRow {
  const { peer, version, reduction, check } = entrant;
  const row: ResultRow = {
    ...blankRow(set, shape, { id: version, reduction }),
    peer,
    clock,
    maxError: check.maxError,
    accuracy: check.accuracy,
    tolerance: entrant.tolerance,
    params: entrant.params,
  };
  if (typeof form === 'string') return { ...row, why: form };
  const times = timesOf(form.samples);
  if (times.length === 0) return { ...row, verified: true, why: 'no valid interval from this clock' };
  const limit = limitOf(entrant.work, ceilings);
  return {
    ...row,
    ...timing(entrant.work, spread(times), limit),
    verified: true,
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
  why: string,
): ResultRow {
  return { ...blankRow(set, shape, { id: version, reduction: 'unknown' }, why), peer };
}
