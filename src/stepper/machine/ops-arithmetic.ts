// Instructions that compute: register to register, no side effects, so they run over the whole range from
// the first to the last active lane. The frequent ones are written out, because a shared loop around a
// callback costs several times as much.

import { divideI32, divideU32, remainderF32, remainderI32, remainderU32 } from '../front/numbers.ts';
import type { Op } from './machine.ts';
import { type Binary, half, testF, zipF, zipI, zipU } from './ops-map.ts';

const addF: Binary = (d, a, b) => (m) => {
  const { F, off, hi } = m;
  for (let l = off + m.lo, e = off + hi; l < e; l++) F[d + l] = (F[a + l] as number) + (F[b + l] as number);
};
const subF: Binary = (d, a, b) => (m) => {
  const { F, off, hi } = m;
  for (let l = off + m.lo, e = off + hi; l < e; l++) F[d + l] = (F[a + l] as number) - (F[b + l] as number);
};
const mulF: Binary = (d, a, b) => (m) => {
  const { F, off, hi } = m;
  for (let l = off + m.lo, e = off + hi; l < e; l++) F[d + l] = (F[a + l] as number) * (F[b + l] as number);
};
const divF: Binary = (d, a, b) => (m) => {
  const { F, off, hi } = m;
  for (let l = off + m.lo, e = off + hi; l < e; l++) F[d + l] = (F[a + l] as number) / (F[b + l] as number);
};
const maxF: Binary = (d, a, b) => (m) => {
  const { F, off, hi } = m;
  for (let l = off + m.lo, e = off + hi; l < e; l++) {
    const x = F[a + l] as number;
    const y = F[b + l] as number;
    F[d + l] = x < y || Number.isNaN(x) ? y : x;
  }
};
const minF: Binary = (d, a, b) => (m) => {
  const { F, off, hi } = m;
  for (let l = off + m.lo, e = off + hi; l < e; l++) {
    const x = F[a + l] as number;
    const y = F[b + l] as number;
    F[d + l] = y < x || Number.isNaN(x) ? y : x;
  }
};
const addI: Binary = (d, a, b) => (m) => {
  const { I, off, hi } = m;
  for (let l = off + m.lo, e = off + hi; l < e; l++)
    I[d + l] = ((I[a + l] as number) + (I[b + l] as number)) | 0;
};
const subI: Binary = (d, a, b) => (m) => {
  const { I, off, hi } = m;
  for (let l = off + m.lo, e = off + hi; l < e; l++)
    I[d + l] = ((I[a + l] as number) - (I[b + l] as number)) | 0;
};
const mulI: Binary = (d, a, b) => (m) => {
  const { I, off, hi } = m;
  for (let l = off + m.lo, e = off + hi; l < e; l++)
    I[d + l] = Math.imul(I[a + l] as number, I[b + l] as number);
};
const andI: Binary = (d, a, b) => (m) => {
  const { I, off, hi } = m;
  for (let l = off + m.lo, e = off + hi; l < e; l++) I[d + l] = (I[a + l] as number) & (I[b + l] as number);
};
const orI: Binary = (d, a, b) => (m) => {
  const { I, off, hi } = m;
  for (let l = off + m.lo, e = off + hi; l < e; l++) I[d + l] = (I[a + l] as number) | (I[b + l] as number);
};
const xorI: Binary = (d, a, b) => (m) => {
  const { I, off, hi } = m;
  for (let l = off + m.lo, e = off + hi; l < e; l++) I[d + l] = (I[a + l] as number) ^ (I[b + l] as number);
};
const shl: Binary = (d, a, b) => (m) => {
  const { I, off, hi } = m;
  for (let l = off + m.lo, e = off + hi; l < e; l++) I[d + l] = (I[a + l] as number) << (I[b + l] as number);
};
const shrI: Binary = (d, a, b) => (m) => {
  const { I, off, hi } = m;
  for (let l = off + m.lo, e = off + hi; l < e; l++) I[d + l] = (I[a + l] as number) >> (I[b + l] as number);
};
const shrU: Binary = (d, a, b) => (m) => {
  const { I, off, hi } = m;
  for (let l = off + m.lo, e = off + hi; l < e; l++) I[d + l] = (I[a + l] as number) >>> (I[b + l] as number);
};
const eqI: Binary = (d, a, b) => (m) => {
  const { I, off, hi } = m;
  for (let l = off + m.lo, e = off + hi; l < e; l++) I[d + l] = I[a + l] === I[b + l] ? 1 : 0;
};
const neI: Binary = (d, a, b) => (m) => {
  const { I, off, hi } = m;
  for (let l = off + m.lo, e = off + hi; l < e; l++) I[d + l] = I[a + l] !== I[b + l] ? 1 : 0;
};
const ltI: Binary = (d, a, b) => (m) => {
  const { I, off, hi } = m;
  for (let l = off + m.lo, e = off + hi; l < e; l++)
    I[d + l] = (I[a + l] as number) < (I[b + l] as number) ? 1 : 0;
};
const leI: Binary = (d, a, b) => (m) => {
  const { I, off, hi } = m;
  for (let l = off + m.lo, e = off + hi; l < e; l++)
    I[d + l] = (I[a + l] as number) <= (I[b + l] as number) ? 1 : 0;
};
const ltU: Binary = (d, a, b) => (m) => {
  const { I, U, off, hi } = m;
  for (let l = off + m.lo, e = off + hi; l < e; l++)
    I[d + l] = (U[a + l] as number) < (U[b + l] as number) ? 1 : 0;
};
const leU: Binary = (d, a, b) => (m) => {
  const { I, U, off, hi } = m;
  for (let l = off + m.lo, e = off + hi; l < e; l++)
    I[d + l] = (U[a + l] as number) <= (U[b + l] as number) ? 1 : 0;
};
const swap =
  (op: Binary): Binary =>
  (d, a, b) =>
    op(d, b, a);

