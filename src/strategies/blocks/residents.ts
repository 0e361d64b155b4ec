// Running what is resident: each gets its tokens, and when pages run out the last admitted goes back.

import type { Draft } from './draft.ts';

/**
 * Gives each of `slots` (residents, in order of admission) its next tokens within the budget.
 * `whole`: unfinished prompts are not cut.
 */
export function runResidents(draft: Draft, slots: Iterable<number>, whole = false): void {
  for (const slot of slots) {
    const due = draft.due(slot);
    if (due === 0 || draft.gone(slot)) continue;
    const cut = Math.min(due, draft.budget);
    const tokens = whole && (draft.empty || due <= draft.budget) ? due : cut;
    if (tokens < 1 || (whole && tokens < due)) {
      draft.wait(slot, 'token-budget');
      continue;
    }
    while (!draft.fits(slot, tokens)) {
      const victim = lastAdmitted(draft);
      draft.preempt(victim);
      if (victim === slot) break;
    }
    if (!draft.gone(slot)) draft.run(slot, tokens);
  }
}

/** The resident admitted last that this plan has not run or sent back: the one that asks is such a one. */
function lastAdmitted(draft: Draft): number {
  const { running } = draft.view;
  for (let i = running.length - 1; i >= 0; i--) {
    const slot = running[i] as number;
    if (!draft.gone(slot) && !draft.ran(slot) && !draft.held(slot)) return slot;
  }
  throw new Error('a resident asks for pages and is not resident');
}
