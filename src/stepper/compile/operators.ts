// Unary and binary operators: types (WGSL §8) and code; constants are folded by fold.ts.

import { ok, type Result } from '../../core/result.ts';
import { commonType, convertConstant } from '../front/constants.ts';
import { type Num, rounded } from '../front/numbers.ts';
import type { Located } from '../front/parse.ts';
import {
  isFloat,
  isInteger,
  type MatrixType,
  type Scalar,
  scalar,
  scalarKind,
  type Type,
  typeName,
  vector,
  withScalar,
} from '../front/types.ts';
import { binaryOps } from '../machine/ops-arithmetic.ts';
import { negateF, negateI, notBool, notI } from '../machine/ops-convert.ts';
import type { Unary } from '../machine/ops-map.ts';
import type { Context } from './context.ts';
import { COMPARISONS, foldScalar } from './fold.ts';
import { constantValue, ERROR_VALUE, type Value } from './values.ts';

interface Shape {
  /** Types that the operands convert to, and the result's. */
  readonly left: Type;
  readonly right: Type;
  readonly result: Type;
}

const size = (t: Type): number => (t.kind === 'vector' ? t.size : 1);

/** Operand and result types of an operator, or undefined when there is no such operator. */
function shape(op: string, a: Type, b: Type): Shape | undefined {
  const sa = scalarKind(a);
  const sb = scalarKind(b);
  if (sa === undefined || sb === undefined) return undefined;
  if (op === '<<' || op === '>>') {
    if (!isInteger(sa) || !(sb === 'u32' || sb === 'abstract-int') || size(a) !== size(b)) return undefined;
    if (a.kind === 'matrix' || b.kind === 'matrix') return undefined;
    return { left: a, right: withScalar(b, 'u32'), result: a };
  }
  const common = commonType(scalar(sa), scalar(sb));
  const s = common ? scalarKind(common) : undefined;
  if (s === undefined) return undefined;
  const left = withScalar(a, s);
  const right = withScalar(b, s);
  if (a.kind === 'matrix' || b.kind === 'matrix') return matrixShape(op, left, right, s);
  if (COMPARISONS.has(op)) {
    if (size(a) !== size(b) || a.kind !== b.kind) return undefined;
    if (s === 'bool' && op !== '==' && op !== '!=') return undefined;
    return { left, right, result: withScalar(left, 'bool') };
  }
  if (op === '&' || op === '|') {
    if (a.kind !== b.kind || size(a) !== size(b) || !(isInteger(s) || s === 'bool')) return undefined;
    return { left, right, result: left };
  }
  if (op === '^') {
    return a.kind === b.kind && size(a) === size(b) && isInteger(s)
      ? { left, right, result: left }
      : undefined;
  }
  if (!isInteger(s) && !isFloat(s)) return undefined;
  if (a.kind === 'vector' && b.kind === 'vector' && a.size !== b.size) return undefined;
  return { left, right, result: a.kind === 'vector' ? left : right };
}

function matrixShape(op: string, a: Type, b: Type, s: Scalar): Shape | undefined {
  if (!isFloat(s)) return undefined;
  const shapeOf = (result: Type): Shape => ({ left: a, right: b, result });
  if (a.kind === 'matrix' && b.kind === 'matrix') {
    if (op === '+' || op === '-')
      return a.columns === b.columns && a.rows === b.rows ? shapeOf(a) : undefined;
    return op === '*' && a.columns === b.rows
      ? shapeOf({ kind: 'matrix', scalar: s, columns: b.columns, rows: a.rows })
      : undefined;
  }
  if (op !== '*') return undefined;
  if (a.kind === 'matrix') {
    if (b.kind === 'scalar') return shapeOf(a);
    return b.kind === 'vector' && b.size === a.columns ? shapeOf(vector(s, a.rows)) : undefined;
  }
  if (b.kind !== 'matrix') return undefined;
  if (a.kind === 'scalar') return shapeOf(b);
  return a.kind === 'vector' && a.size === b.rows ? shapeOf(vector(s, b.columns)) : undefined;
}

