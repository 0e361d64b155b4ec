// Checks a plan against the engine's state before anything moves. What is refused here leaves no trace in
// pages, tables or requests, so a strategy may be anybody's code.

import { PageLedger } from '../cache/ledger.ts';
import { err, type Failure, failure, ok, type Result } from '../core/result.ts';
import { ADMIT_STRIDE, type Plan, ROW_STRIDE, WAIT_STRIDE } from './plan.ts';
import { HELD, RUNNING, type View, WAITING } from './view.ts';

/** Why a plan is refused. Traces hold the place in this list: new ones come last. */
export const PLAN_FAULTS = [
  'malformed',
  'unknown-slot',
  'wrong-phase',
  'named-twice',
  'not-held',
  'admitted-without-row',
  'cached-not-found',
  'reserve-too-small',
  'too-many-residents',
  'nothing-to-compute',
  'too-many-tokens',
  'past-limit',
  'padding',
  'pages',
  'allocation-refused',
  'step-tokens',
] as const;
export type PlanFault = (typeof PLAN_FAULTS)[number];
export type PlanFailure = Failure<PlanFault>;

const refuse = (fault: PlanFault, message: string): Result<never, PlanFailure> =>
  err(failure(fault, message, 'The step was not run; mend the strategy.'));

/** Numbers of this plan and how `stamp` marks the slots that it names in its parts. */
interface Marks {
  readonly stamp: Float64Array;
  readonly base: number;
}
const LEAVES = 1;
const ADMITTED = 2;
const ROW = 3;
/** Stamps a plan uses: bases of successive plans differ by this. */
export const STAMPS = 4;

const wellFormed = (plan: Plan): boolean =>
  [plan.release, plan.preempt, plan.admit, plan.rows, plan.waits].every((a) => a instanceof Int32Array) &&
  plan.admit.length % ADMIT_STRIDE === 0 &&
  plan.rows.length % ROW_STRIDE === 0 &&
  plan.waits.length % WAIT_STRIDE === 0 &&
  typeof plan.wakeAt === 'number' &&
  !Number.isNaN(plan.wakeAt) &&
  typeof plan.rest === 'number';

/**
 * The pages that the plan takes from the free list beyond those it gives back, or why it is refused.
 */
