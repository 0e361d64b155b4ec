// The requests of a workload as a device served them: to keep to a time it takes the first of them, and what is computed is held
// against it only when it is of the same ones. Pure.

import type { Served } from './serve.ts';
import type { Wanted } from './spec.ts';

/** What was asked for, of the requests that whole runs served, with the arrivals that they had; all of it where there is no whole run. */
export function asServed(want: Wanted, runs: readonly Served[]): Wanted {
  const whole = runs.find(({ header }) => header.incomplete === undefined);
  if (!whole) return want;
  const arrivals = new Map(whole.requests.map(({ id, arrival }) => [id, arrival]));
  const requests = want.requests.flatMap((request) => {
    const arrival = arrivals.get(request.id);
    if (arrival === undefined) return [];
    // a closed loop sends the next when one is answered: when that is, is for each clock to say
    return want.closed ? [request] : [{ ...request, arrival }];
  });
  return { ...want, requests };
}
