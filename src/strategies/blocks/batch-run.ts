// Request-level batching: a batch is formed, padded, run until all its members are done, and only then
// followed by another. Static and dynamic batching differ in when they form one.

import type { Draft } from './draft.ts';
import { type MemoryMode, pagesRefused, reservation } from './memory.ts';

export const batchMemoryKnob = {
  kind: 'choice',
  default: 'reserve',
  options: {
    reserve: 'all pages for prompt and declared limit, taken at admission',
    'reserve-window': 'all pages for the longest sequence the model allows, taken at admission',
  },
  doc: 'How KV pages are given out. A batch that is never preempted reserves.',
} as const;

export const padKnob = {
  kind: 'boolean',
  default: true,
  doc: 'Whether prompts are padded to the longest of the batch.',
} as const;

export const finishedKnob = {
  kind: 'choice',
  default: 'hold',
  options: {
    hold: 'finished rows are computed on and keep their pages until the batch ends',
    shrink: 'finished rows leave the step and give back their pages, but nobody takes their place',
  },
  doc: 'What becomes of a row that has finished before its batch.',
} as const;

/** Runs the batch that is resident. False when none is, or all of it has finished. */
export function runBatch(draft: Draft, pad: boolean): boolean {
  const { running } = draft.view;
  if (!running.some((slot) => !draft.held(slot))) return false;
  const longest = running.reduce((most, slot) => Math.max(most, draft.due(slot)), 0);
  if (longest > 0) {
    for (const slot of running) {
      const due = draft.due(slot);
      if (draft.held(slot)) draft.pad(slot);
      else if (due > 0) draft.run(slot, due, pad ? longest - due : 0);
    }
  }
  draft.rest('batch');
  return true;
}

/** Forms a batch of the first `size` waiting requests, or as many of them as one step and the pages hold. */
export function formBatch(draft: Draft, size: number, memory: MemoryMode, pad: boolean): void {
  const { view } = draft;
  const { known, hitTokens } = view.requests;
  for (const slot of view.running) draft.release(slot);
  const due = (slot: number): number => (known[slot] as number) - (hitTokens[slot] as number);
  const wanted = view.waiting.subarray(0, Math.min(size, view.slots));
  const chosen = wanted.subarray(0, fitting(wanted, due, pad, draft.budget));
  const longest = chosen.reduce((most, slot) => Math.max(most, due(slot)), 0);
  const [left] = wanted.subarray(chosen.length);
  if (left !== undefined) draft.wait(left, 'token-budget');
  draft.rest(left === undefined ? 'slots' : 'head-of-line');
  for (const slot of chosen) {
    const rule = { memory, watermark: 0, admission: 'free-pages' } as const;
    const refused = pagesRefused(draft, slot, due(slot), rule);
    if (refused !== undefined) {
      draft.wait(slot, refused);
      draft.rest('head-of-line');
      return;
    }
    draft.admit(slot, due(slot), reservation(view, slot, memory), pad ? longest - due(slot) : 0);
  }
}

/** How many of these, from the first on, a step of `budget` tokens computes together. */
function fitting(slots: Int32Array, due: (slot: number) => number, pad: boolean, budget: number): number {
  let longest = 0;
  let sum = 0;
  for (const [i, slot] of slots.entries()) {
    longest = Math.max(longest, due(slot));
    sum += due(slot);
    if ((pad ? (i + 1) * longest : sum) > budget) return i;
  }
  return slots.length;
}
