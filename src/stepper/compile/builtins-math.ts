// Calls of numeric and logical built-ins: finds the one that a name means.

import { commonType, concreteType } from '../front/constants.ts';
import { slotsOf } from '../front/layout.ts';
import { bitFields, componentWise, geometric } from '../front/math.ts';
import { packing } from '../front/packing.ts';
import type { Located } from '../front/parse.ts';
import { isFloat, scalar, scalarKind, typeName, U32, withScalar } from '../front/types.ts';
import { selectOp } from '../machine/ops-arithmetic.ts';
import { generalOp } from '../machine/ops-map.ts';
import { component, constants, folded, numbers, unified, viewOf } from './builtins-component.ts';
import { dot, matrixCall, packedCall, split, whole } from './builtins-whole.ts';
import type { Context } from './context.ts';
import { emitBinary } from './operators.ts';
import { constantValue, ERROR_VALUE, type Value } from './values.ts';

function select(c: Context, args: readonly Value[], node: Located): Value {
  const [f, t, test] = args;
  if (!f || !t || !test || args.length !== 3)
    return c.fail(
      'type',
      node,
      'select takes (false value, true value, condition).',
      'Give it three arguments.',
    );
  const type = commonType(f.type, t.type);
  const s = type && scalarKind(type);
  const conditions = test.type.kind === 'vector' ? test.type.size : 1;
  if (
    !type ||
    !s ||
    type.kind === 'matrix' ||
    scalarKind(test.type) !== 'bool' ||
    (conditions > 1 && (type.kind !== 'vector' || type.size !== conditions))
  ) {
    return c.fail(
      'type',
      node,
      `select does not take (${args.map((a) => typeName(a.type)).join(', ')}).`,
      'Both values need one type, the condition is bool.',
    );
  }
  const runtime = !constants(args);
  const target = runtime ? concreteType(type) : type;
  const a = c.converted(f, target, node);
  const b = c.converted(t, target, node);
  if (a.kind === 'constant' && b.kind === 'constant' && test.kind === 'constant') {
    const data = a.data.map((x, i) => (test.data[conditions === 1 ? 0 : i] ? (b.data[i] ?? x) : x));
    return constantValue({ type: target, data });
  }
  const ra = c.registers(a, node);
  const rb = c.registers(b, node);
  const rc = c.registers(test, node);
  if (!ra || !rb || !rc) return ERROR_VALUE;
  const d = c.out.temporariesOf(ra.length);
  d.forEach((to, i) => {
    const s3 = [ra[i] as number, rb[i] as number, rc[conditions === 1 ? 0 : i] as number] as const;
    c.emit(selectOp(to, ...s3), { d: [to], s: s3 });
  });
  return c.result(target, d);
}

function anyAll(c: Context, name: string, args: readonly Value[], node: Located): Value {
  const [v] = args;
  if (!v || scalarKind(v.type) !== 'bool')
    return c.fail('type', node, `${name} takes a bool or a vector of bool.`, 'Compare first.');
  if (v.kind === 'constant') {
    const hits = v.data.filter((x) => x !== 0).length;
    return constantValue({
      type: scalar('bool'),
      data: [(name === 'all' ? hits === v.data.length : hits > 0) ? 1 : 0],
    });
  }
  if (v.type.kind === 'scalar') return v;
  const [first = 0, ...rest] = c.registers(v, node) ?? [];
  let sum = first;
  for (const r of rest) {
    const d = c.out.temporary();
    emitBinary(c, 'bool', name === 'all' ? '&' : '|', d, sum, r);
    sum = d;
  }
  return c.result(scalar('bool'), [sum]);
}

