// Statements to code. Control flow is masks (see machine/ops-control.ts): every construct has a mask of the
// lanes that go on after it, and an early exit takes lanes out of the masks of what they leave.

import type { StatementInfo } from '../api.ts';
import { concreteType } from '../front/constants.ts';
import type {
  AssignElem,
  BlockElem,
  ConstElem,
  ExpressionElem,
  ForElem,
  IfElem,
  LetElem,
  Located,
  LoopElem,
  Statement,
  SwitchElem,
  VarElem,
  WhileElem,
} from '../front/parse.ts';
import { BOOL, isInteger, scalarKind, slotsOf, type Type, typeName } from '../front/types.ts';
import {
  breakIfOp,
  clauseOp,
  ifOp,
  jumpOp,
  type Label,
  leaveOp,
  loadMaskOp,
  markOp,
  observedStatementOp,
  saveMaskOp,
  statementOp,
  switchOp,
  whileOp,
} from '../machine/ops-control.ts';
import { assignOp, zeroOp } from '../machine/ops-memory.ts';
import { loadRef, settled, storeRef } from './access.ts';
import type { Construct, Context } from './context.ts';
import { callsFunctions } from './expressions.ts';
import { binary } from './operators.ts';
import { resolveType, writing } from './types.ts';
import { constantValue, type Entity, registersValue, type Scope, type Value } from './values.ts';

const label = (): Label => ({ pc: 0 });

/** Largest register array of one variable, in scalars a lane. */
const LARGEST_VARIABLE = 1 << 14;

/** Runs `emit` as one step of kind `kind`; what it returns outlives it. `parts` are the expressions in it. */
function step(
  c: Context,
  kind: StatementInfo['kind'],
  node: Located,
  emit: () => readonly number[] | undefined,
  parts: readonly (ExpressionElem | undefined)[] = [],
): void {
  const outer = c.out.begin();
  marker(c, kind, node);
  c.copies = parts.some((e) => callsFunctions(c, e));
  const keep = emit() ?? [];
  c.copies = false;
  c.out.end(outer, keep);
}

function marker(c: Context, kind: StatementInfo['kind'], node: Located): void {
  const id = c.unit.statement(kind, node, c.functionName, c.scope);
  c.emit(c.unit.traced ? observedStatementOp(id) : statementOp);
  c.unit.markers.push({ out: c.out, at: c.out.ops.length - 1, statement: id });
}

/** A block with its own names and registers. */
export function block(c: Context, node: BlockElem): void {
  const scope = c.scope;
  const outer = c.out.begin();
  body(c, node.body, scope);
  c.out.end(outer);
  c.scope = scope;
}

function body(c: Context, statements: readonly Statement[], start: Scope | undefined): void {
  for (const s of statements) statement(c, s, start);
}

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

