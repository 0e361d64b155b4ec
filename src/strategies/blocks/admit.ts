// Admission in line order: the part that most strategies share.

import { QUEUE_ORDERS, type QueueOrder } from '../../engine/plan.ts';
import type { Reason } from '../../engine/reason.ts';
import type { Draft } from './draft.ts';
import { type MemoryRule, pagesRefused, reservation } from './memory.ts';

export const orderKnob = {
  kind: 'choice',
  default: 'fcfs',
  options: QUEUE_ORDERS,
  doc: 'The order in which waiting requests are considered.',
} as const satisfies { options: Record<QueueOrder, string>; [key: string]: unknown };

export const overtakeKnob = {
  kind: 'boolean',
  default: false,
  doc: 'Whether those behind a request that does not fit may be admitted before it.',
} as const;

export const slotsKnob = (value: number) =>
  ({
    kind: 'int',
    default: value,
    min: 1,
    max: 4096,
    doc: 'Residents at once; no more than a step has rows on the device that serves.',
  }) as const;

export const budgetKnob = (value: number) =>
  ({
    kind: 'int',
    default: value,
    min: 1,
    max: 1_048_576,
    unit: 'tokens',
    doc: 'Tokens that a step may compute. A prompt that is larger and may not be cut runs alone.',
  }) as const;

export interface AdmitRule extends MemoryRule {
  /** Whether a prompt may be cut to the budget that is left. */
  readonly chunk: boolean;
  readonly overtake: boolean;
}

/** Admits from the head of the line while slots, budget and pages last. */
export function admitInLine(draft: Draft, rule: AdmitRule): void {
  draft.rest(admitUntilBlocked(draft, rule));
}

/** Admits, and says what keeps the rest of the line waiting. */
function admitUntilBlocked(draft: Draft, rule: AdmitRule): Reason {
  const { view } = draft;
  const { known, hitTokens } = view.requests;
  if (draft.preempted > 0) return 'preempted';
  if (draft.residents >= view.slots) return 'slots';
  let looked = 0;
  for (const slot of view.waiting) {
    if (draft.residents >= view.slots) return 'slots';
    // the engine looked no further back: so many ahead do not fit that nobody overtakes from here
    if (looked++ >= view.probed) return 'head-of-line';
    const need = (known[slot] as number) - (hitTokens[slot] as number);
    const refused = refusal(draft, slot, need, rule);
    if (refused === undefined) {
      const tokens = rule.chunk ? Math.min(need, draft.budget) : need;
      draft.admit(slot, tokens, reservation(view, slot, rule.memory));
      continue;
    }
    draft.wait(slot, refused);
    if (draft.budget <= 0) return 'token-budget';
    if (!rule.overtake) return 'head-of-line';
  }
  return 'head-of-line';
}

function refusal(draft: Draft, slot: number, need: number, rule: AdmitRule): Reason | undefined {
  if (draft.budget <= 0) return 'token-budget';
  // an uncut prompt that is larger than any budget must run some time: it runs in a step of its own
  if (!rule.chunk && need > draft.budget && !draft.empty) return 'token-budget';
  return pagesRefused(draft, slot, rule.chunk ? Math.min(need, draft.budget) : need, rule);
}