function bitField(
  c: Context,
  name: 'extractBits' | 'insertBits',
  args: readonly Value[],
  node: Located,
): Value {
  const count = name === 'extractBits' ? 1 : 2;
  const values = unified(c, name, args.slice(0, count), false, node);
  const [first] = values ?? [];
  if (!values || !first || args.length !== count + 2)
    return c.fail(
      'type',
      node,
      `${name} takes ${count + 2} arguments.`,
      'The last two are offset and count, u32.',
    );
  const type = concreteType(first.type);
  const s = scalarKind(type);
  if (s !== 'i32' && s !== 'u32')
    return c.fail('type', node, `${name} takes integers.`, 'Give it i32 or u32.');
  const controls = args.slice(count).map((a) => c.converted(a, U32, node));
  const f = bitFields[name][s === 'i32' ? 'i' : 'u'] as (...x: number[]) => number;
  const all = [...values.map((v) => c.converted(v, withScalar(v.type, s), node)), ...controls];
  if (all.some((a) => a.kind === 'error')) return ERROR_VALUE;
  if (constants(all)) {
    const data = all.map(numbers);
    return folded(
      c,
      type,
      numbers(all[0] ?? first).map((_, i) => f(...data.map((x) => x[x.length === 1 ? 0 : i] ?? 0))),
      node,
    );
  }
  const rows = all.map((v) => c.registers(v, node) ?? []);
  const d = c.out.temporariesOf(slotsOf(type));
  const view = viewOf(s);
  d.forEach((to, i) => {
    const from = rows.map((r) => r[r.length === 1 ? 0 : i] ?? 0);
    c.emit(
      generalOp(
        f,
        to,
        from,
        from.map((_, k) => (k < count ? view : 'U')),
        view,
      ),
      { d: [to], s: from },
    );
  });
  c.cost(s, d.length);
  return c.result(type, d);
}

function ldexp(c: Context, args: readonly Value[], node: Located): Value {
  const [x, e] = args;
  const s = x && scalarKind(x.type);
  if (!x || !e || !s || args.length !== 2)
    return c.fail('type', node, 'ldexp takes a float and an integer exponent.', 'Give it two arguments.');
  const runtime = !constants(args);
  const base = c.converted(
    x,
    isFloat(s)
      ? runtime
        ? concreteType(x.type)
        : x.type
      : withScalar(x.type, runtime ? 'f32' : 'abstract-float'),
    node,
  );
  const exponent = c.converted(e, runtime ? withScalar(e.type, 'i32') : e.type, node);
  const f = (a: readonly number[] = [], b: readonly number[] = []) =>
    a.map((v, i) => v * 2 ** Math.trunc((b[i] ?? 0) / 2) * 2 ** ((b[i] ?? 0) - Math.trunc((b[i] ?? 0) / 2)));
  const kind = scalarKind(base.type) ?? 'f32';
  return whole(
    c,
    base.type,
    [base, exponent],
    f,
    Array.from({ length: slotsOf(base.type) }, () => kind),
    node,
  );
}

/** The call of a numeric built-in; undefined when `name` is none. */
export function mathCall(c: Context, name: string, args: readonly Value[], node: Located): Value | undefined {
  if (args.some((a) => a.kind === 'error')) return ERROR_VALUE;
  const entry = Object.hasOwn(componentWise, name) ? componentWise[name] : undefined;
  if (entry) return component(c, name, entry, args, node);
  const geometry = Object.hasOwn(geometric, name) ? geometric[name] : undefined;
  if (geometry) {
    const own = unified(c, name, args, true, node);
    const type = own?.[0]?.type;
    const s = type && scalarKind(type);
    if (!own || !type || !s) return ERROR_VALUE;
    if (own.length !== geometry.arity)
      return c.fail('type', node, `${name} takes ${geometry.arity} arguments.`, 'Correct the call.');
    const result = geometry.result === 'scalar' ? scalar(s) : type;
    c.cost(s, 3 * slotsOf(type));
    return whole(
      c,
      result,
      own,
      geometry.f,
      Array.from({ length: slotsOf(result) }, () => s),
      node,
    );
  }
  const packed = Object.hasOwn(packing, name) ? packing[name] : undefined;
  if (packed) return packedCall(c, name, packed, args, node);
  switch (name) {
    case 'select':
      return select(c, args, node);
    case 'any':
    case 'all':
      return anyAll(c, name, args, node);
    case 'dot':
      return dot(c, args, node);
    case 'frexp':
    case 'modf':
      return split(c, name, args, node);
    case 'ldexp':
      return ldexp(c, args, node);
    case 'extractBits':
    case 'insertBits':
      return bitField(c, name, args, node);
    case 'transpose':
    case 'determinant':
      return matrixCall(c, name, args, node);
    default:
      return undefined;
  }
}
