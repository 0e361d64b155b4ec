// Serving without a GPU: what is left of a comparison in which a run breaks off, refused requests, two waits at once, and what
// an executor says of a step that fails.

import { describe, expect, it } from 'vitest';
import { err, failure, unwrap } from '../../../src/core/result.ts';
import { Engine } from '../../../src/engine/engine.ts';
import { run } from '../../../src/engine/loop.ts';
import { recordRun } from '../../../src/engine/record.ts';
import { replay } from '../../../src/engine/replay.ts';
import type { Request } from '../../../src/engine/request.ts';
import { stepLimitsOf } from '../../../src/engine/step-limits.ts';
import type { Limits } from '../../../src/engine/view.ts';
import { presets } from '../../../src/model/presets.ts';
import { strategies } from '../../../src/strategies/index.ts';
import { GpuExecutor } from '../../../src/worker/serving/gpu-executor.ts';
import { inspectStep } from '../../../src/worker/serving/inspect.ts';
import type { ServeEvent, ServeRequest } from '../../../src/worker/serving/protocol.ts';
import { serve } from '../../../src/worker/serving/serve.ts';
import { openLoop } from '../../../src/workloads/arrivals.ts';
import { atOnce, outputs, serve as virtual } from '../engine/serve.ts';
import { brokenRead, FakeRuntime, fakeHost, fakeModel } from './fake-runtime.ts';

const limits: Limits = { pages: 1200, pageSize: 16, window: 2048, vocabulary: 512, step: stepLimitsOf(2048) };

const request = (requests: readonly Request[], rest: Partial<ServeRequest> = {}): ServeRequest => ({
  model: { config: presets.nano, options: fakeModel.options, seed: 1 },
  limits,
  contenders: [
    { label: 'static', strategy: 'static', knobs: {} },
    { label: 'continuous', strategy: 'continuous', knobs: {} },
  ],
  requests,
  workload: { id: 'test', knobs: {} },
  lookahead: 0,
  repeats: 1,
  seed: 1,
  ...rest,
});

describe('a comparison', () => {
  it('of prompts that a step cannot hold together serves them, slots clamped, both to their end', async () => {
    const runtime = new FakeRuntime(limits);
    const long = atOnce(...Array.from({ length: 8 }, () => [2000, 2] as const));
    const contenders = request(long).contenders.map((c) => ({ ...c, knobs: { slots: 4096 } }));
    const report = unwrap(await serve(fakeHost(runtime, limits), request(long, { contenders })));
    expect(report.invalid).toEqual([]);
    expect(report.runs.map((r) => r.tokens)).toEqual([16, 16]);
    for (const { file } of report.runs) {
      expect(file.header.settings.slots).toBe(256);
      expect(file.header.limits.step).toEqual(limits.step);
      unwrap(replay(file));
    }
  });

  it('keeps its finished runs when a later one breaks off, and says why', async () => {
    const runtime = new FakeRuntime(limits);
    const requests = atOnce([8, 3], [8, 3]);
    const host = {
      ...fakeHost(runtime, limits),
      emit: (event: ServeEvent) => {
        runtime.broken ||= event.type === 'run';
      },
    };
    const report = unwrap(await serve(host, request(requests)));
    expect(report.runs).toHaveLength(1);
    expect(report.invalid.join(' ')).toContain('planted');
  });

  it('that breaks off before anything was measured says so itself', async () => {
    const runtime = new FakeRuntime(limits);
    const host = fakeHost(runtime, limits);
    runtime.broken = true;
    await expect(serve(host, request(atOnce([8, 3])))).rejects.toThrow('planted');
  });

  it('counts refused requests; in a closed loop their clients send the next', async () => {
    const requests = atOnce([8, 3], [3000, 3], [8, 3], [3000, 3], [8, 3]);
    const closed = { clients: 1, think: 0 };
    const report = unwrap(
      await serve(fakeHost(new FakeRuntime(limits), limits), request(requests, { closed })),
    );
    for (const { refused, file, tokens } of report.runs) {
      expect(refused?.count).toBe(2);
      expect(refused?.why).toContain('Request 1 may grow to 3003 tokens');
      expect(file.requests.map((r) => r.id)).toEqual([0, 2, 4]);
      expect(tokens).toBe(9);
      unwrap(replay(file));
    }
  });
});

