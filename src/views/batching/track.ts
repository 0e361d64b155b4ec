// A trace arranged for drawing: what each request did, step by step, in flat arrays by request. make-track.ts builds
// it once for a trace; everything that is drawn or said at a time t is found in it by binary search.

import { REQUEST_EVENTS, TOKEN_KINDS, type TokenKind, type Trace } from '../../engine/trace.ts';

/** Entries of request r: offset[r] … offset[r + 1] − 1, in order of time. */
export interface Cells {
  readonly offset: Uint32Array;
  readonly step: Uint32Array;
  /** Index into TOKEN_KINDS: what most of the row's tokens were; padding only when all were. */
  readonly kind: Uint8Array;
  readonly tokens: Uint32Array;
  /** Tokens computed with the row and thrown away. */
  readonly padding: Uint32Array;
  /** Position after the row's last token. */
  readonly position: Uint32Array;
  readonly emits: Uint8Array;
  /** Where the first of its tokens stands in the trace's tokens; means nothing where `emits` is 0. */
  readonly token: Uint32Array;
}

/** Cells of one kind in steps that follow each other, merged: what is drawn where cells are too narrow. */
export interface Spans {
  readonly offset: Uint32Array;
  readonly first: Uint32Array;
  readonly last: Uint32Array;
  readonly kind: Uint8Array;
}

/** Why a request waited, from … to in seconds. `NO_REASON`: it arrived while a step ran. */
export interface Waits {
  readonly offset: Uint32Array;
  readonly from: Float64Array;
  readonly to: Float64Array;
  readonly reason: Uint8Array;
}
export const NO_REASON = 255;

export interface Track {
  /** Tells tracks of one picture apart. */
  readonly key: string;
  readonly title: string;
  /** The strategy's rule in one sentence. */
  readonly rule: string;
  /** Residents at once. */
  readonly slots: number;
  readonly trace: Trace;
  readonly steps: number;
  readonly requests: number;
  readonly ids: Uint32Array;
  readonly cells: Cells;
  readonly spans: Spans;
  readonly waits: Waits;
  readonly arrival: Float64Array;
  /** Second of the first output token; NaN when there is none. */
  readonly firstToken: Float64Array;
  /** Its step, counted from 0; means nothing while firstToken is NaN. */
  readonly firstStep: Uint32Array;
  /** Second of the last output token, or of the abort; NaN while it runs. */
  readonly ended: Float64Array;
  /** 1: answered to its end; 0: given up, or still on its way. */
  readonly answered: Uint8Array;
  /** Step of the last output token, counted from 0. */
  readonly lastStep: Uint32Array;
  readonly outputs: Uint32Array;
  /** End of the last step in seconds. */
  readonly end: number;
}

export interface TrackName {
  readonly key: string;
  readonly title: string;
  readonly rule: string;
  readonly slots: number;
}

export const kindName = (code: number): TokenKind => TOKEN_KINDS[code] ?? 'prefill';

/** First index in [low, high) whose `key` is above `value`, for keys that ascend. */
export function upperBound(low: number, high: number, value: number, key: (i: number) => number): number {
  let a = low;
  let b = high;
  while (a < b) {
    const middle = (a + b) >>> 1;
    if (key(middle) > value) b = middle;
    else a = middle + 1;
  }
  return a;
}

/** The cell of request r in a step, if it has one. */
export function cellAt(track: Track, r: number, step: number): number | undefined {
  const { offset, step: steps } = track.cells;
  const low = offset[r] as number;
  const c = upperBound(low, offset[r + 1] as number, step, (i) => steps[i] as number) - 1;
  return c >= low && steps[c] === step ? c : undefined;
}

/** Output tokens of request r that came out of the first `steps` steps. */
export function tokensBy(track: Track, r: number, steps: number): number[] {
  const { offset, step, emits, token } = track.cells;
  const ids = track.trace.tokens.columns.id;
  const out: number[] = [];
  for (let c = offset[r] as number; c < (offset[r + 1] as number) && (step[c] as number) < steps; c++)
    for (let k = 0; k < (emits[c] as number); k++) out.push(ids[(token[c] as number) + k] as number);
  return out;
}

/** The wait of request r at a time, if it waits then. */
export function waitAt(track: Track, r: number, time: number): number | undefined {
  const { offset, from, to } = track.waits;
  const low = offset[r] as number;
  const w = upperBound(low, offset[r + 1] as number, time, (i) => from[i] as number) - 1;
  return w >= low && time < (to[w] as number) ? w : undefined;
}

/** Tokens whose K and V request r holds when `step` has run. */
export function tokensHeld(track: Track, r: number, step: number): number {
  const { offset, step: steps, position } = track.cells;
  const low = offset[r] as number;
  let c = upperBound(low, offset[r + 1] as number, step, (i) => steps[i] as number) - 1;
  while (c >= low && (position[c] as number) === 0) c--; // rows of padding alone
  return c >= low ? (position[c] as number) : 0;
}

/** Steps whose residents are others than those of the step before: somebody joined, was thrown out or had left. */
export function turningSteps({ trace }: Pick<Track, 'trace'>): readonly number[] {
  const at = new Set<number>();
  const { columns, length } = trace.events;
  for (let i = 0; i < length; i++) {
    const kind = REQUEST_EVENTS[columns.kind[i] as number];
    if (kind === 'admitted' || kind === 'preempted' || kind === 'finished' || kind === 'aborted')
      at.add(columns.step[i] as number);
  }
  return [...at].sort((a, b) => a - b);
}
