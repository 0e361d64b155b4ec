// Assignments, increments and calls as statements.

import type { AssignElem, ExpressionElem, Located, Statement } from '../front/parse.ts';
import { loadRef, storeRef } from './access.ts';
import type { Context } from './context.ts';
import { binary } from './operators.ts';
import { settled } from './places.ts';
import { step } from './steps.ts';
import { constantValue, type Value } from './values.ts';

export function simple(c: Context, node: Simple): void {
  if (node.kind === 'call') {
    const callee = node.call.function;
    const name = callee.kind === 'ref' ? callee.ident.originalName : '';
    const kind = /Barrier$/.test(name) ? 'barrier' : 'call';
    step(c, kind, node, () => {
      c.copies = true;
      c.expression(node.call);
      return undefined;
    });
    return;
  }
  step(
    c,
    'assign',
    node,
    () => {
      if (node.kind === 'assign') assign(c, node);
      else {
        const one = constantValue({ type: { kind: 'scalar', scalar: 'abstract-int' }, data: [1n] });
        update(c, node.target, node.kind === 'increment' ? '+' : '-', () => one, node);
      }
      return undefined;
    },
    node.kind === 'assign' ? [node.lhs.kind === 'phony' ? undefined : node.lhs, node.rhs] : [node.target],
  );
}

type Simple = Extract<Statement, { kind: 'assign' | 'increment' | 'decrement' | 'call' }>;

function assign(c: Context, node: AssignElem): void {
  if (node.lhs.kind === 'phony') {
    const v = c.expression(node.rhs);
    if (v.kind !== 'reference' || v.type.kind !== 'array' || v.type.count !== undefined)
      c.loaded(v, node.rhs);
    return;
  }
  if (node.op.value !== '=') {
    update(c, node.lhs, node.op.value.slice(0, -1), () => c.value(node.rhs), node);
    return;
  }
  const target = place(c, node.lhs);
  if (!target) return void c.value(node.rhs);
  const v = c.value(node.rhs);
  // components are stored one by one, and the target may be the variable whose components these are
  const value = reordered(c, v) ? c.owned(v, node.rhs, target.type) : c.registers(v, node.rhs, target.type);
  if (value) storeRef(c, target.ref, value, node);
}

/** Whether a value is a variable's own components in another order, as v.yx or transpose(m). */
const reordered = (c: Context, v: Value): boolean =>
  v.kind === 'registers' &&
  v.borrowed &&
  v.registers.some((r, i) => r !== (v.registers[0] as number) + i * c.unit.width);

function place(c: Context, node: ExpressionElem): (Value & { kind: 'reference' }) | undefined {
  const v = c.expression(node);
  if (v.kind === 'reference') return v;
  if (v.kind !== 'error') c.fail('type', node, 'This cannot be assigned to.', assignHint(v));
  return undefined;
}

const assignHint = (v: Value): string =>
  v.kind === 'pointer'
    ? 'Write *p = … to assign through a pointer.'
    : 'Assign to a var or a part of it; let and const never change, and several components cannot be set at once.';

function update(c: Context, lhs: ExpressionElem, op: string, rhs: () => Value, node: Located): void {
  const target = place(c, lhs);
  if (!target) return;
  const ref = settled(c, target.ref);
  const old = loadRef(c, ref, node);
  const value = c.registers(binary(c, op, old, rhs(), node), node, target.type);
  if (value) storeRef(c, ref, value, node);
}