describe('the executor on the GPU', () => {
  const small: Limits = { ...limits, pages: 64, window: 64, step: { rows: 4, tokens: 64 } };
  const drive = async (runtime: FakeRuntime, requests: readonly Request[]) => {
    const { planner } = unwrap(strategies.get('continuous')?.make({}, small) ?? expect.fail('no strategy'));
    const engine = new Engine({ limits: small, planner });
    const executor = new GpuExecutor({ runtime, model: fakeModel.id });
    return { engine, end: await run(engine, executor, openLoop(requests)) };
  };

  it('says that the device was lost only when it was, with the reason', async () => {
    const runtime = new FakeRuntime(small);
    runtime.spoil = (step) => {
      if (step < 2) return undefined;
      setTimeout(() => runtime.lose('the driver was reset'), 5);
      return brokenRead('mapAsync: aborted');
    };
    const { end } = await drive(runtime, atOnce([8, 6]));
    expect(end.incomplete?.code).toBe('lost');
    expect(end.incomplete?.message).toContain('the driver was reset');
  });

  it('says what else went wrong, and the step is planned again', async () => {
    const runtime = new FakeRuntime(small);
    runtime.spoil = (step) => (step === 2 ? brokenRead('out of memory') : undefined);
    const { engine, end } = await drive(runtime, atOnce([8, 6]));
    expect(end.incomplete).toBeUndefined();
    expect(outputs(engine.trace)).toEqual(
      outputs((await drive(new FakeRuntime(small), atOnce([8, 6]))).engine.trace),
    );
    runtime.spoil = () => brokenRead('out of memory');
    const again = await drive(runtime, atOnce([8, 6]));
    expect(again.end.incomplete?.code).toBe('step-failed');
    expect(again.end.incomplete?.message).toContain('out of memory');
  });

  it('takes a batch that cannot be built as a failed step, not as the end of the worker', async () => {
    const runtime = new FakeRuntime(small, { maxTokens: 16 });
    const { end } = await drive(runtime, atOnce([20, 2]));
    expect(end.incomplete?.code).toBe('step-failed');
    expect(end.incomplete?.message).toContain('16 tokens');
  });

  it('hands on a failed step’s page copies once: the runtime makes them before what runs next', async () => {
    const runtime = new FakeRuntime(small);
    const forks = [0, 1].map((id) => ({
      id,
      arrival: 0,
      prompt: [{ seed: 3, length: 21 }],
      maxTokens: 4,
      ...(id > 0 ? { forkOf: 0 } : {}),
    }));
    runtime.spoil = (step) => (step === 1 ? err(failure('bad-batch', 'planted', 'Wait.')) : undefined);
    const { end } = await drive(runtime, forks);
    expect(end.incomplete).toBeUndefined();
    expect(runtime.copied).toHaveLength(2);
  });

  it('wakes everyone who waits', async () => {
    const executors = [0, 1].map(
      () => new GpuExecutor({ runtime: new FakeRuntime(small), model: fakeModel.id }),
    );
    const ends = await Promise.all(executors.map((executor) => executor.idle(executor.now() + 0.003)));
    expect(ends).toHaveLength(2);
  });
});

describe('a step computed again', () => {
  it('is refused by name when it is larger than a step here', async () => {
    const open: Limits = { pages: 1200, pageSize: 16, window: 2048, vocabulary: 512 };
    const { trace, requests, engine } = virtual(
      'static',
      {},
      atOnce(...Array.from({ length: 8 }, () => [2000, 2] as const)),
      {
        limits: open,
      },
    );
    const file = recordRun(trace, requests, {
      device: 'none',
      clock: 'virtual',
      lookahead: 0,
      strategy: 'static',
      knobs: {},
      settings: engine.settings,
      limits: engine.limits,
      workload: { id: 'test', knobs: {} },
      numerics: {},
      tuned: {},
      seeds: {},
    });
    const host = fakeHost(new FakeRuntime(limits), limits);
    const seen = await inspectStep(host, { model: request([]).model, file, step: 0 });
    expect(seen.ok ? '' : seen.error.message).toContain('Step 1 computes 16000 tokens');
  });
});
