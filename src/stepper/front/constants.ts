// Constants while compiling: literals, and how a constant of one type becomes one of another. An abstract
// value that does not fit its concrete type is an error here, never a silent wrap.

import { err, ok, type Result } from '../../core/result.ts';
import { slotsOf, structType } from './layout.ts';
import { convertScalar, type Num, rounded } from './numbers.ts';
import {
  AF,
  AI,
  arrayOf,
  F16,
  F32,
  I32,
  isAbstract,
  type Scalar,
  sameType,
  scalar,
  scalarKind,
  type Type,
  U32,
  withScalar,
} from './types.ts';

/** A constant: one Num for each register slot of its type. */
export interface Constant {
  readonly type: Type;
  readonly data: readonly Num[];
}

const rank = (from: Scalar, to: Scalar): number | undefined => {
  if (from === to) return 0;
  if (from === 'abstract-float') return to === 'f32' ? 1 : to === 'f16' ? 2 : undefined;
  if (from !== 'abstract-int') return undefined;
  return { i32: 3, u32: 4, 'abstract-float': 5, f32: 6, f16: 7, bool: undefined, 'abstract-int': 0 }[to];
};

/** Conversion rank (WGSL §6.1.2): 0 for the same type, undefined when `from` does not convert by itself. */
export function conversionRank(from: Type, to: Type): number | undefined {
  if (sameType(from, to)) return 0;
  if (from.kind === 'struct' && to.kind === 'struct') return sameType(concreteType(from), to) ? 1 : undefined;
  if (from.kind === 'array' && to.kind === 'array') {
    return from.count === to.count ? conversionRank(from.element, to.element) : undefined;
  }
  const a = scalarKind(from);
  const b = scalarKind(to);
  if (a === undefined || b === undefined || !sameType(withScalar(from, b), to)) return undefined;
  return rank(a, b);
}

/** The concrete type that an abstract one takes when nothing asks for another. */
export function concreteType(t: Type): Type {
  if (!isAbstract(t)) return t;
  if (t.kind === 'array') return arrayOf(concreteType(t.element), t.count);
  if (t.kind === 'struct') {
    // only the results of frexp and modf have abstract members
    const members = t.members.map((m) => ({ name: m.name, type: concreteType(m.type) }));
    return structType(t.name.replace('abstract-float', 'f32'), members);
  }
  return withScalar(t, scalarKind(t) === 'abstract-int' ? 'i32' : 'f32');
}

/** The type that both convert to, with the lower rank first. */
export function commonType(a: Type, b: Type): Type | undefined {
  if (conversionRank(b, a) !== undefined) return a;
  return conversionRank(a, b) !== undefined ? b : undefined;
}

const limits = { i32: [-2147483648n, 2147483647n], u32: [0n, 4294967295n] } as const;
const largest = { f32: 3.4028234663852886e38, f16: 65504 } as const;

function narrowed(x: Num, from: Scalar, to: Scalar): Result<Num, string> {
  if (from === to) return ok(x);
  if (from === 'abstract-int') {
    const value = BigInt(x);
    if (to === 'i32' || to === 'u32') {
      const [low, high] = limits[to];
      return value < low || value > high
        ? err(`${value} does not fit ${to} (${low} to ${high})`)
        : ok(Number(value));
    }
    return narrowed(Number(value), 'abstract-float', to);
  }
  const value = Number(x);
  if (to === 'f32' || to === 'f16') {
    const r = rounded(to, value);
    return Math.abs(r) <= largest[to] ? ok(r) : err(`${value} does not fit ${to} (at most ±${largest[to]})`);
  }
  return ok(rounded(to, value));
}

/** `c` as type `to`, to which its type converts by itself (see conversionRank). */
export function convertConstant(c: Constant, to: Type): Result<Constant, string> {
  if (sameType(c.type, to)) return ok(c);
  const from = scalarsOf(c.type);
  const target = scalarsOf(to);
  const data: Num[] = [];
  for (const [i, x] of c.data.entries()) {
    const fitted = narrowed(x, from(i), target(i));
    if (!fitted.ok) return fitted;
    data.push(fitted.value);
  }
  return ok({ type: to, data });
}

