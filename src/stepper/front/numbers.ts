// Scalar arithmetic that WGSL defines and JavaScript lacks: f16 rounding, bit casts, saturating
// conversions, integer division. Shared by constant evaluation and by the machine's instructions.

import { f16round, getFloat16, setFloat16 } from '@petamoriken/float16';
import type { Scalar } from './types.ts';

/** A constant's scalar: bigint for abstract-int, number for all others (bool is 0 or 1). */
export type Num = number | bigint;

export const roundF16: (x: number) => number = f16round;

const scratch = new DataView(new ArrayBuffer(8));
export function bitsOfF32(x: number): number {
  scratch.setFloat32(0, x);
  return scratch.getInt32(0);
}
export function f32OfBits(bits: number): number {
  scratch.setInt32(0, bits);
  return scratch.getFloat32(0);
}
export function bitsOfF16(x: number): number {
  setFloat16(scratch, 0, x);
  return scratch.getUint16(0);
}
export function f16OfBits(bits: number): number {
  scratch.setUint16(0, bits);
  return getFloat16(scratch, 0);
}

/** Rounds a number to what the scalar kind can hold, wrapping integers. */
export function rounded(s: Scalar, x: number): number {
  switch (s) {
    case 'f32':
      return Math.fround(x);
    case 'f16':
      return roundF16(x);
    case 'i32':
      return x | 0;
    case 'u32':
      return x >>> 0;
    case 'bool':
      return x === 0 ? 0 : 1;
    case 'abstract-int':
    case 'abstract-float':
      return x;
  }
}

/** f32 to integer: towards zero, clamped to the integers that f32 can hold (WGSL §17.1.2), NaN to 0. */
export const floatToI32 = (x: number): number =>
  x >= 2147483520 ? 2147483520 : x <= -2147483648 ? -2147483648 : x | 0;
export const floatToU32 = (x: number): number => (x >= 4294967040 ? 4294967040 : x > 0 ? x >>> 0 : 0);

/** Below this a f32 is subnormal, which conversions to bool take for 0, as flushing hardware does. */
const SMALLEST_NORMAL = 2 ** -126;
export const floatToBool = (x: number): number => (Math.abs(x) < SMALLEST_NORMAL ? 0 : 1);

/** A value conversion (WGSL §17.1.2) between concrete scalars. */
export function convertScalar(from: Scalar, to: Scalar, x: number): number {
  if (to === 'bool') return from === 'f32' ? floatToBool(x) : x !== 0 ? 1 : 0;
  const float = from === 'f32' || from === 'f16' || from === 'abstract-float';
  if (to === 'i32') return float ? floatToI32(x) : x | 0;
  if (to === 'u32') return float ? floatToU32(x) : x >>> 0;
  return rounded(to, x);
}

export const divideI32 = (a: number, b: number): number => (b === 0 ? a : (a / b) | 0);
export const remainderI32 = (a: number, b: number): number => (b === 0 ? 0 : (a % b) | 0);
export const divideU32 = (a: number, b: number): number => (b === 0 ? a : (a / b) >>> 0);
export const remainderU32 = (a: number, b: number): number => (b === 0 ? 0 : (a % b) >>> 0);
/** x − y · trunc(x ÷ y) (WGSL §8.7), not rounded between: the exact remainder is itself a f32. */
export const remainderF32 = (a: number, b: number): number => a % b;

export const clz = (x: number): number => Math.clz32(x);
export const ctz = (x: number): number => (x === 0 ? 32 : 31 - Math.clz32(x & -x));
export function popcount(x: number): number {
  let v = x - ((x >>> 1) & 0x55555555);
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333);
  return Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
export function reverseBits(x: number): number {
  let v = ((x >>> 1) & 0x55555555) | ((x & 0x55555555) << 1);
  v = ((v >>> 2) & 0x33333333) | ((v & 0x33333333) << 2);
  v = ((v >>> 4) & 0x0f0f0f0f) | ((v & 0x0f0f0f0f) << 4);
  v = ((v >>> 8) & 0x00ff00ff) | ((v & 0x00ff00ff) << 8);
  return (v >>> 16) | (v << 16);
}
export const firstLeadingU32 = (x: number): number => (x === 0 ? -1 : 31 - Math.clz32(x));
export const firstLeadingI32 = (x: number): number => firstLeadingU32(x < 0 ? ~x : x);
export const firstTrailing = (x: number): number => (x === 0 ? -1 : ctz(x));

/** extractBits (WGSL §17.5.20): offset and count are clamped to the word. */
export function extractU32(e: number, offset: number, count: number): number {
  const o = Math.min(offset, 32);
  const c = Math.min(count, 32 - o);
  return c === 0 ? 0 : c === 32 ? e >>> 0 : (e >>> o) & (2 ** c - 1);
}
export function extractI32(e: number, offset: number, count: number): number {
  const o = Math.min(offset, 32);
  const c = Math.min(count, 32 - o);
  return c === 0 ? 0 : (e << (32 - o - c)) >> (32 - c);
}
export function insertBits(e: number, bits: number, offset: number, count: number): number {
  const o = Math.min(offset, 32);
  const c = Math.min(count, 32 - o);
  if (c === 0) return e | 0;
  const mask = (c === 32 ? -1 : (1 << c) - 1) << o;
  return (e & ~mask) | ((bits << o) & mask);
}

const byte = (x: number, i: number): number => (x >>> (8 * i)) & 255;
const signedByte = (x: number, i: number): number => (x << (24 - 8 * i)) >> 24;
export const dot4U8 = (a: number, b: number): number => {
  let sum = 0;
  for (let i = 0; i < 4; i++) sum += byte(a, i) * byte(b, i);
  return sum;
};
export const dot4I8 = (a: number, b: number): number => {
  let sum = 0;
  for (let i = 0; i < 4; i++) sum += signedByte(a, i) * signedByte(b, i);
  return sum;
};
export const unpackByte = byte;
export const unpackSignedByte = signedByte;
