// WGSL's numeric built-ins as plain functions on numbers, one table for constants and for instructions.
// Results are rounded by the caller to the scalar kind; accuracy is that of JavaScript's Math, which is
// within WGSL's error bounds for f32.

import {
  clz,
  ctz,
  extractI32,
  extractU32,
  firstLeadingI32,
  firstLeadingU32,
  firstTrailing,
  insertBits,
  popcount,
  reverseBits,
  roundF16,
} from './numbers.ts';

/** A built-in that works component by component. */
export interface ComponentWise {
  readonly arity: number;
  readonly f?: (...x: number[]) => number;
  readonly i?: (...x: number[]) => number;
  readonly u?: (...x: number[]) => number;
  /** Of abstract integers, which have 64 bits; without it they are taken as i32. */
  readonly big?: (...x: bigint[]) => bigint;
  /** Operations that it counts as. */
  readonly cost: number;
}

const n = (x: number | undefined): number => x ?? 0;
const big = (x: bigint | undefined): bigint => x ?? 0n;
function smaller(x: bigint | undefined, y: bigint | undefined): bigint {
  if (big(y) < big(x)) return big(y);
  return big(x);
}
function larger(x: bigint | undefined, y: bigint | undefined): bigint {
  if (big(x) < big(y)) return big(y);
  return big(x);
}

/** Round to nearest, ties to even. */
export function roundEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  if (rest < 0.5) return floor;
  if (rest > 0.5) return floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}

const minimum = (x: number, y: number): number => (y < x || Number.isNaN(x) ? y : x);
const maximum = (x: number, y: number): number => (x < y || Number.isNaN(x) ? y : x);
const clamp = (x: number, low: number, high: number): number => minimum(maximum(x, low), high);
function smoothstep(low: number, high: number, x: number): number {
  const t = clamp((x - low) / (high - low), 0, 1);
  return t * t * (3 - 2 * t);
}

const float1 = (f: (x: number) => number, cost = 1): ComponentWise => ({ arity: 1, f: (x) => f(n(x)), cost });
const float2 = (f: (x: number, y: number) => number, cost = 1): ComponentWise => ({
  arity: 2,
  f: (x, y) => f(n(x), n(y)),
  cost,
});
const float3 = (f: (x: number, y: number, z: number) => number, cost = 1): ComponentWise => ({
  arity: 3,
  f: (x, y, z) => f(n(x), n(y), n(z)),
  cost,
});
const bits1 = (f: (x: number) => number, u: (x: number) => number = f): ComponentWise => ({
  arity: 1,
  i: (x) => f(n(x)),
  u: (x) => u(n(x)),
  cost: 1,
});

export const componentWise: Readonly<Record<string, ComponentWise>> = {
  abs: {
    arity: 1,
    f: (x) => Math.abs(n(x)),
    i: (x) => Math.abs(n(x)) | 0,
    u: (x) => n(x),
    big: (x) => (big(x) < 0n ? -big(x) : big(x)),
    cost: 1,
  },
  sign: {
    arity: 1,
    f: (x) => Math.sign(n(x)),
    i: (x) => Math.sign(n(x)),
    big: (x) => (big(x) < 0n ? -1n : big(x) > 0n ? 1n : 0n),
    cost: 1,
  },
  min: { arity: 2, f: (x, y) => minimum(n(x), n(y)), i: Math.min, u: Math.min, big: smaller, cost: 1 },
  max: { arity: 2, f: (x, y) => maximum(n(x), n(y)), i: Math.max, u: Math.max, big: larger, cost: 1 },
  clamp: {
    arity: 3,
    f: (x, l, h) => clamp(n(x), n(l), n(h)),
    i: (x, l, h) => clamp(n(x), n(l), n(h)),
    u: (x, l, h) => clamp(n(x), n(l), n(h)),
    big: (x, l, h) => smaller(larger(x, l), h),
    cost: 2,
  },
  acos: float1(Math.acos),
  acosh: float1(Math.acosh),
  asin: float1(Math.asin),
  asinh: float1(Math.asinh),
  atan: float1(Math.atan),
  atanh: float1(Math.atanh),
  atan2: float2(Math.atan2),
  ceil: float1(Math.ceil),
  cos: float1(Math.cos),
  cosh: float1(Math.cosh),
  degrees: float1((x) => (x * 180) / Math.PI),
  exp: float1(Math.exp),
  exp2: float1((x) => 2 ** x),
  floor: float1(Math.floor),
  fma: float3((a, b, c) => a * b + c, 2),
  fract: float1((x) => x - Math.floor(x)),
  inverseSqrt: float1((x) => 1 / Math.sqrt(x)),
  log: float1(Math.log),
  log2: float1(Math.log2),
  mix: float3((a, b, t) => a * (1 - t) + b * t, 4),
  pow: float2((x, y) => x ** y),
  quantizeToF16: float1(roundF16),
  radians: float1((x) => (x * Math.PI) / 180),
  round: float1(roundEven),
  saturate: float1((x) => clamp(x, 0, 1)),
  sin: float1(Math.sin),
  sinh: float1(Math.sinh),
  smoothstep: float3(smoothstep, 8),
  sqrt: float1(Math.sqrt),
  step: float2((edge, x) => (edge <= x ? 1 : 0)),
  tan: float1(Math.tan),
  tanh: float1(Math.tanh),
  trunc: float1(Math.trunc),
  countLeadingZeros: bits1(clz),
  countOneBits: bits1(popcount),
  countTrailingZeros: bits1(ctz),
  firstLeadingBit: bits1(firstLeadingI32, firstLeadingU32),
  firstTrailingBit: bits1(firstTrailing),
  reverseBits: bits1(reverseBits),
};

