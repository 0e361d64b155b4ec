// Operators on constants. Abstract operands are computed exactly (64-bit integers, doubles) and must not
// overflow; concrete integers wrap; a constant division by zero, or a shift that loses bits, is an error.

import { err, ok, type Result } from '../../core/result.ts';
import { divideI32, divideU32, type Num, remainderI32, remainderU32, rounded } from '../front/numbers.ts';
import type { Scalar } from '../front/types.ts';

export const COMPARISONS = new Set(['==', '!=', '<', '<=', '>', '>=']);
const int64 = (x: bigint): Result<Num, string> =>
  x === BigInt.asIntN(64, x) ? ok(x) : err('the result overflows a 64-bit integer');

function abstractIntegers(op: string, a: bigint, b: bigint): Result<Num, string> {
  switch (op) {
    case '+':
      return int64(a + b);
    case '-':
      return int64(a - b);
    case '*':
      return int64(a * b);
    case '/':
      return b === 0n ? err('division by zero') : int64(a / b);
    case '%':
      return b === 0n ? err('remainder of a division by zero') : ok(a % b);
    case '&':
      return ok(a & b);
    case '|':
      return ok(a | b);
    case '^':
      return ok(a ^ b);
    case '<<':
      if (a === 0n) return ok(a);
      return b >= 64n ? err('shift by 64 bits or more') : int64(a << b);
    case '>>':
      return ok(a >> (b > 63n ? 63n : b));
    default:
      return ok(compare(op, a, b));
  }
}

function compare(op: string, a: Num, b: Num): number {
  switch (op) {
    case '==':
      return a === b ? 1 : 0;
    case '!=':
      return a !== b ? 1 : 0;
    case '<':
      return a < b ? 1 : 0;
    case '<=':
      return a <= b ? 1 : 0;
    case '>':
      return a > b ? 1 : 0;
    default:
      return a >= b ? 1 : 0;
  }
}

function concreteIntegers(s: 'i32' | 'u32', op: string, a: number, b: number): Result<Num, string> {
  const wrap = s === 'i32' ? (x: number) => x | 0 : (x: number) => x >>> 0;
  switch (op) {
    case '+':
      return ok(wrap(a + b));
    case '-':
      return ok(wrap(a - b));
    case '*':
      return ok(wrap(Math.imul(a, b)));
    case '/':
    case '%': {
      if (b === 0) return err(`${a} ${op} 0`);
      if (s === 'i32' && a === -2147483648 && b === -1) return err(`${a} ${op} ${b} overflows i32`);
      if (s === 'i32') return ok(op === '/' ? divideI32(a, b) : remainderI32(a, b));
      return ok(op === '/' ? divideU32(a, b) : remainderU32(a, b));
    }
    case '&':
      return ok(wrap(a & b));
    case '|':
      return ok(wrap(a | b));
    case '^':
      return ok(wrap(a ^ b));
    case '<<': {
      if (b >= 32) return err(`shift by ${b} bits`);
      // bits that change the sign, or set bits shifted out, are lost: an error in a constant
      const exact = BigInt(a) << BigInt(b);
      const x = wrap(a << b);
      return exact === BigInt(x) ? ok(x) : err(`${a} << ${b} overflows ${s}`);
    }
    case '>>':
      return b >= 32 ? err(`shift by ${b} bits`) : ok(s === 'i32' ? a >> b : a >>> b);
    default:
      return ok(compare(op, a, b));
  }
}

function floats(s: Scalar, op: string, a: number, b: number): Result<Num, string> {
  if (COMPARISONS.has(op)) return ok(compare(op, a, b));
  const x = op === '+' ? a + b : op === '-' ? a - b : op === '*' ? a * b : op === '/' ? a / b : a % b;
  const r = rounded(s, x);
  return Number.isFinite(r) ? ok(r) : err(`${a} ${op} ${b} is not finite`);
}

/** `a op b` on constants of one scalar kind. */
export function foldScalar(s: Scalar, op: string, a: Num, b: Num): Result<Num, string> {
  if (s === 'abstract-int') return abstractIntegers(op, BigInt(a), BigInt(b));
  if (s === 'i32' || s === 'u32') return concreteIntegers(s, op, Number(a), Number(b));
  if (s === 'bool') {
    if (op === '&') return ok(Number(a) & Number(b));
    if (op === '|') return ok(Number(a) | Number(b));
    return ok(compare(op, a, b));
  }
  return floats(s, op, Number(a), Number(b));
}
