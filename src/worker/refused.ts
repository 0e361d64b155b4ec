// A failure of the rooms below as the page gets it: whoever cancelled something is not told of a problem.

import { err, type Failure, failure, type Result } from '../core/result.ts';

export const refused = ({ code, message, hint }: Failure): Result<never, Failure<'refused' | 'cancelled'>> =>
  err(failure(code === 'cancelled' ? code : 'refused', message, hint));
