// The executor's clock, without a GPU: how late it wakes, where steps begin, what latencies count from, what encoding costs, and
// that padding is computed and counted.

import { describe, expect, it } from 'vitest';
import type { KnobValue } from '../../../src/core/knobs.ts';
import { unwrap } from '../../../src/core/result.ts';
import { Engine } from '../../../src/engine/engine.ts';
import { run } from '../../../src/engine/loop.ts';
import { measure } from '../../../src/engine/metrics/metrics.ts';
import type { Request } from '../../../src/engine/request.ts';
import { TOKEN_KINDS } from '../../../src/engine/trace.ts';
import type { Limits } from '../../../src/engine/view.ts';
import { type FlatBatch, NO_SLOT } from '../../../src/model/batch.ts';
import { strategies } from '../../../src/strategies/index.ts';
import { GpuExecutor } from '../../../src/worker/serving/gpu-executor.ts';
import { openLoop } from '../../../src/workloads/arrivals.ts';
import { atOnce } from '../engine/serve.ts';
import { FakeRuntime, fakeModel } from './fake-runtime.ts';

const limits: Limits = {
  pages: 64,
  pageSize: 16,
  window: 64,
  vocabulary: 512,
  step: { rows: 4, tokens: 64 },
};

/** Keeps this thread from everything else, as a long task would. */
function block(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

async function drive(
  runtime: FakeRuntime,
  requests: readonly Request[],
  {
    strategy = 'continuous',
    knobs = {} as Record<string, KnobValue>,
    lookahead = 0 as 0 | 1,
    awake = undefined as FakeAwake | undefined,
  } = {},
) {
  const { planner } = unwrap(strategies.get(strategy)?.make(knobs, limits) ?? expect.fail('no strategy'));
  const engine = new Engine({ limits, planner, lookahead });
  const executor = new GpuExecutor({ runtime, model: fakeModel.id, awake, lookahead });
  const end = await run(engine, executor, openLoop(requests));
  expect(end.incomplete).toBeUndefined();
  return { executor, trace: engine.trace };
}

/** Answers each step after so many milliseconds. */
class SlowRuntime extends FakeRuntime {
  readonly ms: number;

  constructor(ms: number) {
    super(limits);
    this.ms = ms;
  }

  override step(batch: FlatBatch): ReturnType<FakeRuntime['step']> {
    const done = unwrap(super.step(batch));
    const sampled = new Promise<Uint32Array>((resolve) => {
      setTimeout(() => void done.sampled.then(resolve), this.ms);
    });
    return { ok: true, value: { ...done, sampled } };
  }
}

class FakeAwake {
  between = 0;
  waiting = 0;
  burst(): void {
    this.between++;
  }
  async bursting(): Promise<void> {
    this.waiting++;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

describe('a device that is kept awake', () => {
  const one: Request = { id: 0, arrival: 0, prompt: [{ seed: 1, length: 4 }], maxTokens: 5, endsAfter: 5 };

  it('is kept busy after every step, and never where the next step is planned already', async () => {
    const awake = new FakeAwake();
    const { trace } = await drive(new FakeRuntime(limits), [one], { awake });
    expect(awake.between).toBe(trace.steps.length);
    const planned = new FakeAwake();
    await drive(new FakeRuntime(limits), [one], { awake: planned, lookahead: 1 });
    expect(planned.between).toBe(0);
  });

  it('is kept busy while the executor waits, which wakes in time all the same', async () => {
    const awake = new FakeAwake();
    const executor = new GpuExecutor({ runtime: new FakeRuntime(limits), model: fakeModel.id, awake });
    const late: number[] = [];
    for (let i = 0; i < 3; i++) {
      const due = executor.now() + 0.05;
      late.push((await executor.idle(due)) - due);
    }
    expect(awake.waiting).toBeGreaterThan(3);
    expect(Math.min(...late)).toBeGreaterThanOrEqual(0);
    // the least of them, because a busy machine wakes anybody late now and then
    expect(Math.min(...late)).toBeLessThan(0.02);
  });
});

describe('the executor’s clock', () => {
  it('tells how late it woke, and counts a wait that was on time as none worth telling', async () => {
    const executor = new GpuExecutor({ runtime: new FakeRuntime(limits), model: fakeModel.id });
    const due = executor.now() + 0.02;
    setTimeout(() => block(60), 5);
    const woken = await executor.idle(due);
    expect(executor.lag.waits).toBe(1);
    expect(executor.lag.max).toBeCloseTo(woken - due, 9);
    expect(executor.lag.max).toBeGreaterThan(0.03);
    expect(executor.lag.mean).toBe(executor.lag.max);
  });

  it('hears a stop while it waits, and does not count that as lateness', async () => {
    const executor: GpuExecutor = new GpuExecutor({
      ...{ runtime: new FakeRuntime(limits), model: fakeModel.id },
      stop: () => (executor.now() > 0.04 ? 'cancelled' : null),
    });
    const woken = await executor.idle(executor.now() + 60);
    expect(woken).toBeGreaterThan(0.03);
    expect(woken).toBeLessThan(1);
    expect(executor.lag.waits).toBe(0);
  });

  it('counts a first token from the scheduled arrival, however late the harness was', async () => {
    setTimeout(() => block(60), 5);
    const { executor, trace } = await drive(
      new FakeRuntime(limits),
      atOnce([8, 2]).map((r) => ({ ...r, arrival: 0.02 })),
    );
    expect(trace.requests.columns.arrival[0]).toBe(0.02);
    expect(executor.lag.max).toBeGreaterThan(0.03);
    expect(measure(trace)['ttft_max']).toBeGreaterThan(executor.lag.max);
    expect(measure(trace)['ttft_max']).toBe((trace.steps.columns.end[0] as number) - 0.02);
  });

  it('begins no step before the last one has ended, also when it was planned meanwhile', async () => {
    for (const lookahead of [0, 1] as const) {
      const { executor, trace } = await drive(new SlowRuntime(4), atOnce([8, 6], [8, 6]), { lookahead });
      const { start, end } = trace.steps.columns;
      expect(trace.steps.length).toBeGreaterThan(5);
      for (let s = 1; s < trace.steps.length; s++) {
        expect(start[s] as number).toBeGreaterThanOrEqual(end[s - 1] as number);
        expect(end[s] as number).toBeGreaterThanOrEqual(start[s] as number);
      }
      for (const seconds of [...executor.between, ...executor.encode])
        expect(seconds).toBeGreaterThanOrEqual(0);
    }
  });

  it('counts as encoding all that it does from a step’s plan to its submit', async () => {
    const runtime = new FakeRuntime(limits);
    runtime.syncTables = () => block(4);
    const { executor, trace } = await drive(runtime, atOnce([8, 3]));
    expect(executor.encode).toHaveLength(3);
    expect(Math.min(...executor.encode)).toBeGreaterThan(0.0039);
    expect([...trace.steps.columns.host.subarray(0, 3)]).toEqual(executor.encode);
    // it is part of the step, not of what lies between steps
    const { start, end } = trace.steps.columns;
    for (let s = 0; s < 3; s++)
      expect((end[s] as number) - (start[s] as number)).toBeGreaterThan(executor.encode[s] as number);
  });
});

describe('padding', () => {
  it('is computed, written to no page, and counted', async () => {
    const computed: { tokens: number; padding: number }[] = [];
    const runtime = new FakeRuntime(limits);
    const step = runtime.step.bind(runtime);
    runtime.step = (batch) => {
      const slots = batch.slots.subarray(0, batch.tokenCount);
      computed.push({ tokens: batch.tokenCount, padding: slots.filter((slot) => slot === NO_SLOT).length });
      return step(batch);
    };
    const { trace } = await drive(runtime, atOnce([12, 2], [5, 2]), {
      strategy: 'static',
      knobs: { slots: 2, pad: true },
    });
    expect(computed[0]).toEqual({ tokens: 24, padding: 7 });
    const { kind, count } = trace.rows.columns;
    const padding = TOKEN_KINDS.indexOf('padding');
    let counted = 0;
    for (let i = 0; i < trace.rows.length; i++) if (kind[i] === padding) counted += count[i] as number;
    expect(counted).toBe(computed.reduce((sum, one) => sum + one.padding, 0));
    expect(measure(trace)['padding_waste']).toBeCloseTo(
      counted / computed.reduce((sum, one) => sum + one.tokens, 0),
      9,
    );
  });
});
