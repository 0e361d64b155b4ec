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

/** Forms a batch of the first `size` waiting requests, or as many of them as one step and the pages hold. Rows are
 * padded once it is known who is in it: what the pages refuse makes nobody's row longer. */
export function formBatch(draft: Draft, size: number, memory: MemoryMode, pad: boolean): void {
  const { view, budget } = draft;
  const { known, hitTokens } = view.requests;
  const rule = { memory, watermark: 0, admission: 'free-pages' } as const;
  for (const slot of view.running) draft.release(slot);
  draft.rest('slots');
  let longest = 0;
  let sum = 0;
  for (const [i, slot] of view.waiting.subarray(0, Math.min(size, view.slots)).entries()) {
    const due = (known[slot] as number) - (hitTokens[slot] as number);
    const most = Math.max(longest, due);
    const full = (pad ? (i + 1) * most : sum + due) > budget;
    const refused = full ? 'token-budget' : pagesRefused(draft, slot, due, rule);
    if (refused !== undefined) {
      draft.wait(slot, refused);
      draft.rest('head-of-line');
      break;
    }
    draft.admit(slot, due, reservation(view, slot, memory));
    longest = most;
    sum += due;
  }
  if (pad) draft.padTo(longest);
}
