// The one door to `wesl`: source text to a syntax tree with diagnostics. Names, types, constants and their
// errors are ours (check in ../compile): one pass over the tree then gives types, code and messages in
// WGSL's words, and shadowing is resolved by position, so that `let a = a + 1` reads the outer `a`.

import { type Diagnostic as ParserDiagnostic, parseSrcModule } from 'wesl/core';
import type { Diagnostic, SourceSpan } from '../api.ts';
import { comparedNames } from './templates.ts';

export type {
  AbstractElem,
  AliasElem,
  AssignElem,
  AttributeElem,
  BinaryExpression,
  BlockElem,
  CallElem,
  ConstAssertElem,
  ConstElem,
  DirectiveElem,
  ExpressionElem,
  FnElem,
  ForElem,
  FunctionCallExpression,
  GlobalVarElem,
  IfElem,
  LetElem,
  LoopElem,
  OverrideElem,
  Statement,
  StructElem,
  SwitchElem,
  TypeRefElem,
  UnaryExpression,
  VarElem,
  WhileElem,
} from 'wesl/core';

import type { AbstractElem, BinaryExpression, ExpressionElem } from 'wesl/core';

/** Anything with a place in the parsed text. */
export interface Located {
  readonly start: number;
  readonly end: number;
}

export interface Parsed {
  readonly declarations: readonly AbstractElem[];
  readonly diagnostics: readonly Diagnostic[];
  /** The place of a node in the source as the person wrote it. */
  span(node: Located): SourceSpan;
}

/** Offsets of line starts, for line and column of an offset. */
function lineStarts(source: string): Int32Array {
  const starts = [0];
  for (let i = source.indexOf('\n'); i >= 0; i = source.indexOf('\n', i + 1)) starts.push(i + 1);
  return Int32Array.from(starts);
}

function lineOf(starts: Int32Array, offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Turns a line number table into spans. Exported for whoever holds a source and an offset. */
export function locator(source: string): (start: number, end: number) => SourceSpan {
  const starts = lineStarts(source);
  return (start, end) => {
    const line = lineOf(starts, start);
    return { start, end, line: line + 1, column: start - (starts[line] ?? 0) + 1 };
  };
}

const hints: readonly (readonly [RegExp, string])[] = [
  [/Expected ';'/, 'End the statement before this point with a semicolon.'],
  [/Expected expression/, 'Write a value here: a literal, a name, a call or an operation.'],
  [/'\)'/, 'Check that the parentheses before this point are closed.'],
  [/'\}'/, 'Check that the braces before this point are closed.'],
  [/'>'|template/, 'Check the <…> of the type before this point.'],
  [/identifier/, 'Write a name here; WGSL keywords cannot be names.'],
];

const hintFor = (message: string): string =>
  hints.find(([pattern]) => pattern.test(message))?.[1] ?? 'Correct the syntax at this place.';

const parseText = (src: string) =>
  parseSrcModule({ modulePath: 'package::main', debugFilePath: 'kernel.wgsl', src }, { keepComments: false });

interface Insertion {
  readonly at: number;
  readonly text: string;
}

/** What the parser needs to be told to read valid WGSL that it stumbles over: a space in `a--b`, which is
 * `a - (-b)`, and parentheses around names that it would take for templates. Ascending. */
function help(source: string): Insertion[] {
  const minuses = [...source.matchAll(/(?<=[\w)\]]\s*)--(?=\s*[\w(])/g)].map((m) => ({
    at: m.index + 1,
    text: ' ',
  }));
  const names = comparedNames(source).flatMap(({ start, end }) => [
    { at: start, text: '(' },
    { at: end, text: ')' },
  ]);
  return [...minuses, ...names].sort((a, b) => a.at - b.at);
}

function inserted(source: string, insertions: readonly Insertion[]): string {
  let out = '';
  let from = 0;
  for (const { at, text } of insertions) {
    out += source.slice(from, at) + text;
    from = at;
  }
  return out + source.slice(from);
}

/** Parses WGSL. Never throws; a module with errors still has the declarations that parsed. */
export function parse(source: string): Parsed {
  const locate = locator(source);
  let insertions: readonly Insertion[] = [];
  const original = (offset: number): number => {
    let moved = 0;
    for (const { at, text } of insertions) {
      if (at + moved >= offset) break;
      moved += text.length;
    }
    return offset - moved;
  };
  const span = (node: Located): SourceSpan => locate(original(node.start), original(node.end));
  const translate = (found: readonly ParserDiagnostic[]): Diagnostic[] =>
    found.map((d) => ({
      severity: d.severity === 'error' ? 'error' : 'warning',
      code: 'syntax',
      message: `${d.message}.`,
      hint: hintFor(d.message),
      span: span(d),
    }));
  try {
    let tree = parseText(source);
    const helped = tree.diagnostics.length > 0 ? help(source) : [];
    if (helped.length > 0) {
      const again = parseText(inserted(source, helped));
      if (again.diagnostics.length < tree.diagnostics.length) {
        tree = again;
        insertions = helped;
      }
    }
    return { declarations: tree.moduleElem.decls, diagnostics: translate(tree.diagnostics), span };
  } catch (error) {
    const found = (error as { diagnostics?: readonly ParserDiagnostic[] }).diagnostics ?? [];
    return { declarations: [], diagnostics: translate(found), span };
  }
}

const PRECEDENCE: Readonly<Record<BinaryExpression['operator']['value'], number>> = {
  '||': 1,
  '&&': 2,
  '|': 3,
  '^': 4,
  '&': 5,
  '==': 6,
  '!=': 6,
  '<': 6,
  '<=': 6,
  '>': 6,
  '>=': 6,
  '<<': 7,
  '>>': 7,
  '+': 8,
  '-': 8,
  '*': 9,
  '/': 9,
  '%': 9,
};
/** Marks what `regrouped` made. A property, because a WeakSet of every operator costs each garbage collection. */
type Regrouped = BinaryExpression & { readonly regrouped: true };

/** The expression grouped by WGSL's precedence. The parser (0.7.31) groups `p && a + b < c` as
 * `(p && a + b) < c`, so chains are taken apart and put together again; parentheses are nodes of their own. */
export function regrouped(node: BinaryExpression): BinaryExpression {
  const chained = node.left.kind === 'binary-expression' || node.right.kind === 'binary-expression';
  if (!chained || 'regrouped' in node) return node;
  const operands: ExpressionElem[] = [];
  const operators: BinaryExpression['operator'][] = [];
  const flatten = (e: ExpressionElem): void => {
    if (e.kind !== 'binary-expression') {
      operands.push(e);
      return;
    }
    flatten(e.left);
    operators.push(e.operator);
    flatten(e.right);
  };
  flatten(node);
  let at = 0;
  const climb = (least: number): ExpressionElem => {
    let left = operands[at] ?? node;
    for (;;) {
      const operator = operators[at];
      if (!operator || PRECEDENCE[operator.value] < least) return left;
      at++;
      const right = climb(PRECEDENCE[operator.value] + 1);
      const made: Regrouped = {
        kind: 'binary-expression',
        operator,
        left,
        right,
        start: left.start,
        end: right.end,
        regrouped: true,
      };
      left = made;
    }
  };
  const whole = climb(0);
  return whole.kind === 'binary-expression' ? whole : node;
}
