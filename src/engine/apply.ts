// Applies a checked plan: moves requests and pages, and fills the step's batch.

import { assert } from '../core/assert.ts';
import type { Batch } from './batch.ts';
import type { Engine } from './engine.ts';
import { ADMIT_STRIDE, type Plan, ROW_STRIDE, WAIT_STRIDE } from './plan.ts';
import { reasonCode } from './reason.ts';
import { GREEDY } from './request.ts';
import { NO_REASON } from './request-table.ts';
import { HELD, RUNNING, WAITING } from './view.ts';

/** `batch` is absent when the plan has no rows. */
export function applyPlan(engine: Engine, plan: Plan, hits: Int32Array, batch: Batch | undefined): void {
  for (const slot of plan.release) {
    event(engine, 'released', slot);
    engine.running.splice(engine.running.indexOf(slot), 1);
    engine.release(slot);
  }
  for (const slot of plan.preempt) preempt(engine, slot);
  // pages that were found are taken before any page is taken afresh, which could be one of them
  for (let i = 0; i < plan.admit.length; i += ADMIT_STRIDE)
    admit(engine, hits, plan.admit[i] as number, plan.admit[i + 1] as number);
  for (let i = 0; i < plan.admit.length; i += ADMIT_STRIDE)
    reserve(engine, plan.admit[i] as number, plan.admit[i + 2] as number);
  if (!batch) return;
  for (let i = 0; i < plan.rows.length; i += ROW_STRIDE)
    addRow(engine, batch, plan.rows[i] as number, plan.rows[i + 1] as number, plan.rows[i + 2] as number);
  batch.copies = engine.cache.copies.length > 0 ? Int32Array.from(engine.cache.copies.splice(0)) : NO_COPIES;
  summarise(engine, batch);
}

const NO_COPIES = new Int32Array(0);

const event = (
  engine: Engine,
  kind: 'released' | 'preempted' | 'admitted' | 'reserved',
  slot: number,
  a = 0,
  b = 0,
) => engine.recorder.event(kind, engine.now, engine.step, engine.table.columns.id[slot] as number, a, b);

function preempt(engine: Engine, slot: number): void {
  const { columns } = engine.table;
  const resident = engine.table.at(slot);
  event(engine, 'preempted', slot, columns.computed[slot]);
  engine.running.splice(engine.running.indexOf(slot), 1);
  engine.cache.close(columns.row[slot] as number);
  resident.paged = false;
  columns.phase[slot] = WAITING;
  columns.computed[slot] = 0;
  resident.committed = 0;
  resident.hashed = 0;
  resident.epoch++;
  engine.table.reason[slot] = NO_REASON;
  engine.line.giveBack(slot, columns);
}

function admit(engine: Engine, hits: Int32Array, slot: number, cached: number): void {
  const { cache, table } = engine;
  const { columns } = table;
  const resident = table.at(slot);
  // a fork shares to the token, the prefix cache only whole pages
  const how = cached % cache.pageSize === 0 ? 'shared' : 'forked';
  const start = columns.hitStart[slot] as number;
  const row = cache.openWith(hits, start, cache.pagesFor(cached), how, (opened) => {
    engine.rowOwner[opened] = columns.id[slot] as number;
  });
  resident.paged = true;
  columns.row[slot] = row;
  columns.phase[slot] = RUNNING;
  columns.computed[slot] = cached;
  columns.admitted[slot] = engine.admissions++;
  resident.committed = cached;
  resident.hashed = Math.floor(cached / cache.pageSize);
  engine.line.remove(slot);
  engine.running.push(slot);
  event(engine, 'admitted', slot, cached, Math.min(cached, resident.highWater));
  resident.highWater = Math.max(resident.highWater, cached);
  table.reason[slot] = NO_REASON;
}

function reserve(engine: Engine, slot: number, tokens: number): void {
  if (tokens === 0) return;
  event(engine, 'reserved', slot, tokens);
  const row = engine.table.columns.row[slot] as number;
  assert(engine.cache.prepare(row, tokens, tokens), 'a checked plan runs out of pages');
}

