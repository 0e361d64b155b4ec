// Expressions to values: names, literals, operators, indexing, members, calls.

import { concreteType, literal } from '../front/constants.ts';
import { slotsOf } from '../front/layout.ts';
import {
  type BinaryExpression,
  type ExpressionElem,
  type Located,
  regrouped,
  type UnaryExpression,
} from '../front/parse.ts';
import { BOOL, isInteger, scalarKind, type Type, typeName, vector } from '../front/types.ts';
import { type Label, loadMaskOp, shortCircuitOp } from '../machine/ops-control.ts';
import { assignOp } from '../machine/ops-memory.ts';
import { gatherValue } from './access.ts';
import { call } from './calls.ts';
import type { Context } from './context.ts';
import { binary, unary } from './operators.ts';
import { elementAt, elements, indexed, memberOf, swizzle } from './places.ts';
import { isTypeName, resolveType, type TypeWriting, writing } from './types.ts';
import { constantValue, ERROR_VALUE, type Ref, registersValue, type Value } from './values.ts';

const pointerTo = (ref: Ref): Value => ({
  kind: 'pointer',
  type: { kind: 'pointer', space: ref.root.space, store: ref.type, access: ref.access },
  ref,
});

export function expression(c: Context, node: ExpressionElem): Value {
  switch (node.kind) {
    case 'literal': {
      const r = literal(node.value);
      if (!r.ok) return c.fail('value', node, `${r.error}.`, 'Correct the literal.');
      if (scalarKind(r.value.type) === 'f16' && !c.unit.extensions.has('f16')) {
        return c.fail(
          'type',
          node,
          'f16 is used, but not enabled.',
          'Write "enable f16;" as the first line.',
        );
      }
      return constantValue(r.value);
    }
    case 'parenthesized-expression':
      return expression(c, node.expression);
    case 'ref':
      return named(c, writing(node));
    case 'type':
      return isTypeName(c, writing(node))
        ? { kind: 'type', type: resolveType(c, writing(node)) }
        : named(c, writing(node));
    case 'unary-expression':
      return unaryExpression(c, node);
    case 'binary-expression':
      return binaryExpression(c, regrouped(node));
    case 'component-expression':
      return indexExpression(c, node.base, node.access, node);
    case 'component-member-expression':
      return memberExpression(c, node.base, node.access.name, node);
    case 'call-expression':
      return call(c, node);
  }
}

function named(c: Context, w: TypeWriting): Value {
  const found = c.find(w.name);
  if (found?.kind === 'value') return found.value;
  if (found?.kind === 'type') return { kind: 'type', type: found.type };
  if (found?.kind === 'function') {
    return c.fail('type', w, `${w.name} is a function.`, `Call it: ${w.name}(…).`);
  }
  if (isTypeName(c, w)) return { kind: 'type', type: resolveType(c, w) };
  return c.fail(
    'name',
    w,
    `There is no ${w.name} here.`,
    'Declare it before this point, or correct its name.',
  );
}

function unaryExpression(c: Context, node: UnaryExpression): Value {
  const op = node.operator.value;
  if (op === '&') {
    const v = expression(c, node.expression);
    if (v.kind === 'reference') return pointerTo(v.ref);
    return v.kind === 'error'
      ? v
      : c.fail('type', node, '& needs a variable.', 'Only variables and their parts have an address.');
  }
  if (op === '*') {
    const v = expression(c, node.expression);
    if (v.kind === 'pointer') return { kind: 'reference', type: v.ref.type, ref: v.ref };
    return v.kind === 'error'
      ? v
      : c.fail('type', node, `* needs a pointer, not ${typeName(v.type)}.`, 'Remove the *.');
  }
  return unary(c, op, c.value(node.expression), node);
}

function binaryExpression(c: Context, node: BinaryExpression): Value {
  const op = node.operator.value;
  if (op === '&&' || op === '||') {
    const other = op === '&&' ? '||' : '&&';
    if ([node.left, node.right].some((e) => e.kind === 'binary-expression' && e.operator.value === other)) {
      return c.fail(
        'type',
        node,
        '&& and || are mixed without parentheses.',
        'Write (a && b) || c, or a && (b || c).',
      );
    }
    return shortCircuit(c, op, node);
  }
  const left = c.value(node.left);
  const right = c.value(node.right);
  return binary(c, op, left, right, node);
}

