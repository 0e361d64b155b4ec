// What an executor computes at most in one step: every strategy plans within it, and a plan that does not is refused by name.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unwrap } from '../../../src/core/result.ts';
import type { CostModel } from '../../../src/engine/cost-model.ts';
import { Engine } from '../../../src/engine/engine.ts';
import { runSync } from '../../../src/engine/loop.ts';
import type { Planner } from '../../../src/engine/plan.ts';
import { stepLimitsOf } from '../../../src/engine/step-limits.ts';
import type { Trace } from '../../../src/engine/trace.ts';
import { VirtualExecutor } from '../../../src/engine/virtual-executor.ts';
import { strategies } from '../../../src/strategies/index.ts';
import { openLoop } from '../../../src/workloads/arrivals.ts';
import { arbitraryCase } from './arbitrary.ts';
import { alone } from './audit.ts';
import { atOnce, eachRow, eventLog, outputs, serve, unitSteps } from './serve.ts';

/** Tokens of the largest step, padding included, and the most residents. */
function largest(trace: Trace): { tokens: number; residents: number } {
  const tokens = new Array<number>(trace.steps.length).fill(0);
  eachRow(trace, (step, row) => {
    tokens[step] = (tokens[step] ?? 0) + row.count;
  });
  const running = trace.steps.columns.running.subarray(0, trace.steps.length);
  return { tokens: Math.max(0, ...tokens), residents: Math.max(0, ...running) };
}

describe.each([...strategies.keys()])('%s', (strategy) => {
  it('plans within what a step may hold, and serves everything', () => {
    const tight = fc.record({
      rows: fc.integer({ min: 1, max: 5 }),
      tokens: fc.integer({ min: 104, max: 200 }),
    });
    fc.assert(
      fc.property(arbitraryCase(strategy), tight, (c, step) => {
        const limits = { ...c.limits, step };
        const { planner } = unwrap(strategies.get(strategy)?.make(c.knobs, limits) ?? expect.fail(strategy));
        const engine = new Engine({ limits, planner, lookahead: c.lookahead, freeOrder: c.freeOrder });
        const options = { ...limits, cost: unitSteps(), seed: 5, lookahead: c.lookahead };
        const end = runSync(engine, new VirtualExecutor(options), openLoop(c.requests));
        expect(end.incomplete).toBeUndefined();
        const texts = outputs(engine.trace);
        for (const request of c.requests)
          expect(texts.get(request.id)).toEqual(alone(request, options).tokens);
        const most = largest(engine.trace);
        expect(most.tokens).toBeLessThanOrEqual(step.tokens);
        expect(most.residents).toBeLessThanOrEqual(step.rows);
      }),
      { numRuns: 60 },
    );
  });
});

describe('eight prompts of 2,048 tokens, where a step holds 8,192', () => {
  const eight = atOnce(...Array.from({ length: 8 }, () => [2048, 2] as const));
  const limits = { pages: 2000, step: stepLimitsOf(4096) };

  it('are padded and batched four at a time', () => {
    const { trace, end } = serve('static', { slots: 8 }, eight, { limits });
    expect(end.incomplete).toBeUndefined();
    expect(largest(trace)).toEqual({ tokens: 8192, residents: 4 });
    expect(eventLog(trace, 'waits')[0]).toBe('waits r4 step 1: token-budget');
  });

  it('join four at a time, and the fifth with the others’ decodes', () => {
    const { trace } = serve('continuous', { slots: 8 }, eight, { limits });
    expect(largest(trace).tokens).toBeLessThanOrEqual(8192);
    expect(eventLog(trace, 'waits')[0]).toBe('waits r4 step 1: token-budget');
  });
});

describe('the engine', () => {
  const limits = { pages: 1000, pageSize: 16, window: 64, vocabulary: 512, step: { rows: 4, tokens: 64 } };
  const planner = (slots: number): Planner => {
    const made = strategies.get('continuous')?.make({ slots }, limits);
    return unwrap(made ?? expect.fail('no continuous batching')).planner;
  };

  it('gives a strategy no more slots than a step has rows', () => {
    const engine = new Engine({ limits, planner: planner(4096) });
    expect(engine.settings.slots).toBe(4);
    expect(engine.view().slots).toBe(4);
    expect(engine.cache.tables.rows).toBe(4);
  });

  it('refuses, by name, a plan that computes more than a step holds', () => {
    const blind = (bound: Planner): Planner => ({
      ...bound,
      plan: ({ limits: { step: _, ...open }, ...view }, state) =>
        bound.plan({ ...view, limits: open }, state),
    });
    const engine = new Engine({ limits, planner: blind(planner(4)) });
    const options = { ...limits, cost: unitSteps(), seed: 0, lookahead: 0 } as const;
    const end = runSync(engine, new VirtualExecutor(options), openLoop(atOnce([40, 2], [40, 2])));
    expect(end.incomplete?.code).toBe('step-tokens');
    expect(end.incomplete?.message).toContain('80 tokens in one step, padding included; a step holds 64');
  });
});

describe('both clocks', () => {
  const eight = atOnce(...Array.from({ length: 8 }, () => [2048, 2] as const));
  const on = (kind: 'fitted' | 'illustrative'): CostModel => ({
    ...unitSteps(),
    provenance:
      kind === 'fitted'
        ? {
            kind,
            device: 'a GPU',
            browser: 'Chromium',
            date: '2026-11-21',
            command: 'test',
            residuals: { n: 1, median: 0, p90: 0 },
          }
        : { kind, note: 'made up' },
  });
  it('a clock that was fitted to a device plans within its steps; another within none', () => {
    const run = (kind: 'fitted' | 'illustrative') =>
      serve('static', { slots: 8 }, eight, { limits: { pages: 2000 }, cost: on(kind) });
    expect(largest(run('fitted').trace).tokens).toBe(8192);
    expect(run('fitted').engine.limits.step).toEqual(stepLimitsOf(4096));
    expect(largest(run('illustrative').trace).tokens).toBe(16384);
  });
});
