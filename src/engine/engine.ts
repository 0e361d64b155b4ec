// The serving engine: requests in, plans checked and applied, batches out, results committed. It is a state
// machine without a loop and without a clock: `begin` plans a step at a time it is told, `commit` takes
// what came back. loop.ts drives it; executors (executor.ts) compute; strategies decide.

import type { CacheSalt } from '../cache/hash.ts';
import { KvCache } from '../cache/kv-cache.ts';
import type { FreeOrder } from '../cache/pool.ts';
import { assert } from '../core/assert.ts';
import { err, type Failure, failure, ok, type Result } from '../core/result.ts';
import { checkRequest, type RequestFault } from './admission.ts';
import { applyPlan, noteWaits } from './apply.ts';
import { Batch } from './batch.ts';
import { checkPlan, PLAN_FAULTS, type PlanFailure, STAMPS } from './check.ts';
import { commitStep, endRequest, failStep } from './commit.ts';
import type { StepBatch, StepDone } from './executor.ts';
import { lookUpHits } from './hits.ts';
import { Line } from './line.ts';
import type { Plan, Planner, Settings } from './plan.ts';
import { reasonCode } from './reason.ts';
import { Recorder } from './recorder.ts';
import type { Request } from './request.ts';
import { NO_REASON, RequestTable } from './request-table.ts';
import type { Trace } from './trace.ts';
import { FREE, HELD, type Limits, PARKED, RUNNING, type View, WAITING } from './view.ts';

export interface EngineOptions {
  readonly limits: Limits;
  readonly planner: Planner;
  /** 1: the next step may be planned before the last one's tokens are known. */
  readonly lookahead?: 0 | 1;
  readonly freeOrder?: FreeOrder;
  readonly salt?: CacheSalt;
  /** Asked once a plan with the pages it takes; false refuses the plan (a budget, or an injected fault). */
  readonly allow?: (pages: number) => boolean;
  /** Told of each request that ends, when it ends. */
  readonly onEnd?: (id: number, time: number) => void;
}

export type Begun =
  | { readonly kind: 'step'; readonly batch: StepBatch }
  /** Nothing to run before an event, or before `until` seconds. */
  | { readonly kind: 'idle'; readonly until: number };

const NO_HITS = new Int32Array(0);
/** Requests that do not fit and are looked at all the same, for those behind them that do. */
const OVERTAKERS = 16;
const NO_SALT: CacheSalt = { model: '', weights: '', kv: '', reduction: '' };

export class Engine {
  /** The strategy's, with no more slots than the executor has rows. */
  readonly settings: Settings;
  readonly limits: Limits;
  readonly lookahead: 0 | 1;
  readonly cache: KvCache;
  readonly table = new RequestTable();
  readonly line: Line;
  readonly recorder = new Recorder();
  readonly salt: CacheSalt;
  /** Slots of residents in order of admission. */
  readonly running: number[] = [];
  /** Forks whose sibling's prompt is not computed yet, by the sibling's id: not in the line. */
  readonly forksOf = new Map<number, number[]>();
  readonly onEnd: (id: number, time: number) => void;
  /** Latest time the engine was told; times never run backwards in the trace. */
  now = 0;
  /** Number of the step that is planned next. */
  step = 0;
  admissions = 0;
  /** End of the last step committed. */
  lastEnd = 0;
  /** Set once any fork arrives: from then on waiting requests are looked up for siblings. */
  forked = false;
  /** Request id by block-table row, for page events. */
  readonly rowOwner: Uint32Array;
  /** What the last plan said of the waiting line: the common reason, and whom it named. */
  readonly waits: { rest: number; readonly named: number[] } = { rest: NO_REASON, named: [] };
  private readonly planner: Planner;
  private readonly allow: (pages: number) => boolean;
  private state: unknown;
  private stamps = STAMPS;
  private probedBefore: Int32Array = NO_HITS;
  private readonly batches: readonly [Batch, Batch];
  private readonly flying: Batch[] = [];