const floats: Readonly<Record<string, Binary>> = {
  '+': addF,
  '-': subF,
  '*': mulF,
  '/': divF,
  '%': zipF(remainderF32),
  min: minF,
  max: maxF,
};
const halves: Readonly<Record<string, Binary>> = {
  '+': half((x, y) => x + y),
  '-': half((x, y) => x - y),
  '*': half((x, y) => x * y),
  '/': half((x, y) => Math.fround(x / y)),
  '%': half((x, y) => x - y * Math.trunc(x / y)),
  min: minF,
  max: maxF,
};
const comparisons: Readonly<Record<string, Binary>> = {
  '==': testF((x, y) => x === y),
  '!=': testF((x, y) => x !== y),
  '<': testF((x, y) => x < y),
  '<=': testF((x, y) => x <= y),
  '>': testF((x, y) => x > y),
  '>=': testF((x, y) => x >= y),
};
const bits: Readonly<Record<string, Binary>> = { '&': andI, '|': orI, '^': xorI, '==': eqI, '!=': neI };
const wraps: Readonly<Record<string, Binary>> = { ...bits, '+': addI, '-': subI, '*': mulI, '<<': shl };
const signed: Readonly<Record<string, Binary>> = {
  ...wraps,
  '/': zipI(divideI32),
  '%': zipI(remainderI32),
  '>>': shrI,
  '<': ltI,
  '<=': leI,
  '>': swap(ltI),
  '>=': swap(leI),
  min: zipI(Math.min),
  max: zipI(Math.max),
};
const unsigned: Readonly<Record<string, Binary>> = {
  ...wraps,
  '/': zipU(divideU32),
  '%': zipU(remainderU32),
  '>>': shrU,
  '<': ltU,
  '<=': leU,
  '>': swap(ltU),
  '>=': swap(leU),
  min: zipU(Math.min),
  max: zipU(Math.max),
};

/** The instruction of an operator (or min, max) on two scalars of one kind. */
export const binaryOps: Readonly<Record<string, Readonly<Record<string, Binary>>>> = {
  f32: { ...floats, ...comparisons },
  f16: { ...halves, ...comparisons },
  i32: signed,
  u32: unsigned,
  bool: bits,
};

/** d = c ? t : f, lane by lane. */
export const selectOp =
  (d: number, f: number, t: number, c: number): Op =>
  (m) => {
    const { I, off, hi } = m;
    for (let l = off + m.lo, e = off + hi; l < e; l++)
      I[d + l] = I[c + l] !== 0 ? (I[t + l] as number) : (I[f + l] as number);
  };

/** d = round(a × b + c): a, b and c are f32, so the product is exact in a double. */
export const fmaOp =
  (d: number, a: number, b: number, c: number): Op =>
  (m) => {
    const { F, off, hi } = m;
    for (let l = off + m.lo, e = off + hi; l < e; l++) {
      F[d + l] = (F[a + l] as number) * (F[b + l] as number) + (F[c + l] as number);
    }
  };

/** Σ of four signed or unsigned byte products: written out, because int8 kernels live on it. */
export const dot4Op = (d: number, a: number, b: number, signed: boolean): Op =>
  signed
    ? (m) => {
        const { I, off, hi } = m;
        for (let l = off + m.lo, e = off + hi; l < e; l++) {
          const x = I[a + l] as number;
          const y = I[b + l] as number;
          I[d + l] =
            ((x << 24) >> 24) * ((y << 24) >> 24) +
            ((x << 16) >> 24) * ((y << 16) >> 24) +
            ((x << 8) >> 24) * ((y << 8) >> 24) +
            (x >> 24) * (y >> 24);
        }
      }
    : (m) => {
        const { U, off, hi } = m;
        for (let l = off + m.lo, e = off + hi; l < e; l++) {
          const x = U[a + l] as number;
          const y = U[b + l] as number;
          U[d + l] =
            (x & 255) * (y & 255) +
            ((x >>> 8) & 255) * ((y >>> 8) & 255) +
            ((x >>> 16) & 255) * ((y >>> 16) & 255) +
            (x >>> 24) * (y >>> 24);
        }
      };
