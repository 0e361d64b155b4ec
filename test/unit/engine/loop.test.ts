// The run loop with executors that answer later, fail, or are lost.
import { describe, expect, it } from 'vitest';
import { err, failure, unwrap } from '../../../src/core/result.ts';
import { Engine } from '../../../src/engine/engine.ts';
import type { Executor, StepBatch, StepResult } from '../../../src/engine/executor.ts';
import { run, runSync } from '../../../src/engine/loop.ts';
import type { Planner } from '../../../src/engine/plan.ts';
import { traceStart } from '../../../src/engine/trace.ts';
import { VirtualExecutor } from '../../../src/engine/virtual-executor.ts';
import { strategies } from '../../../src/strategies/index.ts';
import { openLoop } from '../../../src/workloads/arrivals.ts';
import { atOnce, LIMITS, outputs, serve, unitSteps } from './serve.ts';

const requests = atOnce([8, 2], [8, 8], [30, 4], [8, 6], [5, 1]).map((r) => ({ ...r, arrival: r.id * 0.7 }));
const planner = (): Planner => {
  const made = strategies.get('unified')?.make({ slots: 2, budget: 16 }, LIMITS);
  if (!made) throw new Error('no unified strategy');
  return unwrap(made).planner;
};
const virtual = (lookahead: 0 | 1) =>
  new VirtualExecutor({ ...LIMITS, cost: unitSteps(), seed: 0, lookahead });

/** Answers on a later turn, and counts how many steps it was given at once. */
class Later implements Executor {
  readonly clock = 'virtual';
  most = 0;
  private under = 0;
  private readonly inner: Executor;
  private readonly spoil: (n: number) => StepResult | undefined;
  private n = 0;

  constructor(inner: Executor, spoil: (n: number) => StepResult | undefined = () => undefined) {
    this.inner = inner;
    this.spoil = spoil;
  }

  async execute(batch: StepBatch, earliest: number): Promise<StepResult> {
    const result = this.inner.execute(batch, earliest);
    const spoiled = this.spoil(++this.n);
    this.most = Math.max(this.most, ++this.under);
    await new Promise((resolve) => setTimeout(resolve, 0));
    this.under--;
    return spoiled ?? result;
  }

  idle(time: number): Promise<number> {
    return Promise.resolve(time);
  }
}

