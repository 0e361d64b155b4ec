// Waiting that can be given up. What was waited for goes on by itself; only this wait ends.

import { type Failure, failure } from '../core/result.ts';

/** Why something should stop; null while it may go on. */
export type Stop = () => string | null;

export const never: Stop = () => null;

export type Cancelled = Failure<'cancelled'>;

export const cancelled = (what: string): Cancelled =>
  failure('cancelled', `${what} was cancelled.`, 'Nothing of it was kept; start it again.');

/** Milliseconds between two looks at `stop`: short to a person, long to a processor. */
const every = 25;

/** What `work` gives, or null once `stop` says so, also where both come at once. A later failure of `work` is nobody's. */
export async function unlessStopped<T>(work: Promise<T>, stop: Stop): Promise<T | null> {
  let timer: ReturnType<typeof setInterval> | undefined;
  const stopped = new Promise<null>((resolve) => {
    timer = setInterval(() => {
      if (stop()) resolve(null);
    }, every);
  });
  work.catch(() => undefined);
  try {
    const done = await Promise.race([work, stopped]);
    return stop() ? null : done;
  } finally {
    clearInterval(timer);
  }
}
