// Numeric built-ins on whole vectors and matrices: geometry, packing, frexp and modf, transpose.

import { concreteType } from '../front/constants.ts';
import { structType } from '../front/layout.ts';
import { determinant, dotOf, frexp, modf } from '../front/math.ts';
import { rounded } from '../front/numbers.ts';
import type { packing } from '../front/packing.ts';
import type { Located } from '../front/parse.ts';
import { isInteger, matrix, type Scalar, scalar, scalarKind, type Type, vector } from '../front/types.ts';
import { dot4Op } from '../machine/ops-arithmetic.ts';
import { vectorOp } from '../machine/ops-map.ts';
import { constants, folded, numbers, unified, type View, viewOf } from './builtins-component.ts';
import type { Context } from './context.ts';
import { dotProduct } from './operators.ts';
import { constantValue, ERROR_VALUE, registersValue, type Value } from './values.ts';

/** f on whole arguments, constant or not. */
export function whole(
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

export function dot(c: Context, given: readonly Value[], node: Located): Value {
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
  if (a.kind === 'constant' && b.kind === 'constant') {
    if (s === 'abstract-int') {
      const sum = a.data.reduce((t: bigint, x, i) => t + BigInt(x) * BigInt(b.data[i] ?? 0), 0n);
      if (sum !== BigInt.asIntN(64, sum))
        return c.fail('value', node, 'The dot product overflows a 64-bit integer.', 'Use smaller numbers.');
      return constantValue({ type: scalar(s), data: [sum] });
    }
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
export function split(c: Context, name: 'frexp' | 'modf', given: readonly Value[], node: Located): Value {
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
  const parts = name === 'modf' ? modf : frexp;
  const f = (x: readonly number[] = []): number[] => [
    ...x.map((y) => parts(y)[0]),
    ...x.map((y) => parts(y)[1]),
  ];
  const outputs = [...Array.from({ length: size }, () => s), ...Array.from({ length: size }, () => second)];
  const result = whole(c, type, [v], f, outputs, node);
  if (result.kind !== 'constant') return result;
  return constantValue({
    type,
    data: result.data.map((x, i) => (outputs[i] === 'abstract-int' ? BigInt(x) : x)),
  });
}

export function packedCall(
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

export function matrixCall(
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
    ? registersValue(
        type,
        order.map((i) => from[i] as number),
        v.kind === 'registers' && v.borrowed,
      )
    : ERROR_VALUE;
}
