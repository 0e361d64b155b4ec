// Calls of a type: zero values, conversions, vectors, matrices, arrays and structs (WGSL §17.1), and bitcast.

import { castConstant, commonType, concreteType, zeros } from '../front/constants.ts';
import { bytesOf, slotsOf } from '../front/layout.ts';
import { bitsOfF16, bitsOfF32, f16OfBits, f32OfBits, type Num } from '../front/numbers.ts';
import type { Located } from '../front/parse.ts';
import {
  arrayOf,
  isAbstract,
  matrix,
  type Scalar,
  scalar,
  scalarKind,
  type Type,
  typeName,
  vector,
  withScalar,
} from '../front/types.ts';
import { conversionOp } from '../machine/ops-convert.ts';
import { generalOp } from '../machine/ops-map.ts';
import { type Context, LARGEST_VALUE } from './context.ts';
import type { Generator } from './types.ts';
import { constantValue, ERROR_VALUE, type Value } from './values.ts';

/** A value of type `t` from its parts, in order, each of which already has its final type. */
function assemble(
  c: Context,
  t: Type,
  parts: readonly Value[],
  types: readonly Type[],
  node: Located,
): Value {
  if (parts.some((p) => p.kind === 'error')) return ERROR_VALUE;
  if (parts.every((p) => p.kind === 'constant')) {
    const data: Num[] = [];
    for (const [i, p] of parts.entries()) {
      const own = c.converted(p, types[i] ?? t, node);
      if (own.kind !== 'constant') return ERROR_VALUE;
      data.push(...own.data);
    }
    return constantValue({ type: t, data });
  }
  const registers: number[] = [];
  for (const [i, p] of parts.entries()) {
    const own = c.owned(p, node, types[i] ?? t);
    if (!own) return ERROR_VALUE;
    registers.push(...own);
  }
  return c.result(t, registers);
}

/** Value conversion between scalar kinds, component by component: i32(x), vec3<f32>(v). */
function cast(c: Context, t: Type, v: Value, node: Located): Value {
  const from = scalarKind(v.type);
  const to = scalarKind(t);
  if (from === undefined || to === undefined) return ERROR_VALUE;
  if (v.kind === 'constant') {
    const data: Num[] = [];
    for (const x of v.data) {
      const r = castConstant(x, from, to);
      if (!r.ok) return c.fail('value', node, `${r.error}.`, 'Use a value in range.');
      data.push(r.value);
    }
    return constantValue({ type: t, data });
  }
  const registers = c.registers(v, node);
  if (!registers) return ERROR_VALUE;
  const op = conversionOp(from, to);
  if (!op) return { kind: 'registers', type: t, registers, borrowed: v.kind === 'registers' && v.borrowed };
  const out = c.out.temporariesOf(registers.length);
  registers.forEach((r, i) => {
    const d = out[i] as number;
    c.emit(op(d, r), { d: [d], s: [r] });
  });
  return c.result(t, out);
}

/** `t(args)`. */
export function construct(c: Context, t: Type, args: readonly Value[], node: Located): Value {
  if (t.kind === 'error' || args.some((a) => a.kind === 'error')) return ERROR_VALUE;
  const wrong = (hint: string): Value =>
    c.fail(
      'type',
      node,
      `${typeName(t)} cannot be made from (${args.map((a) => typeName(a.type)).join(', ')}).`,
      hint,
    );
  if (t.kind === 'array' && t.count === undefined) return wrong('Give the array a size.');
  if (t.kind === 'atomic' || t.kind === 'pointer') return wrong('Such values cannot be constructed.');
  if (slotsOf(t) > LARGEST_VALUE) {
    return c.fail(
      'limit',
      node,
      `A value of ${slotsOf(t)} scalars is too large.`,
      `Keep values under ${LARGEST_VALUE}.`,
    );
  }
  if (args.length === 0) return constantValue(zeros(t, slotsOf(t)));
  switch (t.kind) {
    case 'scalar': {
      const [v] = args;
      if (!v || args.length > 1 || v.type.kind !== 'scalar') return wrong('Give it one scalar.');
      return cast(c, t, v, node);
    }
    case 'vector':
      return (
        vectorOf(c, t.scalar, t.size, args, node) ?? wrong(`Give it ${t.size} components, or one to repeat.`)
      );
    case 'matrix':
      return (
        matrixOf(c, t, args, node) ?? wrong(`Give it ${t.columns} columns or ${t.columns * t.rows} scalars.`)
      );
    case 'array': {
      if (args.length !== t.count) return wrong(`Give it ${t.count} elements.`);
      return assemble(
        c,
        t,
        args,
        args.map(() => t.element),
        node,
      );
    }
    case 'struct': {
      if (args.length !== t.members.length) return wrong(`Give it ${t.members.length} members.`);
      return assemble(
        c,
        t,
        args,
        t.members.map((m) => m.type),
        node,
      );
    }
    default:
      return wrong('Name a constructible type.');
  }
}

function vectorOf(
  c: Context,
  s: Scalar,
  size: number,
  args: readonly Value[],
  node: Located,
): Value | undefined {
  const t = vector(s, size);
  const [only] = args;
  if (only && args.length === 1) {
    if (only.type.kind === 'vector') return only.type.size === size ? cast(c, t, only, node) : undefined;
    if (only.type.kind !== 'scalar') return undefined;
    const part = c.converted(only, scalar(s), node);
    return assemble(
      c,
      t,
      Array.from({ length: size }, () => part),
      Array.from({ length: size }, () => scalar(s)),
      node,
    );
  }
  const count = args.reduce(
    (n, a) => n + (a.type.kind === 'vector' ? a.type.size : a.type.kind === 'scalar' ? 1 : 99),
    0,
  );
  return count === size
    ? assemble(
        c,
        t,
        args,
        args.map((a) => withScalar(a.type, s)),
        node,
      )
    : undefined;
}

