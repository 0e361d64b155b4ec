// The passes of one op: what each of them counts on its own, all of them together, and which are looked at. Pure.

import { type Counters, type LineCounters, sumOf } from '../../stepper/index.ts';
import type { Whole } from '../../worker/step-protocol.ts';

/** One dispatch of an op, run whole. */
export interface Pass {
  readonly entry: string;
  readonly whole: Whole;
}

/** Counters of one pass, or of all of them together where `pass` names none. */
export const countersOf = (passes: readonly Pass[], pass: number | null): Counters =>
  passes[pass ?? -1]?.whole.totals ?? sumOf(passes.map((p) => p.whole.totals));

/** Counters by line over all passes: they share one source. Ascending. */
export function linesOf(passes: readonly Pass[]): readonly LineCounters[] {
  const lines = new Map<number, LineCounters[]>();
  for (const l of passes.flatMap((p) => p.whole.lines)) lines.set(l.line, [...(lines.get(l.line) ?? []), l]);
  return [...lines].sort(([a], [b]) => a - b).map(([line, list]) => ({ line, ...sumOf(list) }));
}

/** How often the passes read a 4-byte cell of a binding; null when none binds it. */
export function readsIn(passes: readonly Pass[], name: string, byte: number): number | null {
  let reads: number | null = null;
  for (const { whole: run } of passes) {
    const at = run.bindingNames.indexOf(name);
    if (at >= 0) reads = (reads ?? 0) + (run.reads[at]?.[byte >> 2] ?? 0);
  }
  return reads;
}

/** `1:` is pass 1 of mine against all of the other's. */
export function readChoice(text: string): { readonly mine: number | null; readonly its: number | null } {
  const [mine = '', its = ''] = text.split(':');
  const number = (t: string): number | null => (/^\d{1,2}$/.test(t) ? Number(t) : null);
  return { mine: number(mine), its: number(its) };
}

export const writeChoice = (mine: number | null, its: number | null): string =>
  mine === null && its === null ? '' : `${mine ?? ''}:${its ?? ''}`;
