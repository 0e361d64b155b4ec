// Calls: of functions, of types, of built-ins.

import type { ExpressionElem, FunctionCallExpression } from '../front/parse.ts';
import { beginSelectOp, endSelectOp, trueSideOp } from '../machine/ops-memory.ts';
import { mathCall } from './builtins-math.ts';
import { memoryCall } from './builtins-memory.ts';
import { subgroupCall } from './builtins-subgroup.ts';
import { bitcast, construct, generate } from './constructors.ts';
import type { Context } from './context.ts';
import { generator, isTypeName, resolveType, type TypeWriting, writing } from './types.ts';
import type { Value } from './values.ts';

/** Whether evaluating an expression may run a function of the module. */
export function callsFunctions(c: Context, e: ExpressionElem | undefined): boolean {
  switch (e?.kind) {
    case 'parenthesized-expression':
    case 'unary-expression':
      return callsFunctions(c, e.expression);
    case 'binary-expression':
      return callsFunctions(c, e.left) || callsFunctions(c, e.right);
    case 'component-member-expression':
      return callsFunctions(c, e.base);
    case 'component-expression':
      return callsFunctions(c, e.base) || callsFunctions(c, e.access);
    case 'call-expression': {
      const f = e.function;
      if (f.kind === 'ref' && c.find(f.ident.originalName)?.kind === 'function') return true;
      return e.arguments.some((a) => callsFunctions(c, a));
    }
    default:
      return false;
  }
}

export function call(c: Context, node: FunctionCallExpression): Value {
  const f = node.function;
  const own = writing(f);
  const w: TypeWriting = node.templateArgs ? { ...own, templates: node.templateArgs } : own;
  const found = c.find(w.name);
  if (found?.kind === 'function') return c.globals.call(c, w.name, node.arguments, node);
  if (found?.kind === 'value')
    return c.fail('type', node, `${w.name} is not a function.`, 'Only functions and types can be called.');
  if (!found && w.name === 'bitcast') {
    const [to] = w.templates;
    const [argument] = node.arguments;
    if (!to || (to.kind !== 'ref' && to.kind !== 'type') || !argument) {
      return c.fail('type', node, 'bitcast needs a type and a value.', 'Write bitcast<u32>(x).');
    }
    return bitcast(c, resolveType(c, writing(to)), c.value(argument), node);
  }
  const g = generator(c, w);
  if (g || isTypeName(c, w)) {
    const type = g ? undefined : resolveType(c, w);
    const args = values(c, node.arguments);
    return g ? generate(c, g, args, node) : construct(c, type ?? { kind: 'error' }, args, node);
  }
  if (/^(texture(?!Barrier)|dpd|fwidth)/.test(w.name)) {
    return c.fail(
      'unsupported',
      node,
      `${w.name} is not supported here.`,
      'The stepper runs compute kernels on buffers.',
    );
  }
  const touching = memoryCall(c, w.name, node.arguments, node);
  if (touching) return touching;
  const args = w.name === 'select' ? selectArguments(c, node.arguments) : values(c, node.arguments);
  const result = mathCall(c, w.name, args, node) ?? subgroupCall(c, w.name, args, node);
  if (result) return result;
  return c.fail('name', node, `There is no function ${w.name}.`, 'Declare it, or correct its name.');
}

/** The arguments of select. A read out of bounds in a value that the condition discards is harmless, and the
 * usual way to guard a load, so it is judged when the condition is known. */
function selectArguments(c: Context, nodes: readonly ExpressionElem[]): Value[] {
  const [f, t, test] = nodes;
  if (!f || !t || !test || !(mayIndex(f) || mayIndex(t))) return values(c, nodes);
  c.emit(beginSelectOp);
  const no = c.value(f);
  c.emit(trueSideOp);
  const yes = c.value(t);
  const condition = c.value(test);
  const registers = condition.kind === 'error' ? [] : c.registers(condition, test);
  c.emit(endSelectOp(registers ?? []));
  return [no, yes, condition, ...values(c, nodes.slice(3))];
}

/** Whether evaluating an expression may index something by a computed index. */
function mayIndex(node: ExpressionElem): boolean {
  switch (node.kind) {
    case 'literal':
    case 'ref':
    case 'type':
      return false;
    case 'parenthesized-expression':
    case 'unary-expression':
      return mayIndex(node.expression);
    case 'binary-expression':
      return mayIndex(node.left) || mayIndex(node.right);
    case 'component-member-expression':
      return mayIndex(node.base);
    case 'component-expression':
      return true;
    case 'call-expression':
      return node.arguments.length > 0;
  }
}

const values = (c: Context, nodes: readonly ExpressionElem[]): Value[] => nodes.map((n) => c.value(n));
