// Why a request was not scheduled in a step: a closed list, so that pages can explain every member.

export const REASONS = {
  slots: 'every slot is taken',
  'token-budget': "the step's token budget is spent",
  pages: 'the page pool has too few free pages',
  watermark: 'admitting it would leave fewer free pages than the watermark',
  'no-evict': 'admitting it could force an eviction later',
  'head-of-line': 'a request ahead of it does not fit, and none may overtake',
  batch: 'the running batch must finish first',
  delay: 'waiting for a larger batch to form',
  'prefill-first': 'this step prefills; decodes wait',
  preempted: 'this step preempted, and admits nobody',
  fork: 'waiting for the prompt it shares to be computed',
  unplanned: 'the strategy named no reason',
} as const;
export type Reason = keyof typeof REASONS;

const names = Object.keys(REASONS) as Reason[];
const codes = new Map(names.map((name, code) => [name, code]));

/** Reasons travel in typed columns by their place in the list above. */
export const reasonCode = (reason: Reason): number => codes.get(reason) ?? names.length - 1;
export const reasonName = (code: number): Reason => names[code] ?? 'unplanned';
