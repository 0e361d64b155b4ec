// Numeric built-ins that work component by component, and what all numeric built-ins share: one type for the
// arguments, folding of constants.

import { commonType, concreteType } from '../front/constants.ts';
import { slotsOf } from '../front/layout.ts';
import type { ComponentWise } from '../front/math.ts';
import { type Num, rounded, roundF16 } from '../front/numbers.ts';
import type { Located } from '../front/parse.ts';
import {
  isFloat,
  isInteger,
  type Scalar,
  scalar,
  scalarKind,
  type Type,
  typeName,
  withScalar,
} from '../front/types.ts';
import { fmaOp } from '../machine/ops-arithmetic.ts';
import { generalOp, mapF, mapI, mapU, zipF, zipI, zipU } from '../machine/ops-map.ts';
import type { Context } from './context.ts';
import { emitBinary } from './operators.ts';
import { constantValue, ERROR_VALUE, type Value } from './values.ts';

export type View = 'F' | 'I' | 'U';
export const viewOf = (s: Scalar): View => (s === 'f32' || s === 'f16' ? 'F' : s === 'u32' ? 'U' : 'I');
export const numbers = (v: Value): readonly number[] => (v.kind === 'constant' ? v.data.map(Number) : []);
export const constants = (values: readonly Value[]): boolean => values.every((v) => v.kind === 'constant');

/** All arguments with one scalar kind; floats when `float`. Undefined after an error. */
export function unified(
  c: Context,
  name: string,
  args: readonly Value[],
  float: boolean,
  node: Located,
): Value[] | undefined {
  let common: Type | undefined = float ? scalar('abstract-float') : undefined;
  for (const a of args) {
    const s = scalarKind(a.type);
    common = s && (common ? commonType(common, scalar(s)) : scalar(s));
    if (!common) {
      c.fail(
        'type',
        node,
        `${name} does not take (${args.map((x) => typeName(x.type)).join(', ')}).`,
        'Give all arguments one numeric type.',
      );
      return undefined;
    }
  }
  const kind = common && scalarKind(common);
  if (!kind) return undefined;
  const runtime = !constants(args);
  const target = runtime ? (scalarKind(concreteType(scalar(kind))) ?? kind) : kind;
  return args.map((a) => c.converted(a, withScalar(a.type, target), node));
}

export function folded(c: Context, type: Type, data: readonly number[], node: Located): Value {
  const s = scalarKind(type);
  const out: Num[] = data.map((x) => (s === 'abstract-int' ? BigInt(Math.trunc(x)) : s ? rounded(s, x) : x));
  if (out.some((x) => typeof x === 'number' && !Number.isFinite(x))) {
    return c.fail(
      'value',
      node,
      'The result of this constant is not finite.',
      'Use arguments for which it is defined.',
    );
  }
  return constantValue({ type, data: out });
}

const isAbstractInt = (v: Value): boolean => scalarKind(v.type) === 'abstract-int';
const asI32 = (c: Context, v: Value, node: Located): Value => c.converted(v, withScalar(v.type, 'i32'), node);

export function component(
  c: Context,
  name: string,
  entry: ComponentWise,
  given: readonly Value[],
  node: Located,
): Value {
  const wrong = (): Value =>
    c.fail(
      'type',
      node,
      `${name} does not take (${given.map((x) => typeName(x.type)).join(', ')}).`,
      `It takes ${entry.arity} numeric argument${entry.arity > 1 ? 's' : ''} of one type.`,
    );
  if (given.length !== entry.arity) return wrong();
  const common = unified(c, name, given, !entry.i && !entry.u, node);
  const args = entry.big ? common : common?.map((a) => (isAbstractInt(a) ? asI32(c, a, node) : a));
  if (!args || args.some((a) => a.kind === 'error')) return ERROR_VALUE;
  const type = args.find((a) => a.type.kind === 'vector')?.type ?? args[0]?.type;
  const s = type && scalarKind(type);
  if (!type || !s || args.some((a) => a.type.kind === 'matrix')) return wrong();
  // only mix may combine vectors with one scalar
  const mixed = args.some((a) => a.type.kind !== type.kind);
  if (mixed && !(name === 'mix' && args[0]?.type.kind === 'vector' && args[1]?.type.kind === 'vector'))
    return wrong();
  const f = isFloat(s) ? entry.f : s === 'u32' ? entry.u : isInteger(s) ? entry.i : undefined;
  if (!f) return wrong();
  const count = slotsOf(type);
  const pick = <T>(list: readonly T[], i: number): T => list[list.length === 1 ? 0 : i] as T;
  if (constants(args)) {
    const { big } = entry;
    if (big && s === 'abstract-int') {
      const rows = args.map((a) => (a.kind === 'constant' ? a.data.map(BigInt) : []));
      return constantValue({
        type,
        data: Array.from({ length: count }, (_, i) => BigInt.asIntN(64, big(...rows.map((x) => pick(x, i))))),
      });
    }
    const data = args.map(numbers);
    return folded(
      c,
      type,
      Array.from({ length: count }, (_, i) => f(...data.map((x) => pick(x, i)))),
      node,
    );
  }
  const registers = args.map((a) => c.registers(a, node));
  const rows: (readonly number[])[] = [];
  for (const r of registers) {
    if (!r) return ERROR_VALUE;
    rows.push(r);
  }
  const d = c.out.temporariesOf(count);
  for (let i = 0; i < count; i++)
    emitComponent(
      c,
      name,
      s,
      f,
      d[i] as number,
      rows.map((r) => pick(r, i)),
    );
  if (name !== 'min' && name !== 'max') c.cost(s, entry.cost * count);
  return c.result(type, d);
}

function emitComponent(
  c: Context,
  name: string,
  s: Scalar,
  f: (...x: number[]) => number,
  d: number,
  args: readonly number[],
): void {
  const [a = 0, b = 0, x = 0] = args;
  const info = { d: [d], s: args };
  const g = s === 'f16' ? (...v: number[]) => roundF16(f(...v)) : f;
  if (name === 'min' || name === 'max') emitBinary(c, s, name, d, a, b);
  else if (name === 'fma' && s === 'f32') c.emit(fmaOp(d, a, b, x), info);
  else if (args.length === 1) c.emit((s === 'u32' ? mapU : isFloat(s) ? mapF : mapI)(g)(d, a), info);
  else if (args.length === 2) c.emit((s === 'u32' ? zipU : isFloat(s) ? zipF : zipI)(g)(d, a, b), info);
  else {
    const view = viewOf(s);
    const views = args.map(() => view);
    c.emit(generalOp(g, d, args, views, view), info);
  }
}
