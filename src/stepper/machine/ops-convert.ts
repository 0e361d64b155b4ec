// Instructions that convert, move and negate, register to register.

import { floatToBool, floatToI32, floatToU32, roundF16 } from '../front/numbers.ts';
import { mapF, mapI, type Unary } from './ops-map.ts';

const i32ToF: Unary = (d, a) => (m) => {
  const { I, F, off, hi } = m;
  for (let l = off + m.lo, e = off + hi; l < e; l++) F[d + l] = I[a + l] as number;
};
const u32ToF: Unary = (d, a) => (m) => {
  const { U, F, off, hi } = m;
  for (let l = off + m.lo, e = off + hi; l < e; l++) F[d + l] = U[a + l] as number;
};
const fToI32: Unary = (d, a) => (m) => {
  const { I, F, off, hi } = m;
  for (let l = off + m.lo, e = off + hi; l < e; l++) I[d + l] = floatToI32(F[a + l] as number);
};
const fToU32: Unary = (d, a) => (m) => {
  const { U, F, off, hi } = m;
  for (let l = off + m.lo, e = off + hi; l < e; l++) U[d + l] = floatToU32(F[a + l] as number);
};
const fToBool: Unary = (d, a) => (m) => {
  const { I, F, off, hi } = m;
  for (let l = off + m.lo, e = off + hi; l < e; l++) I[d + l] = floatToBool(F[a + l] as number);
};
const halfToBool: Unary = (d, a) => (m) => {
  const { I, F, off, hi } = m;
  for (let l = off + m.lo, e = off + hi; l < e; l++) I[d + l] = F[a + l] !== 0 ? 1 : 0;
};
const toBool = mapI((x) => (x !== 0 ? 1 : 0));
const toF16 = mapF(roundF16);
const i32ToF16: Unary = (d, a) => (m) => {
  const { I, F, off, hi } = m;
  for (let l = off + m.lo, e = off + hi; l < e; l++) F[d + l] = roundF16(I[a + l] as number);
};
const u32ToF16: Unary = (d, a) => (m) => {
  const { U, F, off, hi } = m;
  for (let l = off + m.lo, e = off + hi; l < e; l++) F[d + l] = roundF16(U[a + l] as number);
};

/** The value conversion between two scalar kinds; undefined when the bits stay as they are. */
export function conversionOp(from: string, to: string): Unary | undefined {
  if (from === to) return undefined;
  if (from === 'f32' || from === 'f16') {
    if (to === 'i32') return fToI32;
    if (to === 'u32') return fToU32;
    if (to === 'bool') return from === 'f32' ? fToBool : halfToBool;
    return to === 'f16' ? toF16 : undefined;
  }
  if (to === 'bool') return toBool;
  if (to === 'f32') return from === 'u32' ? u32ToF : i32ToF;
  if (to === 'f16') return from === 'u32' ? u32ToF16 : i32ToF16;
  return undefined;
}

export const negateF: Unary = (d, a) => (m) => {
  const { F, off, hi } = m;
  for (let l = off + m.lo, e = off + hi; l < e; l++) F[d + l] = -(F[a + l] as number);
};
export const negateI: Unary = mapI((x) => -x | 0);
export const notI: Unary = mapI((x) => ~x);
export const notBool: Unary = mapI((x) => x ^ 1);
