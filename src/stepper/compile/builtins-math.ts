// Calls of numeric, logical and packing built-ins: types, folding of constants, code.

import { commonType, concreteType } from '../front/constants.ts';
import {
  bitFields,
  type ComponentWise,
  componentWise,
  determinant,
  dotOf,
  frexp,
  geometric,
  packing,
} from '../front/math.ts';
import { type Num, rounded, roundF16 } from '../front/numbers.ts';
import type { Located } from '../front/parse.ts';
import {
  isFloat,
  isInteger,
  matrix,
  type Scalar,
  scalar,
  scalarKind,
  slotsOf,
  structType,
  type Type,
  typeName,
  U32,
  vector,
  withScalar,
} from '../front/types.ts';
import {
  dot4Op,
  fmaOp,
  generalOp,
  mapF,
  mapI,
  mapU,
  selectOp,
  vectorOp,
  zipF,
  zipI,
  zipU,
} from '../machine/ops-arithmetic.ts';
import type { Context } from './context.ts';
import { dotProduct, emitBinary } from './operators.ts';
import { constantValue, ERROR_VALUE, type Value } from './values.ts';

type View = 'F' | 'I' | 'U';
const viewOf = (s: Scalar): View => (s === 'f32' || s === 'f16' ? 'F' : s === 'u32' ? 'U' : 'I');
const numbers = (v: Value): readonly number[] => (v.kind === 'constant' ? v.data.map(Number) : []);
const constants = (values: readonly Value[]): boolean => values.every((v) => v.kind === 'constant');