/** Emits the right side under a mask of the lanes that need it. */
function shortCircuit(c: Context, op: '&&' | '||', node: BinaryExpression): Value {
  const boolean = (v: Value, at: Located): Value => {
    if (v.kind === 'error' || (v.type.kind === 'scalar' && v.type.scalar === 'bool')) return v;
    return c.fail(
      'type',
      at,
      `${op} needs bool, not ${typeName(v.type)}.`,
      'Compare it, as in x != 0, or use & and |.',
    );
  };
  const left = boolean(c.value(node.left), node.left);
  if (left.kind === 'constant') {
    const decided = (left.data[0] !== 0) === (op === '||');
    if (decided) return left;
    return boolean(c.value(node.right), node.right);
  }
  const first = c.registers(left, node.left)?.[0];
  if (first === undefined) return ERROR_VALUE;
  const result = c.out.temporary();
  const mask = c.out.temporary();
  const end: Label = { pc: 0 };
  c.emit(assignOp([result], [first]), { d: [result], s: [first], each: true });
  c.emit(shortCircuitOp(first, mask, op === '||', end), { d: [], s: [first] });
  const right = c.registers(boolean(c.value(node.right), node.right), node.right)?.[0];
  if (right !== undefined) c.emit(assignOp([result], [right]), { d: [result], s: [right], each: true });
  c.out.place(end);
  c.emit(loadMaskOp(mask, end));
  return right === undefined ? ERROR_VALUE : registersValue(BOOL, [result]);
}

function indexExpression(
  c: Context,
  baseNode: ExpressionElem,
  indexNode: ExpressionElem,
  node: Located,
): Value {
  const base = expression(c, baseNode);
  const index = c.value(indexNode);
  if (base.kind === 'error' || index.kind === 'error') return ERROR_VALUE;
  const place = base.kind === 'reference' || base.kind === 'pointer' ? base.ref : undefined;
  const type: Type = place?.type ?? base.type;
  const e = elements(type);
  if (!e)
    return c.fail(
      'type',
      node,
      `${typeName(type)} has no elements.`,
      'Index an array, a vector or a matrix.',
    );
  const s = scalarKind(index.type);
  if (index.type.kind !== 'scalar' || !s || !isInteger(s)) {
    return c.fail(
      'type',
      indexNode,
      `An index is an integer, not ${typeName(index.type)}.`,
      'Use i32 or u32.',
    );
  }
  if (index.kind === 'constant') {
    const i = Number(index.data[0]);
    if (i < 0 || (e.count !== undefined && i >= e.count)) {
      return c.fail(
        'value',
        indexNode,
        `Index ${i} is out of bounds: there are ${e.count ?? 'no negative'} elements.`,
        'Use an index in range.',
      );
    }
    if (place && e.count !== undefined) return { kind: 'reference', type: e.type, ref: elementAt(place, i) };
    if (base.kind === 'constant') {
      return constantValue({ type: e.type, data: base.data.slice(i * e.slots, (i + 1) * e.slots) });
    }
    if (base.kind === 'registers') {
      return registersValue(e.type, base.registers.slice(i * e.slots, (i + 1) * e.slots), base.borrowed);
    }
  }
  const register = c.registers(index, indexNode)?.[0];
  if (register === undefined) return ERROR_VALUE;
  if (place) {
    const own = index.kind === 'registers' && index.borrowed && c.copies ? c.copy([register])[0] : register;
    return { kind: 'reference', type: e.type, ref: indexed(c, place, own ?? register, node) };
  }
  const concrete = concreteType(type);
  const registers = c.registers(base, baseNode, concrete);
  if (!registers) return ERROR_VALUE;
  return gatherValue(c, { kind: 'registers', type: concrete, registers, borrowed: false }, register, node);
}

function memberExpression(c: Context, baseNode: ExpressionElem, name: string, node: Located): Value {
  const base = expression(c, baseNode);
  if (base.kind === 'error') return base;
  const place = base.kind === 'reference' || base.kind === 'pointer' ? base.ref : undefined;
  if (place) {
    const ref = memberOf(place, name);
    if (ref) return { kind: 'reference', type: ref.type, ref };
  }
  const v: Value = place ? c.loaded({ kind: 'reference', type: place.type, ref: place }, node) : base;
  const t = v.type;
  let slots: readonly number[] | undefined;
  let type: Type = t;
  if (t.kind === 'struct') {
    const member = t.members.find((m) => m.name === name);
    if (member) {
      type = member.type;
      slots = Array.from({ length: slotsOf(member.type) }, (_, i) => member.slot + i);
    }
  } else if (t.kind === 'vector') {
    slots = swizzle(name, t.size);
    if (slots)
      type = slots.length === 1 ? { kind: 'scalar', scalar: t.scalar } : vector(t.scalar, slots.length);
  }
  if (!slots) {
    if (v.kind === 'error') return v;
    return c.fail('name', node, `${typeName(t)} has no member ${name}.`, memberHint(t));
  }
  if (v.kind === 'constant') return constantValue({ type, data: slots.map((i) => v.data[i] ?? 0) });
  if (v.kind === 'registers')
    return registersValue(
      type,
      slots.map((i) => v.registers[i] as number),
      v.borrowed,
    );
  return ERROR_VALUE;
}

const memberHint = (t: Type): string =>
  t.kind === 'struct'
    ? `It has ${t.members.map((m) => m.name).join(', ')}.`
    : t.kind === 'vector'
      ? 'Use x, y, z, w or r, g, b, a, up to its size.'
      : 'Only structs and vectors have members.';
