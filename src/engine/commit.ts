// Commits what a step brought back: tokens, ends, hashes of full pages, and the trace's rows.

import type { Batch } from './batch.ts';
import type { Engine } from './engine.ts';
import type { StepDone } from './executor.ts';
import type { Ending } from './request.ts';
import { endingCode } from './request-table.ts';
import { FREE, HELD, PARKED, RUNNING, WAITING } from './view.ts';

export function commitStep(engine: Engine, batch: Batch, done: StepDone, start: number, end: number): void {
  const { recorder, table } = engine;
  let sample = 0;
  for (let i = 0; i < batch.rows; i++) {
    const slot = batch.slot[i] as number;
    const resident = table.at(slot);
    const id = batch.id[i] as number;
    const from = batch.start[i] as number;
    const count = batch.count[i] as number;
    const padding = batch.padding[i] as number;
    const samples = batch.samples[i] as number;
    const first = sample;
    sample += samples;
    resident.inFlight--;
    const gone = table.columns.phase[slot] === FREE;
    if (resident.ending !== undefined && (gone || count > 0)) {
      // it ended while this row was on its way
      if (count > 0) recorder.wasted('overrun', id, from, count);
      if (padding > 0) recorder.padded(id, from + count, padding);
      if (gone) engine.release(slot);
      continue;
    }
    if (count > 0) {
      const prompt = table.columns.prompt[slot] as number;
      recorder.tokens(id, from, count, resident.highWater, prompt, samples);
    }
    if (padding > 0) recorder.padded(id, from + count, padding);
    const computed = from + count;
    if (computed > resident.highWater) resident.highWater = computed;
    // a preempted request has no pages any more, but the token it sampled is good
    const resides = resident.epoch === batch.epoch[i];
    let ending: Ending | undefined;
    for (let k = 0; k < samples; k++) {
      const token = done.tokens[first + k] as number;
      recorder.emitted(token);
      ending ??= table.emit(slot, token);
    }
    if (resides && count > 0) {
      resident.committed = computed;
      if (engine.settings.prefixCache) register(engine, slot);
      if (engine.forksOf.size > 0) wakeForks(engine, id, computed >= (table.columns.prompt[slot] as number));
    }
    if (ending) endRequest(engine, slot, ending);
  }
  const { host = Number.NaN, readback = Number.NaN } = done;
  recorder.step(batch, start, end, host, readback, false);
}

/** Nothing of the step counts: its requests stand where they stood before it. */
export function failStep(engine: Engine, batch: Batch, start: number, end: number): void {
  const { columns } = engine.table;
  for (let i = 0; i < batch.rows; i++) {
    const slot = batch.slot[i] as number;
    const resident = engine.table.at(slot);
    const id = batch.id[i] as number;
    const from = batch.start[i] as number;
    const count = batch.count[i] as number;
    resident.inFlight--;
    if (count > 0) engine.recorder.wasted('lost', id, from, count);
    if ((batch.padding[i] as number) > 0)
      engine.recorder.padded(id, from + count, batch.padding[i] as number);
    if (columns.phase[slot] === FREE) engine.release(slot);
    if (resident.ending !== undefined) continue;
    if (resident.epoch === batch.epoch[i])
      columns.computed[slot] = Math.min(columns.computed[slot] as number, from);
    columns.known[slot] = (columns.prompt[slot] as number) + resident.generated;
    columns.remaining[slot] = resident.request.maxTokens - resident.generated;
  }
  engine.recorder.step(batch, start, end, Number.NaN, Number.NaN, true);
}

/** Ends a request wherever it stands. Its pages go back now, or when its last row in flight is back. */
export function endRequest(engine: Engine, slot: number, ending: Ending): void {
  const { table } = engine;
  const { columns } = table;
  const resident = table.at(slot);
  const id = columns.id[slot] as number;
  const phase = columns.phase[slot];
  const kind = ending === 'abort' || ending === 'failed' ? 'aborted' : 'finished';
  engine.recorder.event(kind, engine.now, engine.step, id, endingCode(ending), resident.generated);
  resident.ending = ending;
  table.end(slot);
  if (phase === WAITING) engine.line.remove(slot);
  if (phase === PARKED) unpark(engine, slot);
  if (phase === RUNNING && engine.settings.holdFinished && kind === 'finished') {
    columns.phase[slot] = HELD;
  } else if (phase === RUNNING) {
    engine.running.splice(engine.running.indexOf(slot), 1);
  }
  if (columns.phase[slot] !== HELD) engine.release(slot);
  wakeForks(engine, id, true);
  engine.onEnd(id, engine.now);
}

function unpark(engine: Engine, slot: number): void {
  const sibling = engine.table.at(slot).request.forkOf ?? 0;
  const others = (engine.forksOf.get(sibling) ?? []).filter((other) => other !== slot);
  engine.forksOf.set(sibling, others);
}

/** Forks join the line once their sibling's prompt is in pages, or will never be. */
function wakeForks(engine: Engine, id: number, ready: boolean): void {
  const forks = ready ? engine.forksOf.get(id) : undefined;
  if (!forks) return;
  engine.forksOf.delete(id);
  for (const slot of forks) {
    engine.table.columns.phase[slot] = WAITING;
    engine.line.insert(slot, engine.table.columns);
  }
}

function register(engine: Engine, slot: number): void {
  const { cache, table } = engine;
  const resident = table.at(slot);
  const full = Math.floor(resident.committed / cache.pageSize);
  if (full <= resident.hashed) return;
  const hashes = table.chain(slot, full, cache.pageSize, engine.salt);
  const row = table.columns.row[slot] as number;
  for (; resident.hashed < full; resident.hashed++)
    cache.register(row, resident.hashed, hashes[resident.hashed] as number);
}