function matrixOf(
  c: Context,
  t: Type & { kind: 'matrix' },
  args: readonly Value[],
  node: Located,
): Value | undefined {
  const [only] = args;
  if (only && args.length === 1 && only.type.kind === 'matrix') {
    return only.type.columns === t.columns && only.type.rows === t.rows ? cast(c, t, only, node) : undefined;
  }
  const column = vector(t.scalar, t.rows);
  const columns =
    args.length === t.columns && args.every((a) => a.type.kind === 'vector' && a.type.size === t.rows);
  const cells = args.length === t.columns * t.rows && args.every((a) => a.type.kind === 'scalar');
  if (!columns && !cells) return undefined;
  return assemble(
    c,
    t,
    args,
    args.map(() => (columns ? column : scalar(t.scalar))),
    node,
  );
}

/** vec3(…), mat2x2(…), array(…): the element type comes from the arguments. */
export function generate(c: Context, g: Generator, args: readonly Value[], node: Located): Value {
  if (args.some((a) => a.kind === 'error')) return ERROR_VALUE;
  let common: Type | undefined;
  for (const a of args) {
    const s = scalarKind(a.type);
    const part = g.kind === 'array' ? a.type : s && scalar(s);
    common = part && (common === undefined ? part : commonType(common, part));
    if (!common)
      return c.fail('type', node, 'The arguments have no common type.', 'Convert them to one type.');
  }
  if (!common)
    return g.kind === 'vector'
      ? construct(c, vector('abstract-int', g.size), [], node)
      : c.fail('type', node, 'This needs arguments.', 'Name the element type, or give the elements.');
  if (g.kind === 'array') {
    const element = args.some((a) => a.kind !== 'constant') ? concreteType(common) : common;
    return construct(c, arrayOf(element, args.length), args, node);
  }
  const own = scalarKind(common) ?? 'f32';
  const runtime = args.some((a) => a.kind !== 'constant') && isAbstract(common);
  const s = runtime ? (scalarKind(concreteType(common)) ?? own) : own;
  if (g.kind === 'vector') return construct(c, vector(s, g.size), args, node);
  return construct(c, matrix(s === 'abstract-int' ? 'abstract-float' : s, g.columns, g.rows), args, node);
}

/** The bits of a value as 16-bit (f16) or 32-bit pieces. */
const pieces = (s: Scalar): 1 | 2 => (s === 'f16' ? 1 : 2);

/** bitcast<t>(v). */
export function bitcast(c: Context, t: Type, given: Value, node: Located): Value {
  if (given.kind === 'error' || t.kind === 'error') return ERROR_VALUE;
  const v = c.converted(given, concreteType(given.type), node);
  const from = scalarKind(v.type);
  const to = scalarKind(t);
  const wrong = () =>
    c.fail(
      'type',
      node,
      `There is no bitcast from ${typeName(v.type)} to ${typeName(t)}.`,
      'Both must be numeric and of one size.',
    );
  if (v.kind === 'error') return ERROR_VALUE;
  if (!from || !to || from === 'bool' || to === 'bool' || t.kind === 'matrix' || v.type.kind === 'matrix')
    return wrong();
  if (bytesOf(v.type) !== bytesOf(t)) return wrong();
  if (v.kind === 'constant') {
    const data = bitcastConstant(from, to, v.data.map(Number));
    if (data.some((x) => !Number.isFinite(x)))
      return c.fail('value', node, 'The bits are not a finite number.', 'Use other bits.');
    return constantValue({ type: t, data });
  }
  const registers = c.registers(v, node);
  if (!registers) return ERROR_VALUE;
  if (pieces(from) === pieces(to))
    return { kind: 'registers', type: t, registers, borrowed: v.kind === 'registers' && v.borrowed };
  const out = c.out.temporariesOf(slotsOf(t));
  const halves = pieces(from) === 1;
  out.forEach((d, i) => {
    if (halves) {
      const pair = [registers[2 * i] as number, registers[2 * i + 1] as number];
      c.emit(
        generalOp((x, y) => bitsOfF16(x ?? 0) | (bitsOfF16(y ?? 0) << 16), d, pair, ['F', 'F'], 'I'),
        { d: [d], s: pair },
      );
    } else {
      const word = registers[i >> 1] as number;
      const shift = (i & 1) * 16;
      c.emit(
        generalOp((x) => f16OfBits(((x ?? 0) >>> shift) & 0xffff), d, [word], ['I'], 'F'),
        { d: [d], s: [word] },
      );
    }
  });
  return c.result(t, out);
}

function bitcastConstant(from: Scalar, to: Scalar, data: readonly number[]): number[] {
  const bytes = new DataView(new ArrayBuffer(16));
  let at = 0;
  for (const x of data) {
    if (from === 'f16') bytes.setUint16(at, bitsOfF16(x), true);
    else bytes.setInt32(at, from === 'f32' ? bitsOfF32(x) : x | 0, true);
    at += from === 'f16' ? 2 : 4;
  }
  const out: number[] = [];
  for (let i = 0; i < at; i += to === 'f16' ? 2 : 4) {
    if (to === 'f16') out.push(f16OfBits(bytes.getUint16(i, true)));
    else if (to === 'f32') out.push(f32OfBits(bytes.getInt32(i, true)));
    else out.push(to === 'i32' ? bytes.getInt32(i, true) : bytes.getUint32(i, true));
  }
  return out;
}
