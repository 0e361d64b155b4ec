// The arrivals of one run, with a note of whom the engine took and whom it refused: what run files and reports need of them.

import type { Failure } from '../core/result.ts';
import type { Arrivals } from './loop.ts';
import type { Request } from './request.ts';

export interface Refusal {
  readonly request: Request;
  readonly why: Failure;
}

/** How many requests were refused, and why the first was; null when none were. */
export type Refused = { readonly count: number; readonly why: string } | null;

export const refusedOf = (refusals: readonly Refusal[]): Refused =>
  refusals[0] ? { count: refusals.length, why: refusals[0].why.message } : null;

export class NotedArrivals implements Arrivals {
  /** In the order in which the engine took them, with the arrivals that they really had. */
  readonly taken: Request[] = [];
  readonly refusals: Refusal[] = [];
  private readonly source: Arrivals;

  constructor(source: Arrivals) {
    this.source = source;
  }

  peek(): number {
    return this.source.peek();
  }

  take(): Request {
    const request = this.source.take();
    this.taken.push(request);
    return request;
  }

  ended(id: number, time: number): void {
    this.source.ended?.(id, time);
  }

  refused(request: Request, why: Failure): void {
    this.taken.splice(this.taken.lastIndexOf(request), 1);
    this.refusals.push({ request, why });
  }
}
