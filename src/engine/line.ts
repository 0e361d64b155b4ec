// The waiting line: slots in the queue's order. Preempted requests of a first-come line stand at its head.

import { assert, unreachable } from '../core/assert.ts';
import type { QueueOrder } from './plan.ts';
import type { RequestColumns } from './view.ts';

/** The sort key of a slot under an order: smaller stands nearer the head. */
function keyOf(order: QueueOrder, columns: RequestColumns, slot: number): number {
  switch (order) {
    case 'fcfs':
      return 0;
    case 'priority':
      return columns.priority[slot] as number;
    case 'shortest-input':
      return columns.prompt[slot] as number;
    case 'longest-input':
      return -(columns.prompt[slot] as number);
    case 'shortest-output':
      return columns.predicted[slot] as number;
    case 'longest-output':
      return -(columns.predicted[slot] as number);
    case 'deadline':
      return columns.deadline[slot] as number;
    default:
      return unreachable(order, 'queue order');
  }
}

export class Line {
  readonly order: QueueOrder;
  /** Slots that joined since whoever reads this cleared it. */
  readonly joined: number[] = [];
  private buffer = new Int32Array(64);
  private head = 32;
  private count = 0;

  constructor(order: QueueOrder) {
    this.order = order;
  }

  get length(): number {
    return this.count;
  }

  /** The line, head first. Valid until it changes. */
  slots(): Int32Array {
    return this.buffer.subarray(this.head, this.head + this.count);
  }

  /** An arrival takes its place: behind all that stand before it in the order. */
  insert(slot: number, columns: RequestColumns): void {
    this.room();
    let i = this.head + this.count;
    while (i > this.head && this.before(slot, this.buffer[i - 1] as number, columns)) {
      this.buffer[i] = this.buffer[i - 1] as number;
      i--;
    }
    this.buffer[i] = slot;
    this.count++;
    this.joined.push(slot);
  }

  /** A preempted request comes back: to the head of a first-come line, else to its place in the order. */
  giveBack(slot: number, columns: RequestColumns): void {
    if (this.order !== 'fcfs') {
      this.insert(slot, columns);
      return;
    }
    this.room();
    this.head--;
    this.buffer[this.head] = slot;
    this.count++;
    this.joined.push(slot);
  }

  remove(slot: number): void {
    const at = this.buffer.subarray(0, this.head + this.count).indexOf(slot, this.head);
    assert(at >= 0, `slot ${slot} is not in the waiting line`);
    this.buffer.copyWithin(this.head + 1, this.head, at);
    this.head++;
    this.count--;
  }

  private before(a: number, b: number, columns: RequestColumns): boolean {
    const keys = keyOf(this.order, columns, a) - keyOf(this.order, columns, b);
    if (keys !== 0 && !Number.isNaN(keys)) return keys < 0;
    const arrivals = (columns.arrival[a] as number) - (columns.arrival[b] as number);
    if (arrivals !== 0) return arrivals < 0;
    return (columns.id[a] as number) < (columns.id[b] as number);
  }

  /** Keeps one free entry at each end, recentring or growing when there is none. */
  private room(): void {
    if (this.head > 0 && this.head + this.count < this.buffer.length) return;
    const size = Math.max(64, this.count * 4);
    const next = new Int32Array(size);
    const head = (size - this.count) >> 1;
    next.set(this.slots(), head);
    this.buffer = next;
    this.head = head;
  }
}