/** extractBits and insertBits: offset and count are u32 scalars for all components. */
export const bitFields = {
  extractBits: { i: extractI32, u: extractU32 },
  insertBits: { i: insertBits, u: insertBits },
} as const;

type Numbers = readonly number[];
export const dotOf = (a: Numbers, b: Numbers): number => a.reduce((sum, x, i) => sum + x * n(b[i]), 0);
const lengthOf = (a: Numbers): number => Math.hypot(...a);

/** Built-ins on whole float vectors; the result has the first argument's type, or is a scalar. */
export const geometric: Readonly<
  Record<
    string,
    { readonly arity: number; readonly result: 'scalar' | 'same'; readonly f: (...a: Numbers[]) => number[] }
  >
> = {
  length: { arity: 1, result: 'scalar', f: (a = []) => [lengthOf(a)] },
  distance: { arity: 2, result: 'scalar', f: (a = [], b = []) => [lengthOf(a.map((x, i) => x - n(b[i])))] },
  normalize: { arity: 1, result: 'same', f: (a = []) => a.map((x) => x / lengthOf(a)) },
  cross: {
    arity: 2,
    result: 'same',
    f: (a = [], b = []) =>
      [0, 1, 2].map((i) => {
        const j = (i + 1) % 3;
        const k = (i + 2) % 3;
        return n(a[j]) * n(b[k]) - n(a[k]) * n(b[j]);
      }),
  },
  faceForward: {
    arity: 3,
    result: 'same',
    f: (a = [], b = [], c = []) => (dotOf(b, c) < 0 ? [...a] : a.map((x) => -x)),
  },
  reflect: {
    arity: 2,
    result: 'same',
    f: (a = [], b = []) => a.map((x, i) => x - 2 * dotOf(a, b) * n(b[i])),
  },
  refract: {
    arity: 3,
    result: 'same',
    f: (a = [], b = [], c = []) => {
      const eta = n(c[0]);
      const d = dotOf(b, a);
      const k = 1 - eta * eta * (1 - d * d);
      return a.map((x, i) => (k < 0 ? 0 : eta * x - (eta * d + Math.sqrt(k)) * n(b[i])));
    },
  },
};

/** Determinant of a square matrix in column-major order. */
export function determinant(m: Numbers, size: number): number {
  if (size === 1) return n(m[0]);
  let sum = 0;
  for (let c = 0; c < size; c++) {
    const minor: number[] = [];
    for (let k = 0; k < size; k++) if (k !== c) for (let r = 1; r < size; r++) minor.push(n(m[k * size + r]));
    sum += (c % 2 === 0 ? 1 : -1) * n(m[c * size]) * determinant(minor, size - 1);
  }
  return sum;
}

/** The fractional and the whole part, both with the sign of x: −2 gives −0 and −2. */
export function modf(x: number): [number, number] {
  const whole = Math.trunc(x);
  const fract = x - whole;
  return [fract === 0 && (x < 0 || Object.is(x, -0)) ? -0 : fract, whole];
}

/** x = fract · 2^exponent with |fract| in [0.5, 1). */
export function frexp(x: number): [number, number] {
  if (x === 0 || !Number.isFinite(x)) return [x, 0];
  let exponent = Math.floor(Math.log2(Math.abs(x))) + 1;
  let fract = x / 2 ** exponent;
  if (Math.abs(fract) >= 1) {
    fract /= 2;
    exponent++;
  } else if (Math.abs(fract) < 0.5) {
    fract *= 2;
    exponent--;
  }
  return [fract, exponent];
}
