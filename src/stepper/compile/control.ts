import type {
  ExpressionElem,
  ForElem,
  IfElem,
  Located,
  LoopElem,
  SwitchElem,
  WhileElem,
} from '../front/parse.ts';
import { BOOL, isInteger, scalarKind, typeName } from '../front/types.ts';
import {
  breakIfOp,
  clauseOp,
  ifOp,
  jumpOp,
  type Label,
  leaveOp,
  loadMaskOp,
  saveMaskOp,
  switchOp,
  whileOp,
} from '../machine/ops-control.ts';
import type { Construct, Context } from './context.ts';
import { label, step } from './steps.ts';
import type { Value } from './values.ts';

/** A condition's register. */
function condition(c: Context, node: ExpressionElem): number | undefined {
  const v = c.value(node);
  if (v.kind !== 'error' && !(v.type.kind === 'scalar' && v.type.scalar === 'bool')) {
    c.fail('type', node, `A condition is bool, not ${typeName(v.type)}.`, 'Compare it, as in x != 0.');
    return undefined;
  }
  return c.registers(v, node, BOOL)?.[0];
}

export function ifStatement(c: Context, node: IfElem): void {
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
  c.block(node.body);
  c.constructs.pop();
  if (node.else && otherwise !== undefined) {
    c.out.place(elseAt);
    c.emit(loadMaskOp(otherwise, end));
    c.constructs.push({ kind: 'if', exit: mask, end });
    if (node.else.kind === 'if') ifStatement(c, node.else);
    else c.block(node.else);
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

export function forStatement(c: Context, node: ForElem): void {
  const scope = c.scope;
  const outer = c.out.begin();
  if (node.init) c.statement(node.init, scope);
  const test = node.condition;
  const update = node.update;
  loop(
    c,
    test
      ? (live, done) => loopTest(c, test, live, done)
      : () => step(c, 'loop', { start: node.start, end: node.start + 3 }, () => undefined),
    () => c.block(node.body),
    update && (() => c.statement(update, scope)),
  );
  c.out.end(outer);
  c.scope = scope;
}

export function whileStatement(c: Context, node: WhileElem): void {
  const outer = c.out.begin();
  loop(
    c,
    (live, done) => loopTest(c, node.condition, live, done),
    () => c.block(node.body),
    undefined,
  );
  c.out.end(outer);
}

export function loopStatement(c: Context, node: LoopElem): void {
  const scope = c.scope;
  const outer = c.out.begin();
  const inside = node.body.body.filter((s) => s.kind !== 'continuing');
  const continuing = node.continuing ?? node.body.body.find((s) => s.kind === 'continuing');
  loop(
    c,
    // a loop with nothing in it would never reach a statement, where budgets are kept
    () => step(c, 'loop', { start: node.start, end: node.start + 4 }, () => undefined),
    () => c.statements(inside, scope),
    continuing &&
      ((live, done) => {
        const inner = c.scope;
        const last = continuing.body.body.at(-1);
        const breakIf = last?.kind === 'break' && last.condition ? last : undefined;
        c.statements(breakIf ? continuing.body.body.slice(0, -1) : continuing.body.body, inner);
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

export function switchStatement(c: Context, node: SwitchElem): void {
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
    c.block(clause.body);
    c.constructs.pop();
    c.out.place(next);
  }
  c.emit(loadMaskOp(mask, enclosing));
  c.out.end(outer);
}

/** The active lanes leave `inner` constructs for good. */
export function leave(c: Context, inner: readonly Construct[]): void {
  const masks = inner.flatMap((k) => (k.live === undefined ? [k.exit] : [k.exit, k.live]));
  c.emit(leaveOp(masks, c.constructs.at(-1)?.end ?? label()));
}

export function exit(c: Context, node: Located, what: 'break' | 'continue'): undefined {
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
