// Breakpoints: as the address writes them, as the stepper finds their steps, and the union the cursor goes by.

import { computed, effect, signal } from '@preact/signals';
import type { BreakpointSpec } from '../../worker/step-protocol.ts';
import { ownerOf } from './memories.ts';
import { session, stepper } from './session.ts';
import { step } from './view.ts';

/**
 * `l28` a line; `l28:k == 3u` a line where a condition holds; `n5` a lane; `w0:124` a byte of a memory; `nan`.
 * Null for what is none of them.
 */
export function parseBreak(text: string): BreakpointSpec | null {
  if (text === 'nan') return { nan: true };
  const line = /^l(\d{1,6})(?::(.+))?$/s.exec(text);
  if (line) return { line: Number(line[1]), ...(line[2] !== undefined && { condition: line[2] }) };
  const lane = /^n(\d{1,4})$/.exec(text);
  if (lane) return { lane: Number(lane[1]) };
  const access = /^w(\d{1,2}):(\d{1,10})$/.exec(text);
  if (access) return { access: { memory: Number(access[1]), byte: Number(access[2]) } };
  return null;
}

/** A breakpoint in words. */
export function breakText(text: string): string {
  const b = parseBreak(text);
  if (!b) return text;
  if (b.nan) return 'a NaN is stored';
  if (b.condition !== undefined) return `line ${b.line} where ${b.condition}`;
  if (b.line !== undefined) return `line ${b.line}`;
  if (b.lane !== undefined) return `lane ${b.lane} runs`;
  if (b.access) {
    const { memory, byte } = b.access;
    const owner = ownerOf(session.value?.memories ?? [], memory, byte);
    return `${owner?.name ?? `memory ${memory}`} is touched at byte ${byte - (owner?.matrix.offset ?? 0)}`;
  }
  return text;
}

export const hasLineBreak = (line: number): boolean => step.view.value.breaks.includes(`l${line}`);

export function toggleBreak(text: string): void {
  const { breaks } = step.view.value;
  step.adjust({ breaks: breaks.includes(text) ? breaks.filter((b) => b !== text) : [...breaks, text] });
}

export const toggleLineBreak = (line: number): void => toggleBreak(`l${line}`);

interface Found {
  readonly text: string;
  readonly steps: Int32Array;
}

const found = signal<readonly Found[]>([]);

/** Steps at which each breakpoint stops, with how many. */
export const breakStops = computed(() => new Map(found.value.map((f) => [f.text, f.steps])));

/** All of them together, ascending. */
export const allStops = computed((): Int32Array => {
  const all = new Set<number>();
  for (const { steps } of found.value) for (const s of steps) all.add(s);
  return Int32Array.from(all).sort();
});

/** A list in the address is a new one whenever anything in it changes; what stops where is asked for again only for others. */
const breaksKey = computed(() => JSON.stringify(step.view.value.breaks));

/** Lane breakpoints stop where the lane executes something; on their own that is every statement of its subgroup. */
export function followBreaks(): () => void {
  let mine = 0;
  return effect(() => {
    void breaksKey.value;
    const { breaks } = step.view.peek();
    const now = session.value;
    const round = ++mine;
    if (!now || breaks.length === 0) {
      found.value = [];
      return;
    }
    const asked = breaks.slice(0, 32).flatMap((text) => {
      const spec = parseBreak(text);
      return spec ? [{ text, spec }] : [];
    });
    void Promise.all(
      asked.map(async ({ text, spec }): Promise<Found> => {
        const answer = await stepper().stops(spec);
        return { text, steps: answer?.ok ? answer.value : new Int32Array() };
      }),
    ).then(
      (all) => {
        if (round === mine) found.value = all;
      },
      () => undefined, // the worker was stopped: a new one is asked when the kernel opens again
    );
  });
}