/** The scalar kind of each slot of a type. */
function scalarsOf(t: Type): (slot: number) => Scalar {
  if (t.kind !== 'struct') {
    const s = innermost(t) ?? 'i32';
    return () => s;
  }
  const all = t.members.flatMap((m) =>
    Array.from({ length: slotsOf(m.type) }, (_, i) => scalarsOf(m.type)(i)),
  );
  return (slot) => all[slot] ?? 'i32';
}

const innermost = (t: Type): Scalar | undefined =>
  t.kind === 'array' ? innermost(t.element) : scalarKind(t);

/** A value conversion written by its type's name, i32(2.5): allowed between all scalars. */
export function castConstant(x: Num, from: Scalar, to: Scalar): Result<Num, string> {
  if (from === to) return ok(x);
  if (from === 'abstract-int' && to !== 'bool') return narrowed(x, from, to);
  if (to === 'f32' || to === 'f16') return narrowed(Number(x), 'abstract-float', to);
  // while compiling nothing is flushed and doubles reach every integer; devices differ (see numbers.ts)
  if (to === 'bool') return ok(Number(x) === 0 ? 0 : 1);
  if (from === 'abstract-float') {
    const [low, high] = limits[to === 'u32' ? 'u32' : 'i32'];
    return ok(Math.min(Number(high), Math.max(Number(low), Math.trunc(Number(x)))));
  }
  return ok(convertScalar(from, to, Number(x)));
}

const literalPattern =
  /^(?:0[xX]([0-9a-fA-F]*)(\.[0-9a-fA-F]*)?(?:[pP]([+-]?\d+))?|(\d*\.?\d*(?:[eE][+-]?\d+)?))([iufh]?)$/;

/** The constant of a literal's text, or what is wrong with it. */
export function literal(text: string): Result<Constant, string> {
  if (text === 'true' || text === 'false')
    return ok({ type: scalar('bool'), data: [text === 'true' ? 1 : 0] });
  // in hexadecimal integers f is a digit, so the suffix is taken from the right only where it is one
  const hexadecimal = /^0[xX]/.test(text);
  const hexFloat = hexadecimal && /[.pP]/.test(text);
  if (hexadecimal && !hexFloat) {
    const suffix = /[iu]$/.exec(text)?.[0] ?? '';
    return integer(BigInt(suffix ? text.slice(0, -1) : text), suffix);
  }
  const parts = literalPattern.exec(text);
  if (!parts) return err(`"${text}" is not a number`);
  if (hexFloat) return hexFloatLiteral(parts);
  const digits = parts[4] ?? '';
  const suffix = parts[5] ?? '';
  if (/^\d+$/.test(digits) && suffix !== 'f' && suffix !== 'h') return integer(BigInt(digits), suffix);
  return float(Number(digits), suffix);
}

function hexFloatLiteral(parts: RegExpExecArray): Result<Constant, string> {
  const whole = parts[1] ?? '';
  const fraction = (parts[2] ?? '').slice(1);
  const mantissa = BigInt(`0x0${whole}${fraction}`);
  return float(Number(mantissa) * 2 ** (Number(parts[3] ?? 0) - 4 * fraction.length), parts[5] ?? '');
}

function integer(value: bigint, suffix: string): Result<Constant, string> {
  const abstract: Constant = { type: AI, data: [value] };
  if (suffix === 'i') return convertConstant(abstract, I32);
  if (suffix === 'u') return convertConstant(abstract, U32);
  return value > 9223372036854775807n ? err(`${value} does not fit a 64-bit integer`) : ok(abstract);
}

function float(value: number, suffix: string): Result<Constant, string> {
  const abstract: Constant = { type: AF, data: [value] };
  if (suffix === 'f') return convertConstant(abstract, F32);
  if (suffix === 'h') return convertConstant(abstract, F16);
  return Number.isFinite(value) ? ok(abstract) : err('the number is too large');
}

/** The zero of a type, one Num a slot. */
export function zeros(t: Type, slots: number): Constant {
  const zero: Num = innermost(t) === 'abstract-int' ? 0n : 0;
  return { type: t, data: new Array<Num>(slots).fill(zero) };
}
