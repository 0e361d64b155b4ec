// Turns a list of requests into what the run loop asks: an open loop by their arrival times, or a closed
// loop in which a fixed number of clients send the next request when the last one is answered.

import { assert } from '../core/assert.ts';
import type { Arrivals } from '../engine/loop.ts';
import type { Request } from '../engine/request.ts';

/** Requests arrive when they say, whatever the server does. */
export function openLoop(requests: readonly Request[]): Arrivals {
  const sorted = [...requests].sort((a, b) => a.arrival - b.arrival || a.id - b.id);
  let next = 0;
  return {
    peek: () => sorted[next]?.arrival ?? Number.POSITIVE_INFINITY,
    take: () => {
      const request = sorted[next++];
      assert(request, 'no request arrives any more');
      return request;
    },
  };
}

/** `clients` requests are under way at most; an answered client thinks for `think` seconds, then sends the next. */
export function closedLoop(requests: readonly Request[], clients: number, think = 0): Arrivals {
  const due: number[] = Array.from({ length: Math.min(clients, requests.length) }, () => 0);
  let next = 0;
  return {
    peek: () => (next < requests.length ? (due[0] ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY),
    take: () => {
      const arrival = due.shift();
      const request = requests[next++];
      assert(request && arrival !== undefined, 'no request arrives any more');
      return { ...request, arrival };
    },
    ended: (_id, time) => {
      due.push(time + think);
    },
  };
}