  constructor(options: EngineOptions) {
    const { limits, planner } = options;
    const { rows = Number.POSITIVE_INFINITY, tokens = Number.POSITIVE_INFINITY } = limits.step ?? {};
    assert(tokens >= limits.window, `a step of ${tokens} tokens for sequences of ${limits.window}`);
    this.limits = limits;
    this.planner = planner;
    // a step must have a row and a token for every resident, whatever a strategy asks for
    this.settings = { ...planner.settings, slots: Math.min(planner.settings.slots, rows, tokens) };
    this.lookahead = options.lookahead ?? 0;
    this.salt = options.salt ?? NO_SALT;
    this.allow = options.allow ?? (() => true);
    this.onEnd = options.onEnd ?? (() => {});
    this.state = planner.start;
    this.line = new Line(planner.settings.order);
    this.rowOwner = new Uint32Array(this.settings.slots);
    this.cache = new KvCache({
      pages: limits.pages,
      pageSize: limits.pageSize,
      rows: this.settings.slots,
      window: limits.window,
      ...(options.freeOrder ? { freeOrder: options.freeOrder } : {}),
      onPage: (event, page, row, index) => {
        const owner = row === undefined ? 0 : (this.rowOwner[row] as number);
        this.recorder.page(event, this.step, page, owner, index);
      },
    });
    this.batches = [
      new Batch(this.cache.tables, limits.pageSize),
      new Batch(this.cache.tables, limits.pageSize),
    ];
  }

  get trace(): Trace {
    return this.recorder.trace;
  }

  /** Requests that have arrived and not ended. */
  get live(): number {
    return this.table.live;
  }

  get inFlight(): number {
    return this.flying.length;
  }

  /** Hands in a request at its arrival or later. */
  submit(request: Request, time: number): Result<void, Failure<RequestFault>> {
    const checked = checkRequest(request, this.limits, this.table);
    if (!checked.ok) return checked;
    this.tick(time);
    const slot = this.table.add(request, this.limits.vocabulary);
    this.recorder.arrived(this.table.columns, slot);
    this.recorder.event('arrived', request.arrival, this.step, request.id);
    this.forked ||= request.forkOf !== undefined;
    const sibling = request.forkOf === undefined ? undefined : this.table.slot(request.forkOf);
    if (
      sibling !== undefined &&
      this.table.at(sibling).committed < (this.table.columns.prompt[slot] as number)
    ) {
      const forks = this.forksOf.get(request.forkOf as number) ?? [];
      this.forksOf.set(request.forkOf as number, [...forks, slot]);
      this.table.columns.phase[slot] = PARKED;
      this.recorder.event('waits', request.arrival, this.step, request.id, reasonCode('fork'));
    } else {
      this.line.insert(slot, this.table.columns);
    }
    return ok(undefined);
  }

  /** The client gives up. False when the request has ended already or never came. */
  abort(id: number, time: number): boolean {
    const slot = this.table.slot(id);
    if (slot === undefined) return false;
    this.tick(time);
    endRequest(this, slot, 'abort');
    return true;
  }

  /** The device is gone: every request ends as failed, every page is free, nothing is in flight. */
  lose(time: number): void {
    this.tick(time);
    while (this.flying.length > 0) this.fail(time);
    for (let slot = 0; slot < this.table.residents.length; slot++) {
      const phase = this.table.columns.phase[slot];
      if (phase === WAITING || phase === RUNNING || phase === PARKED) endRequest(this, slot, 'failed');
      else if (phase === HELD) this.release(slot);
    }
    this.running.length = 0;
  }

  /** What the strategy sees now. Live arrays: valid until the engine is touched. */
  view(): View {
    const waiting = this.line.slots();
    const looks = this.settings.prefixCache || this.forked;
    const open = Math.max(0, this.settings.slots - this.running.length);
    // looking costs, and most who stand further back cannot be admitted in this step
    const reach = open > 0 ? open + OVERTAKERS : 0;
    const probed = looks ? Math.min(waiting.length, reach) : waiting.length;
    return {
      step: this.step,
      now: this.now,
      limits: this.limits,
      slots: this.settings.slots,
      freePages: this.cache.pool.free,
      waiting,
      probed,
      running: new Int32Array(this.running),
      requests: this.table.columns,
      pages: {
        pageSize: this.cache.pageSize,
        refs: this.cache.pool.refs,
        tables: this.cache.tables.pages,
        width: this.cache.tables.width,
        lengths: this.cache.tables.lengths,
      },
      hits: looks ? this.lookUp(waiting.slice(0, probed)) : NO_HITS,
    };
  }

