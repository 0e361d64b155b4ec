// The rare instructions' loops: any function over the lanes, by the view that its numbers are read through.

import { roundF16 } from '../front/numbers.ts';
import type { Op } from './machine.ts';

/** (destination, left, right) registers to an instruction. */
export type Binary = (d: number, a: number, b: number) => Op;
export type Unary = (d: number, a: number) => Op;

/** Runs `f` on the F view of every lane. */
export const mapF =
  (f: (x: number) => number): Unary =>
  (d, a) =>
  (m) => {
    const { F, off, hi } = m;
    for (let l = off + m.lo, e = off + hi; l < e; l++) F[d + l] = f(F[a + l] as number);
  };
export const mapI =
  (f: (x: number) => number): Unary =>
  (d, a) =>
  (m) => {
    const { I, off, hi } = m;
    for (let l = off + m.lo, e = off + hi; l < e; l++) I[d + l] = f(I[a + l] as number);
  };
export const mapU =
  (f: (x: number) => number): Unary =>
  (d, a) =>
  (m) => {
    const { U, off, hi } = m;
    for (let l = off + m.lo, e = off + hi; l < e; l++) U[d + l] = f(U[a + l] as number);
  };
export const zipF =
  (f: (x: number, y: number) => number): Binary =>
  (d, a, b) =>
  (m) => {
    const { F, off, hi } = m;
    for (let l = off + m.lo, e = off + hi; l < e; l++) F[d + l] = f(F[a + l] as number, F[b + l] as number);
  };
export const zipI =
  (f: (x: number, y: number) => number): Binary =>
  (d, a, b) =>
  (m) => {
    const { I, off, hi } = m;
    for (let l = off + m.lo, e = off + hi; l < e; l++) I[d + l] = f(I[a + l] as number, I[b + l] as number);
  };
export const zipU =
  (f: (x: number, y: number) => number): Binary =>
  (d, a, b) =>
  (m) => {
    const { U, off, hi } = m;
    for (let l = off + m.lo, e = off + hi; l < e; l++) U[d + l] = f(U[a + l] as number, U[b + l] as number);
  };
/** As zipF, but the result is a bool. */
export const testF =
  (f: (x: number, y: number) => boolean): Binary =>
  (d, a, b) =>
  (m) => {
    const { I, F, off, hi } = m;
    for (let l = off + m.lo, e = off + hi; l < e; l++)
      I[d + l] = f(F[a + l] as number, F[b + l] as number) ? 1 : 0;
  };
export const half = (f: (x: number, y: number) => number): Binary => zipF((x, y) => roundF16(f(x, y)));

/** d = f(a₀, a₁, …) for a rare instruction of any arity; `from` and `to` choose the views. */
export function generalOp(
  f: (...x: number[]) => number,
  d: number,
  args: readonly number[],
  from: readonly ('F' | 'I' | 'U')[],
  to: 'F' | 'I' | 'U',
): Op {
  return (m) => {
    const out = m[to];
    const values: number[] = new Array(args.length).fill(0);
    for (let l = m.off + m.lo, e = m.off + m.hi; l < e; l++) {
      for (let i = 0; i < args.length; i++) values[i] = m[from[i] ?? 'F'][(args[i] as number) + l] as number;
      out[d + l] = f(...values);
    }
  };
}

/** d = f(args) for built-ins on whole vectors: `args` holds the registers of each argument. */
export function vectorOp(
  f: (...a: number[][]) => readonly number[],
  d: readonly number[],
  args: readonly (readonly number[])[],
  from: readonly ('F' | 'I' | 'U')[],
  to: readonly ('F' | 'I' | 'U')[],
): Op {
  return (m) => {
    for (let l = m.off + m.lo, e = m.off + m.hi; l < e; l++) {
      const values = args.map((registers, i) => registers.map((r) => m[from[i] ?? 'F'][r + l] as number));
      const out = f(...values);
      for (let i = 0; i < d.length; i++) m[to[i] ?? 'F'][(d[i] as number) + l] = out[i] ?? 0;
    }
  };
}
