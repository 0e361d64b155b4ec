// Result rows of a race, in the schema that all benchmarks share.

import type { InputSet } from '../../../src/gpu/subject.ts';
import { limitOf, timing } from '../../../src/measure/bound.ts';
import { measured } from '../../../src/measure/samples.ts';
import type { Ceilings, ResultRow } from '../../../src/measure/schema.ts';
import { blankRow } from '../../../src/worker/bench/contender.ts';
import type { Entrant } from './entrants.ts';

/** A row with figures, or with the reason why there are none. */
export function raceRow(
  set: InputSet,
  shape: string,
  entrant: Entrant,
  form: { readonly samples: readonly number[] } | string,
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
  const durations = measured(form.samples);
  if (!durations.ok) return { ...row, verified: true, why: durations.error };
  const limit = limitOf(entrant.work, ceilings);
  return {
    ...row,
    ...timing(entrant.work, durations.value, limit),
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