  /** Plans the next step and applies the plan. A refused plan changes nothing but the trace. */
  begin(time: number): Result<Begun, PlanFailure> {
    assert(this.flying.length <= this.lookahead, 'a step is begun with too many in flight');
    this.tick(time);
    const view = this.view();
    const { plan, state } = this.planner.plan(view, this.state);
    const checked = this.check(view, plan);
    if (!checked.ok) {
      this.recorder.event('refused', this.now, this.step, 0, PLAN_FAULTS.indexOf(checked.error.code));
      return checked;
    }
    this.state = state;
    if (plan.rows.length === 0) {
      applyPlan(this, plan, view.hits, undefined);
      noteWaits(this, plan, this.stamps);
      return ok({ kind: 'idle', until: plan.wakeAt });
    }
    const batch = this.batches[this.step % 2 === 0 ? 0 : 1];
    batch.clear(this.step, this.now, this.flying.length);
    applyPlan(this, plan, view.hits, batch);
    noteWaits(this, plan, this.stamps);
    this.flying.push(batch);
    this.step++;
    return ok({ kind: 'step', batch });
  }

  /** Takes the result of the oldest step in flight. */
  commit(done: StepDone): Result<void, Failure<'bad-result'>> {
    const batch = this.flying[0];
    assert(batch, 'a step is committed that was never begun');
    if (done.tokens.length < batch.sampleCount)
      return err(
        failure(
          'bad-result',
          `Step ${batch.step} asked for ${batch.sampleCount} tokens and got ${done.tokens.length}.`,
          'The executor is broken; nothing was committed.',
        ),
      );
    this.flying.shift();
    const start = Math.max(done.start, this.lastEnd);
    this.lastEnd = Math.max(done.end, start);
    this.tick(this.lastEnd);
    commitStep(this, batch, done, start, this.lastEnd);
    return ok(undefined);
  }

  /** The oldest step in flight failed: its requests stand where they stood before it. */
  fail(time: number): void {
    const batch = this.flying.shift();
    assert(batch, 'a step fails that was never begun');
    const start = Math.max(this.lastEnd, batch.planned);
    this.tick(time);
    this.lastEnd = this.now;
    failStep(this, batch, start, this.now);
  }

  /**
   * Frees the pages of a request that has ended, and its slot once no row of it is in flight. A page may go to
   * another request while such a row is: executors run steps in order, so that row writes before the other.
   */
  release(slot: number): void {
    const resident = this.table.at(slot);
    if (resident.paged) this.cache.close(this.table.columns.row[slot] as number);
    resident.paged = false;
    this.table.columns.phase[slot] = FREE;
    if (resident.inFlight === 0) this.table.drop(slot);
  }

  /** Fills the hit columns for these slots, and empties those of the slots looked up before. */
  private lookUp(slots: Int32Array): Int32Array {
    for (const slot of this.probedBefore) {
      this.table.columns.hitTokens[slot] = 0;
      this.table.columns.hitPages[slot] = 0;
    }
    this.probedBefore = slots;
    const { salt, settings } = this;
    return lookUpHits(slots, this.table, this.cache, { prefixCache: settings.prefixCache, salt });
  }

  private check(view: View, plan: Plan): Result<number, PlanFailure> {
    this.stamps += STAMPS;
    const checked = checkPlan(view, plan, { stamp: this.table.stamp, base: this.stamps });
    if (!checked.ok || checked.value <= 0 || this.allow(checked.value)) return checked;
    return err(
      failure(
        'allocation-refused',
        `${checked.value} pages were refused.`,
        'Plan again, or with fewer pages.',
      ),
    );
  }

  private tick(time: number): void {
    if (time > this.now) this.now = time;
  }
}
