// The answers of a run, and whether two runs gave the same ones. At equal numerics they must, whatever the strategy.

import type { Trace } from './trace.ts';

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

export type Identical =
  | { readonly verdict: 'same' }
  /** The first request whose answers differ, where (counted from 0), and the two runs (indices). */
  | {
      readonly verdict: 'different';
      readonly request: number;
      readonly token: number;
      readonly runs: readonly [number, number];
    };

/** The answers of a run, as far as it came. */
export interface Answers {
  readonly outputs: ReadonlyMap<number, readonly number[]>;
  /** Whether the run reached its end. */
  readonly complete: boolean;
}

/** Compares token by token. A run that was cut short counts as far as it came. */
export function identical(runs: readonly Answers[]): Identical {
  const first = Math.max(
    0,
    runs.findIndex((r) => r.complete),
  );
  const base = runs[first];
  if (!base) return { verdict: 'same' };
  for (const [i, other] of runs.entries()) {
    const whole = base.complete && other.complete;
    for (const request of new Set([...base.outputs.keys(), ...other.outputs.keys()])) {
      const tokens = base.outputs.get(request) ?? [];
      const theirs = other.outputs.get(request) ?? [];
      const length = (whole ? Math.max : Math.min)(tokens.length, theirs.length);
      for (let t = 0; t < length; t++) {
        if (tokens[t] !== theirs[t]) return { verdict: 'different', request, token: t, runs: [first, i] };
      }
    }
  }
  return { verdict: 'same' };
}
