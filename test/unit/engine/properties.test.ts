// What must hold for every strategy, workload, pool and lookahead.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PAGE_EVENTS } from '../../../src/cache/kv-cache.ts';
import { unwrap } from '../../../src/core/result.ts';
import { Engine } from '../../../src/engine/engine.ts';
import { runSync } from '../../../src/engine/loop.ts';
import { REQUEST_EVENTS, type Trace } from '../../../src/engine/trace.ts';
import { strategies } from '../../../src/strategies/index.ts';
import { openLoop } from '../../../src/workloads/arrivals.ts';
import { arbitraryCase, type Case } from './arbitrary.ts';
import { AuditedExecutor, alone } from './audit.ts';
import { atOnce, eachRow, outputs, serve, stepTable, unitSteps } from './serve.ts';

/** Tables, reference counts and free list agree, and a page is shared only by full content or among the forks of one request. */
function checkPages(engine: Engine): void {
  const { pool, tables, index, pageSize } = engine.cache;
  const held = new Map<number, { rows: number; partial: boolean; families: Set<number | undefined> }>();
  const filled = new Map<number, number>();
  const familyOf = new Map<number, number>();
  for (const slot of engine.running) {
    const row = engine.table.columns.row[slot] as number;
    const { request } = engine.table.at(slot);
    filled.set(row, engine.table.columns.computed[slot] as number);
    familyOf.set(row, request.forkOf ?? request.id);
  }
  for (let row = 0; row < tables.rows; row++) {
    if (!tables.isOpen(row)) continue;
    for (let i = 0; i < (tables.lengths[row] as number); i++) {
      const page = tables.page(row, i);
      const before = held.get(page);
      const partial = (filled.get(row) ?? 0) < (i + 1) * pageSize;
      held.set(page, {
        rows: (before?.rows ?? 0) + 1,
        partial: partial || before?.partial === true,
        families: (before?.families ?? new Set()).add(familyOf.get(row)),
      });
    }
  }
  for (let page = 0; page < pool.size; page++) {
    const at = held.get(page);
    if (pool.refs[page] !== (at?.rows ?? 0)) expect.fail(`page ${page} has a wrong count of holders`);
    if (!at || at.families.size < 2) continue;
    if (at.partial) expect.fail(`page ${page} is shared while partial`);
    if (!index.has(page)) expect.fail(`page ${page} is shared without a hash`);
  }
  if (pool.freeList().length !== pool.free || pool.free + held.size !== pool.size)
    expect.fail('used + free is not the pool');
}

function runCase(c: Case) {
  const strategy = strategies.get(c.strategy);
  if (!strategy) throw new Error(c.strategy);
  const { planner } = unwrap(strategy.make(c.knobs, c.limits));
  const ends = new Map<number, number>();
  const engine = new Engine({
    limits: c.limits,
    planner,
    lookahead: c.lookahead,
    freeOrder: c.freeOrder,
    onEnd: (id) => ends.set(id, (ends.get(id) ?? 0) + 1),
  });
  const options = { ...c.limits, cost: unitSteps(), seed: 5, lookahead: c.lookahead };
  const end = runSync(engine, new AuditedExecutor(options, c.requests), openLoop(c.requests), {
    onStep: () => checkPages(engine),
  });
  return { engine, trace: engine.trace, end, ends, options };
}

/** scheduled = prompts − prefix hits + outputs − completions + recomputed + overrun, for what completed. */
function checkAccounts(trace: Trace, c: Case): void {
  const totals = { scheduled: 0, again: 0, overrun: 0, outputs: 0, hits: 0, done: 0, prompts: 0 };
  const prompts = new Map<number, number>();
  const { requests, events } = trace;
  for (let i = 0; i < requests.length; i++)
    prompts.set(requests.columns.id[i] as number, requests.columns.prompt[i] as number);
  eachRow(trace, (_step, row) => {
    if (row.kind === 'padding') return;
    totals.scheduled += row.count;
    if (row.kind === 'recompute') totals.again += row.count;
    if (row.kind === 'overrun') totals.overrun += row.count;
    totals.outputs += row.emits;
  });
  for (let i = 0; i < events.length; i++) {
    const kind = REQUEST_EVENTS[events.columns.kind[i] as number];
    if (kind === 'admitted') totals.hits += (events.columns.a[i] as number) - (events.columns.b[i] as number);
    if (kind === 'finished') {
      totals.done++;
      totals.prompts += prompts.get(events.columns.request[i] as number) ?? 0;
    }
  }
  expect(totals.done).toBe(c.requests.length);
  expect(totals.scheduled).toBe(
    totals.prompts - totals.hits + totals.outputs - totals.done + totals.again + totals.overrun,
  );
}