function addRow(engine: Engine, batch: Batch, slot: number, count: number, padding: number): void {
  const { cache, table } = engine;
  const { columns } = table;
  const resident = table.at(slot);
  const start = columns.computed[slot] as number;
  const row = columns.row[slot] as number;
  const i = batch.addRow();
  batch.slot[i] = slot;
  batch.epoch[i] = resident.epoch;
  batch.id[i] = columns.id[slot] as number;
  batch.table[i] = row;
  batch.start[i] = start;
  batch.count[i] = count;
  batch.padding[i] = padding;
  batch.samples[i] = 0;
  batch.fed[i] = 0;
  batch.offset[i] = batch.tokenCount;
  batch.sampling[i] = resident.request.sampling ?? GREEDY;
  batch.paddingCount += padding;
  resident.inFlight++;
  const end = start + count;
  // padding is computed where the row's last token is, and attends to as much
  batch.attended += padding * Math.max(1, end);
  if (columns.phase[slot] === HELD) return;
  assert(cache.prepare(row, start, end), 'a checked plan runs out of pages');
  const known = columns.known[slot] as number;
  const real = (columns.prompt[slot] as number) + resident.generated;
  const offset = batch.addTokens(count);
  if (end > real) {
    // the last known token is still being sampled by the step in flight
    assert(count === 1 && end === known, 'a row needs a token that nobody has sampled');
    batch.fed[i] = 1;
    batch.feed[i] = resident.feed;
  } else if (count === 1) batch.tokens[offset] = resident.tokens[start] as number;
  else batch.tokens.set(resident.tokens.subarray(start, end), offset);
  batch.attended += count * start + (count * (count + 1)) / 2;
  columns.computed[slot] = end;
  if (end < known) return;
  batch.samples[i] = 1;
  resident.feed = batch.sampleCount++;
  columns.known[slot] = known + 1;
  columns.remaining[slot] = (columns.remaining[slot] as number) - 1;
}

/** Gauges of the moment for the trace's step record. */
function summarise(engine: Engine, batch: Batch): void {
  const { cache, table } = engine;
  const { computed, row } = table.columns;
  const { pageSize } = cache;
  const { lengths } = cache.tables;
  let held = 0;
  let slack = 0;
  let reserved = 0;
  for (const slot of engine.running) {
    const tokens = computed[slot] as number;
    const started = Math.ceil(tokens / pageSize);
    held += tokens;
    slack += started * pageSize - tokens;
    reserved += ((lengths[row[slot] as number] as number) - started) * pageSize;
  }
  batch.running = engine.running.length;
  batch.waiting = engine.line.length;
  batch.usedPages = cache.pool.used;
  batch.heldTokens = held;
  batch.slackTokens = slack;
  batch.reservedTokens = reserved;
}

/** Emits an interval's start wherever the reason of a request that is not in the step has changed. */
export function noteWaits(engine: Engine, plan: Plan, base: number): void {
  const { reason, stamp, columns } = engine.table;
  const note = (slot: number, code: number): void => {
    if (reason[slot] === code) return;
    reason[slot] = code;
    engine.recorder.event('waits', engine.now, engine.step, columns.id[slot] as number, code);
  };
  const named = base + 0.5;
  for (let i = 0; i < plan.rows.length; i += ROW_STRIDE) {
    const slot = plan.rows[i] as number;
    if (reason[slot] === NO_REASON) continue;
    reason[slot] = NO_REASON;
    engine.recorder.event('scheduled', engine.now, engine.step, columns.id[slot] as number);
  }
  for (let i = 0; i < plan.waits.length; i += WAIT_STRIDE) {
    const slot = plan.waits[i] as number;
    const phase = columns.phase[slot];
    if (phase !== WAITING && phase !== RUNNING) continue;
    if (phase === RUNNING && (stamp[slot] as number) > base) continue;
    stamp[slot] = named;
    note(slot, plan.waits[i + 1] as number);
  }
  if (plan.rows.length < engine.running.length * ROW_STRIDE) {
    for (const slot of engine.running) {
      const idle = (columns.known[slot] as number) <= (columns.computed[slot] as number);
      if (columns.phase[slot] !== RUNNING || (stamp[slot] as number) > base || idle) continue;
      if ((columns.remaining[slot] as number) > 0) note(slot, reasonCode('unplanned'));
    }
  }
  // the rest of the line only has news when the reason is another, or for those who joined or were named
  const { line, waits } = engine;
  const news = plan.rest === waits.rest ? [...line.joined, ...waits.named] : line.slots();
  for (const slot of news)
    if (columns.phase[slot] === WAITING && stamp[slot] !== named) note(slot, plan.rest);
  waits.rest = plan.rest;
  waits.named.length = 0;
  for (let i = 0; i < plan.waits.length; i += WAIT_STRIDE) waits.named.push(plan.waits[i] as number);
  line.joined.length = 0;
}