function statement(c: Context, node: Statement, start: Scope | undefined): void {
  switch (node.kind) {
    case 'block':
      block(c, node);
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

/** The active lanes leave `inner` constructs for good. */
function leave(c: Context, inner: readonly Construct[]): void {
  const masks = inner.flatMap((k) => (k.live === undefined ? [k.exit] : [k.exit, k.live]));
  c.emit(leaveOp(masks, c.constructs.at(-1)?.end ?? label()));
}

function exit(c: Context, node: Located, what: 'break' | 'continue'): undefined {
  const target = c.constructs.findLastIndex(
    (k) => k.kind === 'loop' || (what === 'break' && k.kind === 'switch'),
  );
  const construct = c.constructs[target];
  if (!construct) {
    c.fail('type', node, `${what} is outside of a loop.`, 'Use return, or move it into a loop.');
    return;
  }
  const masks = c.constructs.slice(target + 1).map((k) => k.exit);
  // a lane that breaks inside nested ifs leaves their masks; from a loop it also leaves the next round
  if (what === 'break' && construct.live !== undefined) masks.push(construct.live);
  c.emit(leaveOp(masks, c.constructs.at(-1)?.end ?? label()));
  return;
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
  if (slots > LARGEST_VARIABLE) {
    return c.fail(
      'limit',
      node,
      `${name} takes ${slots} registers a lane.`,
      `Keep local variables under ${LARGEST_VARIABLE}, or use workgroup memory.`,
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

type Simple = Extract<Statement, { kind: 'assign' | 'increment' | 'decrement' | 'call' }>;

function simple(c: Context, node: Simple): void {
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
  const value = c.registers(c.value(node.rhs), node.rhs, target.type);
  if (value) storeRef(c, target.ref, value, node);
}

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

/** A condition's register. */
function condition(c: Context, node: ExpressionElem): number | undefined {
  const v = c.value(node);
  if (v.kind !== 'error' && !(v.type.kind === 'scalar' && v.type.scalar === 'bool')) {
    c.fail('type', node, `A condition is bool, not ${typeName(v.type)}.`, 'Compare it, as in x != 0.');
    return undefined;
  }
  return c.registers(v, node, BOOL)?.[0];
}

function ifStatement(c: Context, node: IfElem): void {
  const outer = c.out.begin();
  const mask = c.out.temporary();
  const otherwise = node.else ? c.out.temporary() : undefined;
  const end = label();
  const elseAt = node.else ? label() : end;
  step(
    c,
    'if',
    { start: node.start, end: node.condition.end + 1 },
    () => {
      const test = condition(c, node.condition) ?? c.integer(0);
      c.emit(ifOp(test, mask, otherwise, elseAt), { d: [], s: [test] });
      return undefined;
    },
    [node.condition],
  );
  const enclosing = c.constructs.at(-1)?.end ?? label();
  c.constructs.push({ kind: 'if', exit: mask, end: elseAt });
  block(c, node.body);
  c.constructs.pop();
  if (node.else && otherwise !== undefined) {
    c.out.place(elseAt);
    c.emit(loadMaskOp(otherwise, end));
    c.constructs.push({ kind: 'if', exit: mask, end });
    if (node.else.kind === 'if') ifStatement(c, node.else);
    else block(c, node.else);
    c.constructs.pop();
  }
  c.out.place(end);
  c.emit(loadMaskOp(mask, enclosing));
  c.out.end(outer);
}

/** A loop: `head` may let lanes leave before the body, `tail` runs between rounds. */
function loop(
  c: Context,
  head: ((live: number, exit: Label) => void) | undefined,
  inside: () => void,
  tail: ((live: number, exit: Label) => void) | undefined,
): void {
  const mask = c.out.temporary();
  const live = c.out.temporary();
  const top = label();
  const next = label();
  const done = label();
  const enclosing = c.constructs.at(-1)?.end ?? label();
  c.emit(saveMaskOp(mask));
  c.emit(saveMaskOp(live));
  c.out.place(top);
  head?.(live, done);
  c.constructs.push({ kind: 'loop', exit: mask, live, end: next });
  inside();
  c.out.place(next);
  c.emit(loadMaskOp(live, done));
  tail?.(live, done);
  c.constructs.pop();
  c.emit(jumpOp(top));
  c.out.place(done);
  c.emit(loadMaskOp(mask, enclosing));
}

function loopTest(c: Context, node: ExpressionElem, live: number, done: Label): void {
  step(
    c,
    'loop',
    node,
    () => {
      const test = condition(c, node) ?? c.integer(0);
      c.emit(whileOp(test, live, done), { d: [], s: [test] });
      return undefined;
    },
    [node],
  );
}

function forStatement(c: Context, node: ForElem): void {
  const scope = c.scope;
  const outer = c.out.begin();
  if (node.init) statement(c, node.init, scope);
  const test = node.condition;
  const update = node.update;
  loop(
    c,
    test
      ? (live, done) => loopTest(c, test, live, done)
      : () => step(c, 'loop', { start: node.start, end: node.start + 3 }, () => undefined),
    () => block(c, node.body),
    update && (() => statement(c, update, scope)),
  );
  c.out.end(outer);
  c.scope = scope;
}

function whileStatement(c: Context, node: WhileElem): void {
  const outer = c.out.begin();
  loop(
    c,
    (live, done) => loopTest(c, node.condition, live, done),
    () => block(c, node.body),
    undefined,
  );
  c.out.end(outer);
}

function loopStatement(c: Context, node: LoopElem): void {
  const scope = c.scope;
  const outer = c.out.begin();
  const inside = node.body.body.filter((s) => s.kind !== 'continuing');
  const continuing = node.continuing ?? node.body.body.find((s) => s.kind === 'continuing');
  loop(
    c,
    // a loop with nothing in it would never reach a statement, where budgets are kept
    () => step(c, 'loop', { start: node.start, end: node.start + 4 }, () => undefined),
    () => body(c, inside, scope),
    continuing &&
      ((live, done) => {
        const inner = c.scope;
        const last = continuing.body.body.at(-1);
        const breakIf = last?.kind === 'break' && last.condition ? last : undefined;
        body(c, breakIf ? continuing.body.body.slice(0, -1) : continuing.body.body, inner);
        const until = continuing.breakIf ?? breakIf?.condition;
        if (!until) return;
        step(
          c,
          'break',
          until,
          () => {
            const test = condition(c, until) ?? c.integer(1);
            c.emit(breakIfOp(test, live, done), { d: [], s: [test] });
            return undefined;
          },
          [until],
        );
      }),
  );
  c.out.end(outer);
  c.scope = scope;
}

function switchStatement(c: Context, node: SwitchElem): void {
  const outer = c.out.begin();
  const mask = c.out.temporary();
  const chosen = c.out.temporary();
  const enclosing = c.constructs.at(-1)?.end ?? label();
  step(
    c,
    'switch',
    { start: node.start, end: node.selector.end + 1 },
    () => {
      const selector = c.value(node.selector);
      const clauses = new Map<number, number>();
      let otherwise = node.clauses.length;
      const cases: Value[] = [];
      node.clauses.forEach((clause, i) => {
        for (const s of clause.selectors) {
          if (s === 'default') {
            otherwise = i;
            continue;
          }
          const v = c.value(s);
          cases.push(v);
          if (v.kind === 'constant') clauses.set(Number(BigInt.asIntN(32, BigInt(v.data[0] ?? 0))), i);
          else if (v.kind !== 'error')
            c.fail('value', s, 'A case needs a constant.', 'Use a literal or a const.');
        }
      });
      const concrete =
        [selector, ...cases].map((v) => scalarKind(v.type)).find((s) => s === 'u32' || s === 'i32') ?? 'i32';
      const kind = scalarKind(selector.type);
      if (selector.kind !== 'error' && !(selector.type.kind === 'scalar' && kind && isInteger(kind))) {
        c.fail(
          'type',
          node.selector,
          `A switch chooses by an integer, not ${typeName(selector.type)}.`,
          'Use i32 or u32.',
        );
        return undefined;
      }
      const test = c.registers(selector, node.selector, { kind: 'scalar', scalar: concrete })?.[0];
      c.emit(saveMaskOp(mask));
      if (test !== undefined) c.emit(switchOp(chosen, test, clauses, otherwise), { d: [chosen], s: [test] });
      return undefined;
    },
    [node.selector],
  );
  for (const [i, clause] of node.clauses.entries()) {
    const next = label();
    c.emit(clauseOp(mask, chosen, i, next));
    c.constructs.push({ kind: 'switch', exit: mask, end: next });
    block(c, clause.body);
    c.constructs.pop();
    c.out.place(next);
  }
  c.emit(loadMaskOp(mask, enclosing));
  c.out.end(outer);
}
