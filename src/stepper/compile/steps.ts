// The unit of stepping: emits a statement's marker and runs what compiles the rest of it.

import type { StatementInfo } from '../api.ts';
import type { ExpressionElem, Located } from '../front/parse.ts';
import { type Label, observedStatementOp, statementOp } from '../machine/ops-control.ts';
import { callsFunctions } from './calls.ts';
import type { Context } from './context.ts';

export const label = (): Label => ({ pc: 0 });

/** Runs `emit` as one step of kind `kind`; what it returns outlives it. `parts` are the expressions in it. */
export function step(
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

export function marker(c: Context, kind: StatementInfo['kind'], node: Located): void {
  const id = c.unit.statement(kind, node, c.functionName, c.scope);
  c.emit(c.unit.traced ? observedStatementOp(id) : statementOp);
  c.unit.markers.push({ out: c.out, at: c.out.ops.length - 1, statement: id });
}
