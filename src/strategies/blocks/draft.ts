// A plan in the making: rows are added while pages and tokens last, and every refusal leaves its reason.

import { PageLedger } from '../../cache/ledger.ts';
import { ADMIT_STRIDE, type Plan, ROW_STRIDE } from '../../engine/plan.ts';
import { type Reason, reasonCode } from '../../engine/reason.ts';
import { HELD, RUNNING, type View } from '../../engine/view.ts';

export class Draft {
  readonly view: View;
  readonly ledger: PageLedger;
  /** Tokens that the step may still compute, padding included. */
  budget: number;
  /** Residents once the plan is applied. */
  residents: number;
  /** Residents sent back by this plan. */
  preempted = 0;
  private readonly releases: number[] = [];
  private readonly preempts: number[] = [];
  private readonly admissions: number[] = [];
  private readonly rowList: Int32Array;
  private rowCount = 0;
  private readonly waitList: number[] = [];
  private restReason: Reason = 'unplanned';
  private wake = Number.POSITIVE_INFINITY;

  constructor(view: View, budget = Number.POSITIVE_INFINITY) {
    this.view = view;
    this.budget = Math.min(budget, view.limits.step?.tokens ?? budget);
    this.residents = view.running.length;
    this.rowList = new Int32Array(
      Math.min(view.slots, view.running.length + view.waiting.length) * ROW_STRIDE,
    );
    this.ledger = new PageLedger(view.pages, view.freePages);
  }

  /** Whether this plan has sent back this resident. */
  gone(slot: number): boolean {
    return this.preempted > 0 && this.preempts.includes(slot);
  }

  /** Whether this plan runs this resident. */
  ran(slot: number): boolean {
    for (let i = 0; i < this.rowCount; i += ROW_STRIDE) if (this.rowList[i] === slot) return true;
    return false;
  }

  get empty(): boolean {
    return this.rowCount === 0;
  }

  /** Tokens of a resident that can be computed now: 0 when its last one is already being sampled. */
  due(slot: number): number {
    const { known, computed, remaining, phase } = this.view.requests;
    if (phase[slot] !== RUNNING || remaining[slot] === 0) return 0;
    return (known[slot] as number) - (computed[slot] as number);
  }

  /** Whether a resident still has prompt (or lost tokens) to compute before it can decode. */
  prefilling(slot: number): boolean {
    return this.due(slot) > 1;
  }

  held(slot: number): boolean {
    return this.view.requests.phase[slot] === HELD;
  }

  /** Whether the pool has the pages for the next `tokens` tokens of a resident. */
  fits(slot: number, tokens: number): boolean {
    const { row, computed } = this.view.requests;
    const start = computed[slot] as number;
    return this.ledger.need(row[slot] as number, start, start + tokens) <= this.ledger.free;
  }

  run(slot: number, tokens: number, padding = 0): void {
    const { row, computed } = this.view.requests;
    const start = computed[slot] as number;
    this.ledger.write(row[slot] as number, start, start + tokens);
    this.addRow(slot, tokens, padding);
  }

  /** A finished row that is computed on, for nothing. */
  pad(slot: number): void {
    this.addRow(slot, 0, 1);
  }

  /** Pages that admitting a waiting request and giving it `tokens` or `reserve` tokens would take. */
  admissionPages(slot: number, tokens: number, reserve: number): number {
    const { hitStart, hitPages, hitTokens } = this.view.requests;
    const cached = hitTokens[slot] as number;
    const until = Math.max(cached + tokens, reserve);
    return this.ledger.needNew(
      this.view.hits,
      hitStart[slot] as number,
      hitPages[slot] as number,
      cached,
      until,
    );
  }

  /** Makes a waiting request resident with all that was found of it in pages, and runs `tokens` more. */
  admit(slot: number, tokens: number, reserve: number): void {
    const { hitStart, hitPages, hitTokens } = this.view.requests;
    const cached = hitTokens[slot] as number;
    const until = Math.max(cached + tokens, reserve);
    this.ledger.open(this.view.hits, hitStart[slot] as number, hitPages[slot] as number, cached, until);
    this.admissions.push(slot, cached, reserve);
    this.addRow(slot, tokens, 0);
    this.residents++;
  }

  /** Pads every row to this many tokens: at the end, when it is known which rows there are. */
  padTo(tokens: number): void {
    for (let i = 0; i < this.rowCount; i += ROW_STRIDE) {
      const padding = tokens - (this.rowList[i + 1] as number);
      this.rowList[i + 2] = padding;
      this.budget -= padding;
    }
  }

  preempt(slot: number): void {
    this.ledger.close(this.view.requests.row[slot] as number);
    this.preempts.push(slot);
    this.preempted++;
    this.residents--;
  }

  release(slot: number): void {
    this.ledger.close(this.view.requests.row[slot] as number);
    this.releases.push(slot);
    this.residents--;
  }

  /** Slots that this plan admits. */
  admitted(): number[] {
    return this.admissions.filter((_, i) => i % ADMIT_STRIDE === 0);
  }

  wait(slot: number, reason: Reason): void {
    this.waitList.push(slot, reasonCode(reason));
  }

  /** The reason of every waiting request that `wait` did not name. */
  rest(reason: Reason): void {
    this.restReason = reason;
  }

  /** Takes over why another draft of the same step admitted nobody. */
  waitAs(other: Draft): void {
    this.waitList.push(...other.waitList);
    this.restReason = other.restReason;
  }

  wakeAt(time: number): void {
    this.wake = time;
  }

  plan(): Plan {
    return {
      release: new Int32Array(this.releases),
      preempt: new Int32Array(this.preempts),
      admit: new Int32Array(this.admissions),
      rows: this.rowList.slice(0, this.rowCount),
      waits: new Int32Array(this.waitList),
      rest: reasonCode(this.restReason),
      wakeAt: this.wake,
    };
  }

  private addRow(slot: number, tokens: number, padding: number): void {
    this.budget -= tokens + padding;
    this.rowList[this.rowCount++] = slot;
    this.rowList[this.rowCount++] = tokens;
    this.rowList[this.rowCount++] = padding;
  }
}
