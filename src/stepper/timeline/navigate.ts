// Finding places on the time axis, in both directions. All answers are times: `time` k means "step k is what
// happens next". Nothing found: undefined.

import type { SourceSpan } from '../api.ts';
import type { Timeline } from './timeline.ts';
import { Watches } from './watch.ts';

export type Direction = 'forward' | 'backward';

/** What a breakpoint waits for; all that is given must hold. */
export interface Breakpoint {
  readonly line?: number;
  /** WGSL, evaluated in the scope of the statement; any active lane (or `lane`) may satisfy it. */
  readonly condition?: string;
  /** Local invocation index that must be active. */
  readonly lane?: number;
  /** An access to this byte of a memory (0 the workgroup's, 1 + i binding i). */
  readonly access?: { readonly memory: number; readonly byte: number };
  /** A NaN is stored. */
  readonly nan?: boolean;
}

/** Where stepping goes. `into` is the next step of anyone; the others follow one subgroup or lane. */
export type Move =
  | { readonly kind: 'into' }
  | { readonly kind: 'subgroup' | 'over' | 'out'; readonly subgroup: number }
  | { readonly kind: 'lane'; readonly lane: number }
  | { readonly kind: 'line'; readonly line: number }
  | { readonly kind: 'barrier' | 'finding' };

function scan(
  timeline: Timeline,
  from: number,
  direction: Direction,
  test: (step: number) => boolean,
): number | undefined {
  const by = direction === 'forward' ? 1 : -1;
  for (let step = from + by; step >= 0 && step < timeline.length; step += by) if (test(step)) return step;
  return undefined;
}

/** Whether a lane is active in a step. */
export function activeIn(timeline: Timeline, step: number, lane: number): boolean {
  const { width } = timeline.runner.machine;
  const { subgroup, low, high } = timeline.steps;
  if (subgroup[step] !== Math.floor(lane / width)) return false;
  const l = lane % width;
  return (((l < 32 ? low[step] : high[step]) ?? 0) & (1 << (l & 31))) !== 0;
}

/** The time that a stepping command leads to; forward falls back to the end, backward to the start. */
export function target(
  timeline: Timeline,
  move: Move,
  direction: Direction,
  from = timeline.position,
): number {
  const end = direction === 'forward' ? timeline.length : 0;
  const { subgroup, depth } = timeline.steps;
  const lines = (step: number): number => lineOf(timeline, step);
  switch (move.kind) {
    case 'into':
      return Math.max(0, Math.min(timeline.length, from + (direction === 'forward' ? 1 : -1)));
    case 'subgroup':
      return scan(timeline, from, direction, (k) => subgroup[k] === move.subgroup) ?? end;
    case 'over':
    case 'out': {
      const at = depth[from] ?? 0;
      const limit = move.kind === 'over' ? at : at - 1;
      return (
        scan(timeline, from, direction, (k) => subgroup[k] === move.subgroup && (depth[k] ?? 0) <= limit) ??
        end
      );
    }
    case 'lane':
      return scan(timeline, from, direction, (k) => activeIn(timeline, k, move.lane)) ?? end;
    case 'line':
      return scan(timeline, from, direction, (k) => lines(k) === move.line) ?? end;
    case 'barrier':
    case 'finding': {
      // a barrier opens between two steps: the time after the last arrival
      const marks = timeline.marks.filter(
        (m) => (m.kind === 'barrier') === (move.kind === 'barrier') && m.kind !== 'nan',
      );
      const times = marks.map((m) => (m.kind === 'barrier' ? m.step + 1 : m.step));
      return (direction === 'forward' ? times.find((t) => t > from) : times.findLast((t) => t < from)) ?? end;
    }
  }
}

const lineOf = (timeline: Timeline, step: number): number =>
  timeline.run.kernel.statements[timeline.steps.statement[step] ?? 0]?.span.line ?? 0;

/** All times at which a breakpoint stops, ascending. A condition is evaluated by going through the recording
 * once; the position is where it was afterwards. */
export function stops(timeline: Timeline, b: Breakpoint, most = 10_000): number[] {
  const out: number[] = [];
  const nan = b.nan ? new Set(timeline.marks.filter((m) => m.kind === 'nan').map((m) => m.step)) : undefined;
  const touching = b.access && stepsTouching(timeline, b.access.memory, b.access.byte);
  const home = timeline.position;
  const watches = b.condition === undefined ? undefined : new Watches(timeline);
  for (let step = 0; step < timeline.length && out.length < most; step++) {
    if (b.line !== undefined && lineOf(timeline, step) !== b.line) continue;
    if (b.lane !== undefined && !activeIn(timeline, step, b.lane)) continue;
    if (nan && !nan.has(step)) continue;
    if (touching && !touching.has(step)) continue;
    if (watches && b.condition !== undefined) {
      timeline.seek(step);
      if (!watches.holds(b.condition, timeline.steps.subgroup[step] ?? 0, b.lane)) continue;
    }
    out.push(step);
  }
  if (watches) timeline.seek(home);
  return out;
}

function stepsTouching(timeline: Timeline, memory: number, byte: number): Set<number> {
  const ref =
    memory === 0 ? ({ space: 'workgroup' } as const) : ({ space: 'binding', index: memory - 1 } as const);
  const modes = ['read', 'write', 'atomic'] as const;
  return new Set(modes.flatMap((mode) => [...timeline.touching(ref, byte, mode).steps]));
}

/** Statements on a line, for placing a breakpoint: the first statement at or after it. */
export function breakableLine(timeline: Timeline, line: number): SourceSpan | undefined {
  return timeline.run.kernel.statements
    .filter((s) => s.span.line >= line)
    .sort((a, b) => a.span.line - b.span.line || a.span.start - b.span.start)[0]?.span;
}
