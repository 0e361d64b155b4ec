// Statements to code: blocks and declarations; control flow is in control.ts, assignments in assign.ts.

import { concreteType } from '../front/constants.ts';
import { slotsOf } from '../front/layout.ts';
import type { ConstElem, ExpressionElem, LetElem, Located, Statement, VarElem } from '../front/parse.ts';
import { type Type, typeName } from '../front/types.ts';
import { markOp } from '../machine/ops-control.ts';
import { assignOp, zeroOp } from '../machine/ops-memory.ts';
import { simple } from './assign.ts';
import { type Context, LARGEST_VALUE } from './context.ts';
import {
  exit,
  forStatement,
  ifStatement,
  leave,
  loopStatement,
  switchStatement,
  whileStatement,
} from './control.ts';
import { settled } from './places.ts';
import { step } from './steps.ts';
import { resolveType, writing } from './types.ts';
import { type Entity, registersValue, type Scope, type Value } from './values.ts';

/** Declares a name, refusing a second one in the same block. */
function declare(c: Context, name: string, node: Located, entity: Entity, start: Scope | undefined): void {
  for (let s = c.scope; s && s !== start; s = s.next) {
    if (s.name === name) {
      c.fail('name', node, `${name} is declared twice in this block.`, 'Rename one of them.');
      break;
    }
  }
  c.declare(name, entity);
}

/** One statement; `start` is the scope in which its block began. */
export function statement(c: Context, node: Statement, start: Scope | undefined): void {
  switch (node.kind) {
    case 'block':
      c.block(node);
      return;
    case 'var':
    case 'let':
    case 'const':
      declaration(c, node, start);
      return;
    case 'assign':
    case 'increment':
    case 'decrement':
    case 'call':
      simple(c, node);
      return;
    case 'if':
      ifStatement(c, node);
      return;
    case 'for':
      forStatement(c, node);
      return;
    case 'while':
      whileStatement(c, node);
      return;
    case 'loop':
      loopStatement(c, node);
      return;
    case 'switch':
      switchStatement(c, node);
      return;
    case 'return':
      step(
        c,
        'return',
        node,
        () => {
          if (node.value) {
            const from = c.registers(c.value(node.value), node.value, c.returnType);
            if (from)
              c.emit(assignOp(c.returnRegisters, from), { d: c.returnRegisters, s: from, each: true });
          } else if (c.returnType.kind !== 'void' && c.returnType.kind !== 'error') {
            c.fail('type', node, `This function returns ${typeName(c.returnType)}.`, 'Return a value.');
          }
          if (c.finished !== undefined) c.emit(markOp(c.finished));
          leave(c, c.constructs.slice(1));
          return undefined;
        },
        [node.value],
      );
      return;
    case 'break':
      if (node.condition)
        c.fail(
          'type',
          node,
          '"break if" belongs at the end of a continuing block.',
          'Use if (…) { break; } here.',
        );
      step(c, 'break', node, () => exit(c, node, 'break'));
      return;
    case 'continue':
      step(c, 'continue', node, () => exit(c, node, 'continue'));
      return;
    case 'assert': {
      const v = c.value(node.expression);
      if (v.kind === 'constant' && v.data[0] === 0) {
        c.fail(
          'assert',
          node,
          'This const_assert does not hold.',
          'Change the condition or what it speaks of.',
        );
      }
      return;
    }
    case 'discard':
      c.fail('unsupported', node, 'discard belongs to fragment shaders.', 'Use return.');
      return;
    case 'continuing':
      c.fail('type', node, 'continuing belongs at the end of a loop.', 'Move it there.');
      return;
    case 'empty':
      return;
  }
}

function declaration(c: Context, node: VarElem | LetElem | ConstElem, start: Scope | undefined): void {
  const name = node.name.decl.ident.originalName;
  const typeNode = node.name.typeRef;
  const asked = typeNode && resolveType(c, writing(typeNode));
  if (node.kind === 'const') {
    const v = node.init ? c.value(node.init) : undefined;
    let own: Value =
      v && asked ? c.converted(v, asked, node) : (v ?? { kind: 'error', type: { kind: 'error' } });
    if (own.kind !== 'constant' && own.kind !== 'error') {
      own = c.fail('value', node, `The value of const ${name} is not a constant.`, 'Use let.');
    }
    declare(c, name, node, { kind: 'value', value: own, declared: 'const' }, start);
    return;
  }
  if (node.kind === 'let') {
    step(
      c,
      'declare',
      node,
      () => {
        const v = node.init ? letValue(c, node.init, asked) : undefined;
        declare(c, name, node, { kind: 'value', value: v?.value ?? errorValue, declared: 'let' }, start);
        return v?.keep;
      },
      [node.init],
    );
    return;
  }
  step(
    c,
    'declare',
    node,
    () => {
      const init = node.init ? c.value(node.init) : undefined;
      const type = asked ?? (init ? concreteType(init.type) : { kind: 'error' as const });
      if (!asked && !init)
        c.fail('type', node, `${name} needs a type or a value.`, 'Write var x: f32; or var x = 0.0;');
      const value = variable(c, name, type, init, node);
      declare(c, name, node, { kind: 'value', value, declared: 'var' }, start);
      return undefined;
    },
    [node.init],
  );
}

const errorValue: Value = { kind: 'error', type: { kind: 'error' } };

/** A let's value: a pointer with its address fixed, or registers of its own. */
function letValue(
  c: Context,
  init: ExpressionElem,
  asked: Type | undefined,
): { value: Value; keep: readonly number[] } {
  const v = c.expression(init);
  if (v.kind === 'pointer') {
    const ref = settled(c, v.ref);
    return { value: { ...v, ref }, keep: ref.address === undefined ? [] : [ref.address] };
  }
  const loaded = c.loaded(v, init);
  const type = asked ?? concreteType(loaded.type);
  const registers = c.owned(loaded, init, type);
  if (!registers) return { value: errorValue, keep: [] };
  return { value: registersValue(type, registers), keep: registers };
}

/** A variable in registers, set to `init` or to zero. */
export function variable(
  c: Context,
  name: string,
  type: Type,
  init: Value | undefined,
  node: Located,
): Value {
  if (type.kind === 'error' || init?.kind === 'error') return errorValue;
  const slots = slotsOf(type);
  if (slots > LARGEST_VALUE) {
    return c.fail(
      'limit',
      node,
      `${name} takes ${slots} registers a lane.`,
      `Keep local variables under ${LARGEST_VALUE}, or use workgroup memory.`,
    );
  }
  const base = c.unit.registers.block(slots);
  const registers = Array.from({ length: slots }, (_, i) => base + i * c.unit.width);
  if (init) {
    const from = c.registers(init, node, type);
    if (!from) return errorValue;
    c.emit(assignOp(registers, from), { d: registers, s: from, each: true });
  } else {
    c.emit(zeroOp(registers), { d: registers, s: [] });
  }
  const root = { kind: 'registers', name, space: 'function', base } as const;
  return { kind: 'reference', type, ref: { root, type, access: 'read_write', offset: 0 } };
}