export function checkPlan(view: View, plan: Plan, marks: Marks): Result<number, PlanFailure> {
  if (!wellFormed(plan))
    return refuse('malformed', 'The plan is not made of Int32Arrays of the right strides.');
  const { stamp, base } = marks;
  const { phase, id } = view.requests;
  const ledger = new PageLedger(view.pages, view.freePages);
  let residents = view.running.length;

  const name = (slot: number): string =>
    slot >= 0 && slot < phase.length ? `request ${id[slot]} (slot ${slot})` : `slot ${slot}`;
  const problem = (slot: number, wanted: number, mark: number): Result<never, PlanFailure> | undefined => {
    if (!(slot >= 0 && slot < phase.length) || phase[slot] === 0)
      return refuse('unknown-slot', `The plan names slot ${slot}, which no request has.`);
    if (phase[slot] !== wanted)
      return refuse('wrong-phase', `The plan treats ${name(slot)} as what it is not.`);
    if ((stamp[slot] as number) > base) return refuse('named-twice', `The plan names ${name(slot)} twice.`);
    stamp[slot] = base + mark;
    return undefined;
  };

  for (const slot of plan.release) {
    const p = problem(slot, HELD, LEAVES);
    if (p)
      return p.ok || p.error.code !== 'wrong-phase' ? p : refuse('not-held', `${name(slot)} is not held.`);
    ledger.close(view.requests.row[slot] as number);
    residents--;
  }
  for (const slot of plan.preempt) {
    const p = problem(slot, RUNNING, LEAVES);
    if (p) return p;
    ledger.close(view.requests.row[slot] as number);
    residents--;
  }
  /** Where each admission stands in `plan.admit`. */
  const admissionOf = new Map<number, number>();
  for (let i = 0; i < plan.admit.length; i += ADMIT_STRIDE) {
    const slot = plan.admit[i] as number;
    const p = problem(slot, WAITING, ADMITTED);
    if (p) return p;
    residents++;
    admissionOf.set(slot, i);
    const fault = checkAdmission(view, slot, plan.admit[i + 1] as number, plan.admit[i + 2] as number);
    if (fault) return fault;
  }
  if (residents > view.slots)
    return refuse(
      'too-many-residents',
      `The plan makes ${residents} residents; there are ${view.slots} slots.`,
    );
  let admissions = 0;
  let computed = 0;
  for (let i = 0; i < plan.rows.length; i += ROW_STRIDE) {
    const slot = plan.rows[i] as number;
    const fresh = stamp[slot] === base + ADMITTED;
    if (fresh) {
      stamp[slot] = base + ROW;
      admissions++;
    } else {
      const held = phase[slot] === HELD;
      const p = problem(slot, held ? HELD : RUNNING, ROW);
      if (p) return p;
    }
    const tokens = plan.rows[i + 1] as number;
    const padding = plan.rows[i + 2] as number;
    const at = fresh ? (admissionOf.get(slot) ?? 0) : 0;
    const start = fresh ? (plan.admit[at + 1] as number) : (view.requests.computed[slot] as number);
    const fault = checkRow(view, slot, start, tokens, padding);
    if (fault) return fault;
    computed += tokens + padding;
    if (fresh) {
      const until = Math.max(start + tokens, plan.admit[at + 2] as number);
      const shared = Math.ceil(start / view.limits.pageSize);
      ledger.open(view.hits, view.requests.hitStart[slot] as number, shared, start, until);
    } else if (tokens > 0) {
      ledger.write(view.requests.row[slot] as number, start, start + tokens);
    }
  }
  if (admissions * ADMIT_STRIDE !== plan.admit.length)
    return refuse('admitted-without-row', 'The plan admits a request without giving it a row.');
  const most = view.limits.step?.tokens ?? Number.POSITIVE_INFINITY;
  if (computed > most)
    return refuse(
      'step-tokens',
      `The plan computes ${computed} tokens in one step, padding included; a step holds ${most}.`,
    );
  if (ledger.free < 0)
    return refuse('pages', `The plan needs ${-ledger.free} more pages than are free (${view.freePages}).`);
  return ok(view.freePages - ledger.free);
}

function checkAdmission(
  view: View,
  slot: number,
  cached: number,
  reserve: number,
): Result<never, PlanFailure> | undefined {
  const found = view.requests.hitTokens[slot] as number;
  const whole = cached === found || cached % view.limits.pageSize === 0;
  if (cached < 0 || cached > found || !whole)
    return refuse('cached-not-found', `The plan takes ${cached} tokens from pages; ${found} were found.`);
  if (reserve < 0 || reserve > view.limits.window)
    return refuse(
      'reserve-too-small',
      `The plan reserves ${reserve} tokens; the window is ${view.limits.window}.`,
    );
  return undefined;
}

function checkRow(
  view: View,
  slot: number,
  start: number,
  tokens: number,
  padding: number,
): Result<never, PlanFailure> | undefined {
  const { id, phase, known, remaining } = view.requests;
  const held = phase[slot] === HELD;
  if (padding < 0 || padding > view.limits.window || (held && padding === 0))
    return refuse('padding', `The plan pads request ${id[slot]} by ${padding} tokens.`);
  if (held) return tokens === 0 ? undefined : refuse('too-many-tokens', `Request ${id[slot]} has finished.`);
  if (tokens < 1) return refuse('nothing-to-compute', `The plan gives request ${id[slot]} ${tokens} tokens.`);
  const left = (known[slot] as number) - start;
  if (tokens > left)
    return refuse(
      'too-many-tokens',
      `The plan computes ${tokens} tokens of request ${id[slot]}; it has ${left}.`,
    );
  // every allowed token is sampled already or being sampled, and computing the last one yields nothing
  if (remaining[slot] === 0 && left === tokens)
    return refuse('past-limit', `Request ${id[slot]} has all its output tokens already.`);
  return undefined;
}
