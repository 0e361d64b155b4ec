// How a resident gets its pages, and what admission keeps free. Shared knobs and the rules behind them.

import type { Reason } from '../../engine/reason.ts';
import { RUNNING, type View } from '../../engine/view.ts';
import type { Draft } from './draft.ts';

export const MEMORY_MODES = {
  reserve: 'all pages for prompt and declared limit, taken at admission',
  'reserve-window': 'all pages for the longest sequence the model allows, taken at admission',
  paged: 'a page when a token needs one',
  prefix: 'paged, and full pages of equal content are shared',
} as const;
export type MemoryMode = keyof typeof MEMORY_MODES;

export interface MemoryRule {
  readonly memory: MemoryMode;
  /** Fraction of the pool that an admission must leave free, unless nobody is resident. */
  readonly watermark: number;
  /** `no-evict`: admit only what can run to its limit beside all residents. */
  readonly admission: 'free-pages' | 'no-evict';
}

export const memoryKnob = <const M extends MemoryMode>(mode: M) =>
  ({ kind: 'choice', default: mode, options: MEMORY_MODES, doc: 'How KV pages are given out.' }) as const;

export const admissionKnob = {
  kind: 'choice',
  default: 'free-pages',
  options: {
    'free-pages': 'admit what fits now; preempt when pages run out',
    'no-evict': 'admit only what can run to its declared limit beside all residents',
  },
  doc: 'What a waiting request must find before it is admitted (TensorRT-LLM: MAX_UTILIZATION, GUARANTEED_NO_EVICT).',
} as const;

export const watermarkKnob = (value: number) =>
  ({
    kind: 'number',
    default: value,
    min: 0,
    max: 0.5,
    doc: 'Fraction of the pool that an admission must leave free.',
  }) as const;

/** Tokens to take pages for when a waiting request is admitted. */
export function reservation(view: View, slot: number, memory: MemoryMode): number {
  const { known, remaining } = view.requests;
  const { window, pages, pageSize } = view.limits;
  if (memory === 'reserve') return (known[slot] as number) + (remaining[slot] as number);
  if (memory === 'reserve-window') return Math.min(window, pages * pageSize);
  return 0;
}

/** Why the pages of a waiting request cannot be given out, or undefined when they can. */
export function pagesRefused(
  draft: Draft,
  slot: number,
  tokens: number,
  rule: MemoryRule,
): Reason | undefined {
  const { view, ledger } = draft;
  const need = draft.admissionPages(slot, tokens, reservation(view, slot, rule.memory));
  if (need > ledger.free) return 'pages';
  if (draft.residents === 0) return undefined;
  if (ledger.free - need < Math.floor(rule.watermark * view.limits.pages)) return 'watermark';
  if (rule.admission === 'no-evict' && !runsToTheEnd(draft, slot)) return 'no-evict';
  return undefined;
}

/** Whether the request, all residents and this plan's admissions could reach their limits in this pool. */
function runsToTheEnd(draft: Draft, slot: number): boolean {
  const { view } = draft;
  const { known, remaining, phase } = view.requests;
  const size = (s: number): number =>
    Math.ceil(((known[s] as number) + (remaining[s] as number)) / view.limits.pageSize);
  let pages = size(slot);
  for (const s of view.running) if (phase[s] === RUNNING) pages += size(s);
  for (const s of draft.admitted()) pages += size(s);
  return pages <= view.limits.pages;
}
