// Who stands where in the source: for each line, how many lanes run it now, are about to, or wait at it. Pure.

import type { StatementInfo } from '../../stepper/api.ts';
import type { TimelineState } from '../../stepper/recording.ts';

export interface LineMark {
  /** Lanes that execute the line in the shown step. */
  readonly now: number;
  /** Lanes of their subgroup, when some of them are masked. */
  readonly of: number | null;
  /** Lanes that wait at a barrier on the line. */
  readonly waiting: number;
  /** Lanes whose subgroup will run the line next. */
  readonly next: number;
}

export interface ShownStep {
  readonly subgroup: number;
  readonly statement: StatementInfo;
  /** The line to look at: of the last access of the step, which a call may have brought to another line. */
  readonly line: number;
  readonly active: number;
  readonly lanes: number;
}

export function lineMarks(state: TimelineState, shown: ShownStep | null): ReadonlyMap<number, LineMark> {
  const marks = new Map<number, { now: number; of: number | null; waiting: number; next: number }>();
  const at = (line: number) => {
    const known = marks.get(line);
    if (known) return known;
    const made = { now: 0, of: null, waiting: 0, next: 0 };
    marks.set(line, made);
    return made;
  };
  for (const s of state.subgroups) {
    if (s.status === 'barrier' && s.barrier) at(s.barrier.line).waiting += s.active.length;
    else if (s.status === 'ready' && s.span) at(s.span.line).next += s.active.length;
  }
  if (shown) {
    const mark = at(shown.line);
    mark.now = shown.active;
    mark.of = shown.active < shown.lanes ? shown.lanes : null;
  }
  return marks;
}

/** The gutter's text for a line, and its long form. */
export function markText(mark: LineMark): { readonly short: string; readonly long: string } {
  const parts: string[] = [];
  if (mark.now > 0) parts.push(`${mark.now}${mark.of === null ? '' : ` of ${mark.of}`} lanes run it`);
  if (mark.waiting > 0) parts.push(`${mark.waiting} lanes wait at the barrier`);
  if (mark.next > 0) parts.push(`${mark.next} lanes run it next`);
  const short =
    mark.now > 0
      ? mark.of === null
        ? `▶ ${mark.now}`
        : `▶ ${mark.now}/${mark.of}`
      : mark.waiting > 0
        ? `‖ ${mark.waiting}`
        : `${mark.next}`;
  return { short, long: parts.join(', ') };
}

/** The part of a statement to highlight: of a block statement only its head. */
export function headOf(source: string, statement: StatementInfo): readonly [start: number, end: number] {
  const { start, end } = statement.span;
  if (statement.kind !== 'if' && statement.kind !== 'loop' && statement.kind !== 'switch')
    return [start, end];
  const brace = source.indexOf('{', start);
  return [start, brace > start && brace < end ? brace : end];
}

/** A stretch of a line and what happens there. */
export interface LineSpan {
  readonly from: number;
  readonly to: number;
  readonly kind: 'now' | 'read' | 'write';
}

/** Stretches of the whole text, cut to one line that begins at `start` and has `length` characters. */
export function spansIn(spans: readonly LineSpan[], start: number, length: number): readonly LineSpan[] {
  return spans
    .filter((s) => s.from < start + length && s.to > start)
    .map((s) => ({ ...s, from: Math.max(0, s.from - start), to: Math.min(length, s.to - start) }));
}

/** The name at an offset of a text, with the members before the offset: `local.y`. Null between names. */
export function nameAt(text: string, offset: number): string | null {
  for (const match of text.matchAll(/[A-Za-z_]\w*(\s*\.\s*[A-Za-z_]\w*)*/g)) {
    const [from, all] = [match.index, match[0]];
    if (offset < from || offset > from + all.length) continue;
    const end = /^\w*/.exec(text.slice(offset))?.[0].length ?? 0;
    return text.slice(from, offset + end).replace(/\s/g, '') || null;
  }
  return null;
}