/** Sums of products of a linear-algebra product: for each result component, pairs of component numbers. */
function products(a: Type, b: Type): readonly (readonly (readonly [number, number])[])[] {
  const left = a as MatrixType;
  const right = b as MatrixType;
  const range = (n: number) => Array.from({ length: n }, (_, i) => i);
  if (a.kind === 'vector')
    return range(right.columns).map((c) => range(right.rows).map((r) => [r, c * right.rows + r]));
  if (b.kind === 'vector')
    return range(left.rows).map((r) => range(left.columns).map((c) => [c * left.rows + r, c]));
  return range(right.columns).flatMap((c) =>
    range(left.rows).map((r) =>
      range(left.columns).map((k) => [k * left.rows + r, c * right.rows + k] as const),
    ),
  );
}

const isProduct = (op: string, a: Type, b: Type): boolean =>
  op === '*' && (a.kind === 'matrix' || b.kind === 'matrix') && a.kind !== 'scalar' && b.kind !== 'scalar';

function fold(op: string, s: Shape, a: readonly Num[], b: readonly Num[]): Result<Num[], string> {
  const kind = scalarKind(s.left) ?? 'i32';
  const out: Num[] = [];
  if (isProduct(op, s.left, s.right)) {
    for (const pairs of products(s.left, s.right)) {
      let sum: Num = 0;
      for (const [i, j] of pairs)
        sum = rounded(kind, Number(sum) + rounded(kind, Number(a[i]) * Number(b[j])));
      out.push(sum);
    }
    return ok(out);
  }
  const count = Math.max(a.length, b.length);
  for (let i = 0; i < count; i++) {
    const r = foldScalar(kind, op, a[a.length === 1 ? 0 : i] ?? 0, b[b.length === 1 ? 0 : i] ?? 0);
    if (!r.ok) return r;
    out.push(r.value);
  }
  return ok(out);
}

/** The value of `a op b`; && and || are in expressions.ts, because they branch. */
export function binary(c: Context, op: string, a: Value, b: Value, node: Located): Value {
  if (a.kind === 'error' || b.kind === 'error') return ERROR_VALUE;
  const s = shape(op, a.type, b.type);
  if (!s) {
    return c.fail(
      'type',
      node,
      `There is no ${typeName(a.type)} ${op} ${typeName(b.type)}.`,
      operatorHint(op, a.type, b.type),
    );
  }
  const left = c.converted(a, s.left, node);
  const right = c.converted(b, s.right, node);
  if (left.kind === 'constant' && right.kind === 'constant') {
    const folded = fold(op, s, left.data, right.data);
    if (!folded.ok)
      return c.fail(
        'value',
        node,
        `In a constant: ${folded.error}.`,
        'Constants must be computable exactly.',
      );
    return constantValue({ type: s.result, data: folded.value });
  }
  if (right.kind === 'constant' && refusedOperand(op, s.right, right.data)) {
    return c.fail('value', node, `The right side of ${op} is a constant that WGSL refuses.`, refusedHint(op));
  }
  // a constant beside registers takes the concrete type of the other side
  const kind = scalarKind(left.kind === 'constant' ? s.right : s.left) ?? 'i32';
  const concrete = kind === 'abstract-int' ? 'i32' : kind === 'abstract-float' ? 'f32' : kind;
  const shift = op === '<<' || op === '>>';
  const operandKind = shift
    ? scalarKind(s.left) === 'abstract-int'
      ? 'i32'
      : (scalarKind(s.left) ?? 'i32')
    : concrete;
  const ra = c.registers(left, node, withScalar(s.left, operandKind));
  const rb = c.registers(right, node, shift ? s.right : withScalar(s.right, concrete));
  if (!ra || !rb) return ERROR_VALUE;
  const result = COMPARISONS.has(op) ? s.result : withScalar(s.result, operandKind);
  if (isProduct(op, s.left, s.right)) {
    return c.result(
      result,
      products(s.left, s.right).map((pairs) => dotProduct(c, operandKind, pairs, ra, rb)),
    );
  }
  const count = Math.max(ra.length, rb.length);
  const out = c.out.temporariesOf(count);
  for (let i = 0; i < count; i++) {
    emitBinary(
      c,
      operandKind,
      op,
      out[i] as number,
      ra[ra.length === 1 ? 0 : i] as number,
      rb[rb.length === 1 ? 0 : i] as number,
    );
  }
  return c.result(result, out);
}

