// Breakpoints: the steps at which one stops. Commands that move a cursor are a search over the recorded columns, which
// the page has itself (src/views/step/navigate.ts).

import { activeIn } from './active.ts';
import type { Timeline } from './timeline.ts';
import { Watches } from './watch.ts';

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

const lineOf = (timeline: Timeline, step: number): number =>
  timeline.run.kernel.statements[timeline.steps.statement[step] ?? 0]?.span.line ?? 0;

/** Whether a lane of the workgroup is active in a step. */
function runs(timeline: Timeline, step: number, lane: number): boolean {
  const { width } = timeline.runner.machine;
  const { steps } = timeline;
  return steps.subgroup[step] === Math.floor(lane / width) && activeIn(steps, step, lane % width);
}

/** All steps at which a breakpoint stops, ascending. A condition is evaluated by going through the recording
 * once; the position is where it was afterwards. */
export function stops(timeline: Timeline, b: Breakpoint, most = 10_000): number[] {
  const out: number[] = [];
  const nan = b.nan ? new Set(timeline.marks.filter((m) => m.kind === 'nan').map((m) => m.step)) : undefined;
  const touching = b.access && stepsTouching(timeline, b.access.memory, b.access.byte);
  const home = timeline.position;
  const watches = b.condition === undefined ? undefined : new Watches(timeline);
  for (let step = 0; step < timeline.length && out.length < most; step++) {
    if (b.line !== undefined && lineOf(timeline, step) !== b.line) continue;
    if (b.lane !== undefined && !runs(timeline, step, b.lane)) continue;
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