describe.each([0, 1] as const)('planning %i ahead', (lookahead) => {
  it('an executor that answers later makes the same trace', async () => {
    const now = new Engine({ limits: LIMITS, planner: planner(), lookahead });
    const later = new Engine({ limits: LIMITS, planner: planner(), lookahead });
    runSync(now, virtual(lookahead), openLoop(requests));
    const executor = new Later(virtual(lookahead));
    await run(later, executor, openLoop(requests));
    expect(later.trace.since(traceStart)).toEqual(now.trace.since(traceStart));
    expect(executor.most).toBe(lookahead + 1);
  });

  it('a step that fails is planned again, and the answers are the same', async () => {
    const engine = new Engine({ limits: LIMITS, planner: planner(), lookahead });
    const fails = err(failure('step-failed' as const, 'planted', ''));
    const end = await run(
      engine,
      new Later(virtual(lookahead), (n) => (n % 4 === 0 ? fails : undefined)),
      openLoop(requests),
    );
    expect(end.incomplete).toBeUndefined();
    expect(outputs(engine.trace)).toEqual(outputs(serve('serial', {}, requests).trace));
    expect(engine.trace.steps.columns.failed.subarray(0, engine.trace.steps.length)).toContain(1);
  });

  it('a step that fails before its page copies were made leaves them to the executor', async () => {
    const forks = [0, 1, 2].map((id) => ({
      id,
      arrival: 0,
      prompt: [{ seed: 3, length: 21 }],
      maxTokens: 5,
      ...(id > 0 ? { forkOf: 0, sampling: { temperature: 1, seed: id } } : {}),
    }));
    const alone = outputs(
      serve(
        'unified',
        {},
        forks.map(({ forkOf, ...request }) => request),
      ).trace,
    );
    /** Fails the first step that has copies; makes them before the next one, as the contract asks, or forgets them. */
    const answers = async (keeps: boolean) => {
      const engine = new Engine({ limits: LIMITS, planner: planner(), lookahead });
      const inner = virtual(lookahead);
      let owed: Int32Array | undefined;
      let failed = 0;
      const end = await run(
        engine,
        {
          clock: 'virtual',
          idle: (time) => time,
          execute(batch, earliest) {
            if (failed === 0 && batch.copies.length > 0) {
              failed++;
              owed = Int32Array.from(batch.copies);
              return err(failure('step-failed', 'planted', ''));
            }
            const copies = Int32Array.of(...(keeps && owed ? owed : []), ...batch.copies);
            owed = undefined;
            return inner.execute(Object.assign(Object.create(batch), { copies }), earliest);
          },
        },
        openLoop(forks),
      );
      expect(end.incomplete).toBeUndefined();
      expect(failed).toBe(1);
      return outputs(engine.trace);
    };
    expect(await answers(true)).toEqual(alone);
    expect(await answers(false)).not.toEqual(alone);
  });

  it('a lost device ends the run with what there was, and frees every page', async () => {
    const engine = new Engine({ limits: LIMITS, planner: planner(), lookahead });
    const lost = err(failure('lost' as const, 'The device was lost.', ''));
    const end = await run(
      engine,
      new Later(virtual(lookahead), (n) => (n >= 6 ? lost : undefined)),
      openLoop(requests),
    );
    expect(end.incomplete?.message).toBe('The device was lost.');
    expect(engine.trace.tokens.length).toBeGreaterThan(0);
    expect(engine.cache.pool.free).toBe(LIMITS.pages);
    expect(engine.live + engine.inFlight).toBe(0);
  });

  it('a refused allocation ends the run with what there was', async () => {
    let pages = 0;
    const allow = (taken: number): boolean => {
      pages += taken;
      return pages <= 3;
    };
    const engine = new Engine({ limits: LIMITS, planner: planner(), lookahead, allow });
    const end = await run(engine, new Later(virtual(lookahead), () => undefined), openLoop(requests));
    expect(end.incomplete?.code).toBe('allocation-refused');
    expect(engine.trace.tokens.length).toBeGreaterThan(0);
    expect(engine.cache.pool.free).toBe(LIMITS.pages);
    expect(engine.live + engine.inFlight).toBe(0);
  });

  it('always failing steps end the run instead of going on for ever', async () => {
    const engine = new Engine({ limits: LIMITS, planner: planner(), lookahead });
    const fails = err(failure('step-failed' as const, 'planted', ''));
    const end = await run(engine, new Later(virtual(lookahead), () => fails), openLoop(requests));
    expect(end.incomplete?.code).toBe('step-failed');
  });
});

describe('a bad strategy', () => {
  const spoiled = (rows: Int32Array): Planner => {
    const good = planner();
    return {
      ...good,
      plan: (view, state) => ({ ...good.plan(view, state), plan: { ...good.plan(view, state).plan, rows } }),
    };
  };
  const serveWith = (bad: Planner) =>
    runSync(new Engine({ limits: LIMITS, planner: bad }), virtual(0), openLoop(requests)).incomplete;
  it('ends the run with the reason', () => {
    expect(serveWith(spoiled(Int32Array.of(3, 1, 0)))?.message).toContain('slot 3, which no request has');
    expect(serveWith(spoiled(Int32Array.of(0, 9, 0)))?.message).toContain(
      'computes 9 tokens of request 0; it has 8',
    );
  });
  it('that plans nothing is found out', () => {
    const good = planner();
    const empty = new Int32Array(0);
    const idle: Planner = {
      ...good,
      plan: (view, state) => ({ plan: { ...good.plan(view, state).plan, rows: empty, admit: empty }, state }),
    };
    expect(serveWith(idle)?.code).toBe('stuck');
  });
});
