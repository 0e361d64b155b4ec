// The answers of a run, and whether two runs gave the same ones. At equal numerics they must, whatever the strategy.

import { ENDINGS } from './request.ts';
import { requestEventCode, type Trace } from './trace.ts';

/** Output tokens by request id, from the trace alone. */
export function outputsOf(trace: Trace): Map<number, number[]> {
  const out = new Map<number, number[]>();
  const { request, emits } = trace.rows.columns;
  let next = 0;
  for (let row = 0; row < trace.rows.length; row++) {
    const count = emits[row] as number;
    if (count === 0) continue;
    const id = request[row] as number;
    const tokens = out.get(id) ?? [];
    for (let i = 0; i < count; i++) tokens.push(trace.tokens.columns.id[next++] as number);
    out.set(id, tokens);
  }
  return out;
}

/** What a run answered, and whether it reached its end. */
export interface Answers {
  readonly outputs: ReadonlyMap<number, readonly number[]>;
  readonly complete: boolean;
}

const FAILED = ENDINGS.indexOf('failed');

/** The answers in a trace. A run that was cut short ended the requests that were left as failed. */
export function answersIn(trace: Trace): Answers {
  const { kind, a } = trace.events.columns;
  const aborted = requestEventCode('aborted');
  let complete = true;
  for (let i = 0; i < trace.events.length; i++) if (kind[i] === aborted && a[i] === FAILED) complete = false;
  return { outputs: outputsOf(trace), complete };
}

export type Identical =
  /** `tokens`: of the run that the others were held against. */
  | { readonly verdict: 'same'; readonly tokens: number }
  /** The first request whose answers differ, the first token of it that does, and the two runs (indices). */
  | {
      readonly verdict: 'different';
      readonly request: number;
      readonly token: number;
      readonly runs: readonly [number, number];
    }
  /** There are no two runs that have a token each. */
  | { readonly verdict: 'nothing to compare' };

const NONE: readonly number[] = [];

/**
 * Compares every run token by token with the first complete one. An answer that only one of two complete runs has is a
 * difference; a run that was cut short counts as far as it came.
 */
export function identical(runs: readonly Answers[]): Identical {
  const first = Math.max(
    0,
    runs.findIndex((r) => r.complete),
  );
  const base = runs[first];
  let compared = 0;
  for (const [i, other] of runs.entries()) {
    if (!base || i === first) continue;
    const reach = base.complete && other.complete ? Math.max : Math.min;
    for (const request of new Set([...base.outputs.keys(), ...other.outputs.keys()])) {
      const ours = base.outputs.get(request) ?? NONE;
      const theirs = other.outputs.get(request) ?? NONE;
      const length = reach(ours.length, theirs.length);
      for (let token = 0; token < length; token++)
        if (ours[token] !== theirs[token]) return { verdict: 'different', request, token, runs: [first, i] };
      compared += length;
    }
  }
  if (!base || compared === 0) return { verdict: 'nothing to compare' };
  const tokens = [...base.outputs.values()].reduce((sum, answer) => sum + answer.length, 0);
  return { verdict: 'same', tokens };
}