/** Replays the page events: what they add up to is what the pool said at every step. */
function checkPageEvents(trace: Trace): void {
  const { columns, length } = trace.pages;
  const holders = new Map<number, number>();
  let i = 0;
  for (let step = 0; step < trace.steps.length; step++) {
    for (; i < length && (columns.step[i] as number) <= step; i++) {
      const page = columns.page[i] as number;
      const kind = PAGE_EVENTS[columns.kind[i] as number];
      if (kind === 'freed') holders.delete(page);
      else if (kind !== 'evicted') holders.set(page, 1);
    }
    expect(holders.size).toBe(trace.steps.columns.usedPages[step]);
  }
}

describe.each([...strategies.keys()])('%s, any workload, pool and lookahead', (strategy) => {
  it('ends, answers each request once with its own tokens, and conserves pages and tokens', () => {
    fc.assert(
      fc.property(arbitraryCase(strategy), (c) => {
        const { engine, trace, end, ends, options } = runCase(c);
        expect(end.incomplete).toBeUndefined();
        expect([...ends.values()]).toEqual(c.requests.map(() => 1));
        const texts = outputs(trace);
        for (const request of c.requests)
          expect(texts.get(request.id)).toEqual(alone(request, options).tokens);
        expect(engine.cache.pool.free).toBe(c.limits.pages);
        checkAccounts(trace, c);
        checkPageEvents(trace);
      }),
      { numRuns: 120 },
    );
  });

  it('survives clients that give up', () => {
    fc.assert(
      fc.property(arbitraryCase(strategy, true), (c) => {
        const { engine, end, ends, trace, options } = runCase(c);
        expect(end.incomplete).toBeUndefined();
        expect(ends.size).toBe(c.requests.length);
        expect([...ends.values()].every((n) => n === 1)).toBe(true);
        const texts = outputs(trace);
        for (const request of c.requests) {
          const text = texts.get(request.id) ?? [];
          expect(text).toEqual(alone(request, options).tokens.slice(0, text.length));
        }
        expect(engine.cache.pool.free).toBe(c.limits.pages);
      }),
      { numRuns: 60 },
    );
  });
});

describe('null tests: where two strategies must not differ', () => {
  const lengths = fc.record({
    prompt: fc.integer({ min: 1, max: 60 }),
    output: fc.integer({ min: 1, max: 20 }),
  });
  const list = fc.array(lengths, { minLength: 1, maxLength: 10 });
  const slots = fc.integer({ min: 1, max: 5 });
  const requests = (all: readonly { prompt: number; output: number }[]) =>
    atOnce(...all.map(({ prompt, output }) => [prompt, output] as const));

  it('equal lengths, all at once: static = continuous', () => {
    fc.assert(
      fc.property(lengths, slots, fc.integer({ min: 1, max: 4 }), (one, n, batches) => {
        const all = requests(Array.from({ length: n * batches }, () => one));
        const a = serve('static', { slots: n }, all);
        expect(stepTable(a.trace)).toBe(stepTable(serve('continuous', { slots: n }, all).trace));
      }),
    );
  });
  it('token budget ≥ slots × (longest prompt + 1): chunked = continuous', () => {
    fc.assert(
      fc.property(list, slots, (some, n) => {
        const all = requests(some);
        const budget = n * (Math.max(...some.map(({ prompt }) => prompt)) + 1);
        const a = serve('chunked', { slots: n, budget }, all);
        expect(stepTable(a.trace)).toBe(
          stepTable(serve('continuous', { slots: n, memory: 'paged' }, all).trace),
        );
      }),
    );
  });
  it('no memory limit: paged = reserved', () => {
    fc.assert(
      fc.property(list, slots, (some, n) => {
        const [a, b] = ['paged', 'reserve'].map((memory) =>
          serve('continuous', { slots: n, memory }, requests(some)),
        );
        expect(stepTable(a?.trace as Trace)).toBe(stepTable(b?.trace as Trace));
      }),
    );
  });
  it('no shared prefix: prefix cache on = off', () => {
    fc.assert(
      fc.property(list, slots, (some, n) => {
        const [a, b] = ['prefix', 'paged'].map((memory) =>
          serve('unified', { slots: n, memory }, requests(some)),
        );
        expect(stepTable(a?.trace as Trace)).toBe(stepTable(b?.trace as Trace));
      }),
    );
  });
});