/** All arguments with one scalar kind; floats when `float`. Undefined after an error. */
function unified(
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

function folded(c: Context, type: Type, data: readonly number[], node: Located): Value {
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

function component(
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
  const args = unified(c, name, given, !entry.i && !entry.u, node);
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

/** f on whole arguments, constant or not. */
function whole(
  c: Context,
  type: Type,
  args: readonly Value[],
  f: (...a: (readonly number[])[]) => readonly number[],
  outputs: readonly Scalar[],
  node: Located,
): Value {
  if (args.some((a) => a.kind === 'error')) return ERROR_VALUE;
  if (constants(args)) {
    const out = f(...args.map(numbers));
    if (type.kind !== 'struct') return folded(c, type, out, node);
    return constantValue({ type, data: out.map((x, i) => rounded(outputs[i] ?? 'f32', x)) });
  }
  const rows: (readonly number[])[] = [];
  const from: View[] = [];
  for (const a of args) {
    const r = c.registers(a, node);
    if (!r) return ERROR_VALUE;
    rows.push(r);
    from.push(viewOf(scalarKind(concreteType(a.type)) ?? 'f32'));
  }
  const d = c.out.temporariesOf(outputs.length);
  const g = (...a: number[][]) => {
    const out = f(...a);
    return outputs.some((s) => s === 'f16') ? out.map((x, i) => rounded(outputs[i] ?? 'f32', x)) : out;
  };
  c.emit(vectorOp(g, d, rows, from, outputs.map(viewOf)), { d, s: rows.flat() });
  return c.result(type, d);
}

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
  const [first = 0, ...rest] = c.registers(v, node) ?? [];
  let sum = first;
  for (const r of rest) {
    const d = c.out.temporary();
    emitBinary(c, 'bool', name === 'all' ? '&' : '|', d, sum, r);
    sum = d;
  }
  return c.result(scalar('bool'), [sum]);
}

function dot(c: Context, given: readonly Value[], node: Located): Value {
  const args = unified(c, 'dot', given, false, node);
  const [a, b] = args ?? [];
  if (!a || !b || a.kind === 'error' || b.kind === 'error') return ERROR_VALUE;
  const s = scalarKind(a.type);
  if (
    !s ||
    a.type.kind !== 'vector' ||
    b.type.kind !== 'vector' ||
    a.type.size !== b.type.size ||
    s === 'bool'
  ) {
    return c.fail(
      'type',
      node,
      'dot takes two vectors of one type.',
      'Give it two vectors of the same size.',
    );
  }
  if (constants([a, b])) {
    const x = numbers(a);
    return folded(
      c,
      scalar(s),
      [
        isInteger(s)
          ? x.reduce((t, v, i) => rounded(s, t + Math.imul(v, numbers(b)[i] ?? 0)), 0)
          : dotOf(x, numbers(b)),
      ],
      node,
    );
  }
  const ra = c.registers(a, node);
  const rb = c.registers(b, node);
  if (!ra || !rb) return ERROR_VALUE;
  return c.result(scalar(s), [
    dotProduct(
      c,
      s,
      ra.map((_, i) => [i, i] as const),
      ra,
      rb,
    ),
  ]);
}

/** frexp and modf return structs that only they make. */
function split(c: Context, name: 'frexp' | 'modf', given: readonly Value[], node: Located): Value {
  const v = unified(c, name, given, true, node)?.[0];
  if (!v || v.kind === 'error') return ERROR_VALUE;
  const s = scalarKind(v.type);
  if (!s || given.length !== 1 || v.type.kind === 'matrix')
    return c.fail('type', node, `${name} takes one float or vector of floats.`, 'Give it one argument.');
  const size = v.type.kind === 'vector' ? v.type.size : 1;
  const shape = (k: Scalar): Type => (size === 1 ? scalar(k) : vector(k, size));
  const second: Scalar = name === 'modf' ? s : s.startsWith('abstract') ? 'abstract-int' : 'i32';
  const type = structType(`__${name}_result_${size === 1 ? '' : `vec${size}_`}${s}`, [
    { name: 'fract', type: shape(s) },
    { name: name === 'modf' ? 'whole' : 'exp', type: shape(second) },
  ]);
  const f = (x: readonly number[] = []): number[] =>
    name === 'modf'
      ? [...x.map((y) => y - Math.trunc(y)), ...x.map(Math.trunc)]
      : [...x.map((y) => frexp(y)[0]), ...x.map((y) => frexp(y)[1])];
  const outputs = [...Array.from({ length: size }, () => s), ...Array.from({ length: size }, () => second)];
  const result = whole(c, type, [v], f, outputs, node);
  if (result.kind !== 'constant') return result;
  return constantValue({
    type,
    data: result.data.map((x, i) => (outputs[i] === 'abstract-int' ? BigInt(x) : x)),
  });
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

function packedCall(
  c: Context,
  name: string,
  p: (typeof packing)[string],
  args: readonly Value[],
  node: Located,
): Value {
  const typeOf = ([s, size]: readonly [Scalar, number]): Type => (size === 1 ? scalar(s) : vector(s, size));
  if (args.length !== p.from.length)
    return c.fail(
      'type',
      node,
      `${name} takes ${p.from.length} argument${p.from.length > 1 ? 's' : ''}.`,
      'Correct the call.',
    );
  const own = args.map((a, i) => c.converted(a, typeOf(p.from[i] ?? ['u32', 1]), node));
  if (own.some((a) => a.kind === 'error')) return ERROR_VALUE;
  c.cost(p.to[0], p.cost);
  const type = typeOf(p.to);
  if (name.startsWith('dot4') && !constants(own)) {
    const [a, b] = own.map((v) => c.registers(v, node)?.[0] ?? 0);
    const d = c.out.temporary();
    c.emit(dot4Op(d, a ?? 0, b ?? 0, name === 'dot4I8Packed'), { d: [d], s: [a ?? 0, b ?? 0] });
    return c.result(type, [d]);
  }
  return whole(
    c,
    type,
    own,
    constants(own) ? (p.exact ?? p.f) : p.f,
    Array.from({ length: p.to[1] }, () => p.to[0]),
    node,
  );
}

function matrixCall(
  c: Context,
  name: 'transpose' | 'determinant',
  args: readonly Value[],
  node: Located,
): Value {
  const v = args[0];
  const t = v?.type;
  if (!v || t?.kind !== 'matrix')
    return c.fail('type', node, `${name} takes a matrix.`, 'Give it one matrix.');
  const { columns, rows, scalar: s } = t;
  if (name === 'determinant') {
    if (columns !== rows)
      return c.fail('type', node, 'determinant takes a square matrix.', 'Give it one matrix.');
    c.cost(s, columns ** 3);
    return whole(c, scalar(s), [v], (m = []) => [determinant(m, columns)], [s], node);
  }
  const type = matrix(s, rows, columns);
  const order = Array.from(
    { length: rows * columns },
    (_, i) => (i % columns) * rows + Math.floor(i / columns),
  );
  if (v.kind === 'constant') return constantValue({ type, data: order.map((i) => v.data[i] ?? 0) });
  const from = c.registers(v, node);
  return from
    ? c.result(
        type,
        order.map((i) => from[i] as number),
      )
    : ERROR_VALUE;
}