export function emitBinary(c: Context, kind: Scalar, op: string, d: number, a: number, b: number): void {
  const make = binaryOps[kind]?.[op];
  if (!make) throw new Error(`no instruction for ${kind} ${op}`);
  c.emit(make(d, a, b), { d: [d], s: [a, b] });
  c.cost(kind, COMPARISONS.has(op) ? 0 : 1);
}

/** Σ a[i] · b[j], left to right, each step rounded. */
export function dotProduct(
  c: Context,
  kind: Scalar,
  pairs: readonly (readonly [number, number])[],
  a: readonly number[],
  b: readonly number[],
): number {
  let sum: number | undefined;
  for (const [i, j] of pairs) {
    const product = c.out.temporary();
    emitBinary(c, kind, '*', product, a[i] as number, b[j] as number);
    if (sum === undefined) sum = product;
    else {
      const next = c.out.temporary();
      emitBinary(c, kind, '+', next, sum, product);
      sum = next;
    }
  }
  return sum ?? c.integer(0);
}

function refusedOperand(op: string, t: Type, data: readonly Num[]): boolean {
  const s = scalarKind(t);
  if ((op === '/' || op === '%') && s !== undefined && isInteger(s)) return data.some((x) => Number(x) === 0);
  return (op === '<<' || op === '>>') && data.some((x) => Number(x) >= 32);
}

const refusedHint = (op: string): string =>
  op === '/' || op === '%' ? 'Divide by something other than 0.' : 'Shift by less than 32 bits.';

function operatorHint(op: string, a: Type, b: Type): string {
  if (op === '<<' || op === '>>') return 'Shift an integer by a u32 (or a vector by one of the same size).';
  const sa = scalarKind(a);
  const sb = scalarKind(b);
  if (sa && sb && sa !== sb && sa !== 'bool' && sb !== 'bool') {
    return `WGSL converts nothing by itself: write ${typeName(withScalar(b, sa))}(…) around the right side.`;
  }
  return 'Make both sides the same numeric type.';
}

/** -x, !x, ~x. */
export function unary(c: Context, op: '-' | '!' | '~', v: Value, node: Located): Value {
  if (v.kind === 'error') return ERROR_VALUE;
  const s = scalarKind(v.type);
  const good =
    s !== undefined &&
    v.type.kind !== 'matrix' &&
    (op === '!' ? s === 'bool' : op === '~' ? isInteger(s) : s !== 'u32' && s !== 'bool');
  if (!good || s === undefined) {
    const needs = op === '!' ? 'a bool' : op === '~' ? 'an integer' : 'a signed number';
    return c.fail(
      'type',
      node,
      `${op} needs ${needs}, not ${typeName(v.type)}.`,
      'Change the operand or the operator.',
    );
  }
  if (v.kind === 'constant') {
    const data = v.data.map((x): Num => {
      if (op === '!') return x === 0 ? 1 : 0;
      if (typeof x === 'bigint') return op === '-' ? -x : ~x;
      return op === '-' ? rounded(s, -x) : rounded(s, ~x);
    });
    const folded = convertConstant({ type: v.type, data }, v.type);
    return folded.ok ? constantValue(folded.value) : ERROR_VALUE;
  }
  const from = c.registers(v, node);
  if (!from) return ERROR_VALUE;
  const make: Unary = op === '!' ? notBool : op === '~' ? notI : isFloat(s) ? negateF : negateI;
  const out = c.out.temporariesOf(from.length);
  from.forEach((r, i) => {
    const d = out[i] as number;
    c.emit(make(d, r), { d: [d], s: [r] });
    if (op !== '!') c.cost(s, 1);
  });
  return c.result(v.type, out);
}
