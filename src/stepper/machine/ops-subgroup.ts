// Subgroup built-ins over the active lanes of the current subgroup (WGSL §17.12).

import type { Machine, Op } from './machine.ts';

type View = 'I' | 'U' | 'F';

/** A reduction, or a scan when `mode` is not all. `round` rounds f16 sums after each step. */
export function reduceOp(
  d: number,
  s: number,
  view: View,
  mode: 'all' | 'inclusive' | 'exclusive',
  identity: number,
  f: (a: number, b: number) => number,
): Op {
  return (m) => {
    const R = m[view];
    const { off, L, n } = m;
    let sum = identity;
    for (let j = 0; j < n; j++) {
      const l = off + (L[j] as number);
      const next = f(sum, R[s + l] as number);
      if (mode !== 'all') R[d + l] = mode === 'inclusive' ? next : sum;
      sum = next;
    }
    if (mode === 'all') for (let j = 0; j < n; j++) R[d + off + (L[j] as number)] = sum;
  };
}

/** Every lane reads register s of the lane that `source` names (from itself and its operand). An inactive
 * or missing source gives the lane's own value: WGSL leaves that case indeterminate. */
export function shuffleOp(
  d: number,
  s: number,
  operand: number,
  source: (lane: number, x: number) => number,
): Op {
  return (m) => {
    const { I, off, L, n, width } = m;
    const out: number[] = [];
    for (let j = 0; j < n; j++) {
      const l = L[j] as number;
      const from = source(l, I[off + operand + l] as number);
      out.push(I[off + s + (from >= 0 && from < width ? from : l)] as number);
    }
    for (let j = 0; j < n; j++) I[off + d + (L[j] as number)] = out[j] as number;
  };
}

/** The value of the first active lane. */
export const broadcastFirstOp =
  (d: number, s: number): Op =>
  (m) => {
    const { I, off, L, n } = m;
    const x = I[off + s + (L[0] as number)] as number;
    for (let j = 0; j < n; j++) I[off + d + (L[j] as number)] = x;
  };

/** One bit a lane, in four words. */
export function ballotOp(d: readonly number[], test: number): Op {
  return (m) => {
    const { I, off, L, n } = m;
    const words = [0, 0, 0, 0];
    for (let j = 0; j < n; j++) {
      const l = L[j] as number;
      if (I[off + test + l] !== 0) words[l >> 5] = (words[l >> 5] ?? 0) | (1 << (l & 31));
    }
    for (let w = 0; w < 4; w++) {
      for (let j = 0; j < n; j++) I[off + (d[w] as number) + (L[j] as number)] = words[w] ?? 0;
    }
  };
}

export function voteOp(d: number, test: number, all: boolean): Op {
  return (m) => {
    const { I, off, L, n } = m;
    let hits = 0;
    for (let j = 0; j < n; j++) if (I[off + test + (L[j] as number)] !== 0) hits++;
    const answer = (all ? hits === n : hits > 0) ? 1 : 0;
    for (let j = 0; j < n; j++) I[off + d + (L[j] as number)] = answer;
  };
}

export const electOp =
  (d: number): Op =>
  (m: Machine) => {
    for (let j = 0; j < m.n; j++) m.I[m.off + d + (m.L[j] as number)] = j === 0 ? 1 : 0;
  };
