// Integer expressions over dims and parameters, as shader headers and op contracts write them:
//   ceil(n / TILE_N)      floor(k / group)      min(m, 16) * 2      m <= 16
// Division is exact; wrap it in ceil() or floor(). Comparisons give 1 or 0. && beside || needs parentheses, as in WGSL.

import type { Failure, Result } from '../core/result.ts';
import { err, failure, ok } from '../core/result.ts';

export type Scope = Readonly<Record<string, number>>;

/** A parsed expression. `names` lists the identifiers it reads; `text` is what was written. */
export interface Expr {
  readonly text: string;
  readonly names: readonly string[];
  evaluate(scope: Scope): number;
}

type Node = (scope: Scope) => number;

const calls: Readonly<Record<string, (...xs: number[]) => number>> = {
  ceil: (x) => Math.ceil(x ?? 0),
  floor: (x) => Math.floor(x ?? 0),
  min: Math.min,
  max: Math.max,
  // as WGSL's: the value for false comes first
  select: (no, yes, condition) => (condition ? (yes ?? 0) : (no ?? 0)),
};

const levels: readonly Readonly<Record<string, (a: number, b: number) => number>>[] = [
  { '&&': (a, b) => (a && b ? 1 : 0), '||': (a, b) => (a || b ? 1 : 0) },
  {
    '<=': (a, b) => Number(a <= b),
    '>=': (a, b) => Number(a >= b),
    '==': (a, b) => Number(a === b),
    '<': (a, b) => Number(a < b),
    '>': (a, b) => Number(a > b),
  },
  { '+': (a, b) => a + b, '-': (a, b) => a - b },
  { '*': (a, b) => a * b, '/': (a, b) => a / b, '%': (a, b) => a % b },
];

const cache = new Map<string, Expr>();

/** Parses `text`, or says where it stopped being an expression. */
export function parseExpr(text: string): Result<Expr, Failure<'bad-expression'>> {
  const known = cache.get(text);
  if (known) return ok(known);
  const tokens = text.match(/\d+(?:\.\d+)?|[A-Za-z_]\w*|<=|>=|==|&&|\|\||[-+*/%(),<>]|\S/g) ?? [];
  const names = new Set<string>();
  let i = 0;
  const stop = (what: string): never => {
    throw new SyntaxError(`expected ${what} at "${tokens.slice(i).join(' ') || 'the end'}"`);
  };
  const take = (token: string): void => {
    if (tokens[i] !== token) stop(`"${token}"`);
    i++;
  };
  const primary = (): Node => {
    const token = tokens[i] ?? stop('a value');
    i++;
    if (/^\d/.test(token)) {
      const value = Number(token);
      return () => value;
    }
    if (token === '(') {
      const inner = level(0);
      take(')');
      return inner;
    }
    if (!/^[A-Za-z_]/.test(token)) {
      i--;
      return stop('a value');
    }
    if (tokens[i] !== '(') {
      names.add(token);
      return (scope) => {
        const value = scope[token];
        if (value === undefined) throw new RangeError(`"${token}" has no value in "${text}"`);
        return value;
      };
    }
    const call = calls[token] ?? stop(`one of ${Object.keys(calls).join(', ')} instead of "${token}"`);
    i++;
    const args = [level(0)];
    while (tokens[i] === ',') {
      i++;
      args.push(level(0));
    }
    take(')');
    return (scope) => call(...args.map((arg) => arg(scope)));
  };
  const level = (depth: number): Node => {
    const operators = levels[depth];
    if (!operators) return primary();
    let left = level(depth + 1);
    const first = tokens[i] ?? '';
    for (let apply = operators[tokens[i] ?? '']; apply; apply = operators[tokens[i] ?? '']) {
      if (depth === 0 && tokens[i] !== first) stop('parentheses around && or ||');
      i++;
      const [a, b, f] = [left, level(depth + 1), apply];
      left = (scope) => f(a(scope), b(scope));
    }
    return left;
  };
  try {
    const evaluate = level(0);
    if (i < tokens.length) stop('the end');
    const expr: Expr = { text, names: [...names], evaluate };
    cache.set(text, expr);
    return ok(expr);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return err(
      failure(
        'bad-expression',
        `"${text}": ${error.message}.`,
        'Write integers, names, + - * / %, comparisons, ceil, floor, min, max, select.',
      ),
    );
  }
}

/** Parses and evaluates text that the repository itself wrote; throws on bad text. */
export function evaluate(text: string, scope: Scope): number {
  const parsed = parseExpr(text);
  if (!parsed.ok) throw new SyntaxError(parsed.error.message);
  return parsed.value.evaluate(scope);
}
