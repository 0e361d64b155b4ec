// Packing and unpacking built-ins, and the packed dot products, as plain functions on numbers.

import { bitsOfF16, dot4I8, dot4U8, f16OfBits, unpackByte, unpackSignedByte } from './numbers.ts';

const n = (x: number | undefined): number => x ?? 0;
type Numbers = readonly number[];

const pack = (v: Numbers, bits: number, f: (x: number) => number): number =>
  v.reduce((word, x, i) => word | ((f(x) & (bits === 8 ? 255 : 65535)) << (i * bits)), 0) >>> 0;
const snorm = (scale: number) => (x: number) => Math.floor(0.5 + scale * Math.min(1, Math.max(-1, x)));
const unorm = (scale: number) => (x: number) => Math.floor(0.5 + scale * Math.min(1, Math.max(0, x)));
const bytes = (x: number) => [0, 1, 2, 3].map((i) => unpackByte(x, i));
const signedBytes = (x: number) => [0, 1, 2, 3].map((i) => unpackSignedByte(x, i));
const words = (x: number) => [x & 65535, x >>> 16];

// normalized integers are multiplied by the f32 reciprocal, as implementations do
const TO_SNORM8 = Math.fround(1 / 127);
const TO_UNORM8 = Math.fround(1 / 255);
const TO_SNORM16 = Math.fround(1 / 32767);
const TO_UNORM16 = Math.fround(1 / 65535);

type PackType = readonly ['f32' | 'i32' | 'u32', number];

/** Packing and unpacking: argument types, result type, function from all arguments' components. */
export const packing: Readonly<
  Record<
    string,
    {
      readonly from: readonly PackType[];
      readonly to: PackType;
      readonly f: (...a: Numbers[]) => number[];
      /** For constants, where it differs: WGSL's formula exactly. */
      readonly exact?: (...a: Numbers[]) => number[];
      readonly cost: number;
    }
  >
> = {
  pack4x8snorm: { from: [['f32', 4]], to: ['u32', 1], f: (v = []) => [pack(v, 8, snorm(127))], cost: 4 },
  pack4x8unorm: { from: [['f32', 4]], to: ['u32', 1], f: (v = []) => [pack(v, 8, unorm(255))], cost: 4 },
  pack2x16snorm: { from: [['f32', 2]], to: ['u32', 1], f: (v = []) => [pack(v, 16, snorm(32767))], cost: 2 },
  pack2x16unorm: { from: [['f32', 2]], to: ['u32', 1], f: (v = []) => [pack(v, 16, unorm(65535))], cost: 2 },
  pack2x16float: { from: [['f32', 2]], to: ['u32', 1], f: (v = []) => [pack(v, 16, bitsOfF16)], cost: 2 },
  pack4xI8: { from: [['i32', 4]], to: ['u32', 1], f: (v = []) => [pack(v, 8, (x) => x)], cost: 4 },
  pack4xU8: { from: [['u32', 4]], to: ['u32', 1], f: (v = []) => [pack(v, 8, (x) => x)], cost: 4 },
  pack4xI8Clamp: {
    from: [['i32', 4]],
    to: ['u32', 1],
    f: (v = []) => [pack(v, 8, (x) => Math.max(-128, Math.min(127, x)))],
    cost: 4,
  },
  pack4xU8Clamp: {
    from: [['u32', 4]],
    to: ['u32', 1],
    f: (v = []) => [pack(v, 8, (x) => Math.min(255, x))],
    cost: 4,
  },
  unpack4x8snorm: {
    from: [['u32', 1]],
    to: ['f32', 4],
    f: (v = []) => signedBytes(n(v[0])).map((x) => Math.max(x * TO_SNORM8, -1)),
    exact: (v = []) => signedBytes(n(v[0])).map((x) => Math.max(x / 127, -1)),
    cost: 4,
  },
  unpack4x8unorm: {
    from: [['u32', 1]],
    to: ['f32', 4],
    f: (v = []) => bytes(n(v[0])).map((x) => x * TO_UNORM8),
    exact: (v = []) => bytes(n(v[0])).map((x) => x / 255),
    cost: 4,
  },
  unpack2x16snorm: {
    from: [['u32', 1]],
    to: ['f32', 2],
    f: (v = []) => words(n(v[0])).map((x) => Math.max(((x << 16) >> 16) * TO_SNORM16, -1)),
    exact: (v = []) => words(n(v[0])).map((x) => Math.max(((x << 16) >> 16) / 32767, -1)),
    cost: 2,
  },
  unpack2x16unorm: {
    from: [['u32', 1]],
    to: ['f32', 2],
    f: (v = []) => words(n(v[0])).map((x) => x * TO_UNORM16),
    exact: (v = []) => words(n(v[0])).map((x) => x / 65535),
    cost: 2,
  },
  unpack2x16float: {
    from: [['u32', 1]],
    to: ['f32', 2],
    f: (v = []) => words(n(v[0])).map(f16OfBits),
    cost: 2,
  },
  unpack4xI8: { from: [['u32', 1]], to: ['i32', 4], f: (v = []) => signedBytes(n(v[0])), cost: 4 },
  unpack4xU8: { from: [['u32', 1]], to: ['u32', 4], f: (v = []) => bytes(n(v[0])), cost: 4 },
  dot4I8Packed: {
    from: [
      ['u32', 1],
      ['u32', 1],
    ],
    to: ['i32', 1],
    f: (a = [], b = []) => [dot4I8(n(a[0]), n(b[0]))],
    cost: 8,
  },
  dot4U8Packed: {
    from: [
      ['u32', 1],
      ['u32', 1],
    ],
    to: ['u32', 1],
    f: (a = [], b = []) => [dot4U8(n(a[0]), n(b[0]))],
    cost: 8,
  },
};
