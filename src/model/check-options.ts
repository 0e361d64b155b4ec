// Refuses sizes of a runtime that its kernels or buffers cannot have, naming the option.

import { err, type Failure, failure, ok, type Result } from '../core/result.ts';
import { NO_SLOT } from './batch.ts';
import type { RuntimeOptions } from './contract.ts';
import { pageSizes } from './formats.ts';

export type OptionsFailure = Failure<'bad-options'>;

const counts = ['pages', 'rows', 'window', 'maxTokens', 'maxLogits', 'sampleSlots', 'inFlight'] as const;

export function checkOptions(o: RuntimeOptions): Result<true, OptionsFailure> {
  const bad = (option: keyof RuntimeOptions, hint: string) =>
    err(failure('bad-options', `The runtime's ${option} is ${String(o[option])}.`, hint));
  for (const option of counts)
    if (!Number.isSafeInteger(o[option]) || o[option] < 1)
      return bad(option, 'It must be a whole number above 0.');
  if (!pageSizes.some((size) => size === o.pageSize))
    return bad('pageSize', `The kernels take pages of ${pageSizes.join(', ')} tokens.`);
  // a slot is a u32, and the last one means none
  if (o.pages * o.pageSize > NO_SLOT)
    return bad('pages', `${NO_SLOT} tokens fit all pages at most: choose fewer.`);
  if (o.largestBinding !== undefined && !(o.largestBinding > 0))
    return bad('largestBinding', 'It must be above 0.');
  return ok(true);
}
