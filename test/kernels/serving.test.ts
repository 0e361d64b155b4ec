// The engine on the GPU: every strategy gives every request the same tokens, with and without planning ahead.

import { describe, expect, it } from 'vitest';
import { unwrap } from '../../src/core/result.ts';
import { Engine } from '../../src/engine/engine.ts';
import { run } from '../../src/engine/loop.ts';
import { outputsOf } from '../../src/engine/outputs.ts';
import type { Request } from '../../src/engine/request.ts';
import type { Limits } from '../../src/engine/view.ts';
import { presets } from '../../src/model/presets.ts';
import { GpuRuntime } from '../../src/model/runtime.ts';
import { seededSource } from '../../src/model/seeded-source.ts';
import { strategies } from '../../src/strategies/index.ts';
import { connectWorker } from '../../src/worker/client.ts';
import { GpuExecutor } from '../../src/worker/serving/gpu-executor.ts';
import type { ServedModel } from '../../src/worker/serving/protocol.ts';
import { testGpu } from './gpu.ts';

const { gpu, pipelines } = await testGpu();
const limits: Limits = { pages: 64, pageSize: 16, window: 256, vocabulary: presets.nano.vocab };
const requests: Request[] = [40, 3, 17, 9, 25, 6].map((length, i) => ({
  id: i,
  arrival: 0,
  prompt: [{ seed: i < 2 ? 1 : i, length }],
  maxTokens: 16,
  endsAfter: [3, 12, 7, 16, 1, 5][i] ?? 1,
  sampling:
    i % 2 === 0 ? { temperature: 0, seed: 0 } : { temperature: 0.8, topK: 20, topP: 0.9, seed: 7 + i },
}));

function arrivals(list: readonly Request[]) {
  let next = 0;
  return {
    peek: () => list[next]?.arrival ?? Number.POSITIVE_INFINITY,
    take: () => {
      const request = list[next++];
      if (!request) throw new Error('no arrival');
      return request;
    },
  };
}

describe('the engine on the GPU', () => {
  it('gives every request the same tokens under every strategy and lookahead', async () => {
    const maxLogits = 64;
    const runtime = unwrap(
      await GpuRuntime.create(gpu, pipelines, {
        pages: limits.pages,
        pageSize: limits.pageSize,
        rows: 256,
        window: limits.window,
        maxTokens: 1024,
        maxLogits,
        sampleSlots: 2 * maxLogits,
        inFlight: 2,
      }),
    );
    const model = unwrap(
      await runtime.load(
        presets.nano,
        { weights: 'f32', kv: 'f32', kernels: 'auto' },
        seededSource(gpu, pipelines, 1),
      ),
    );
    const answers = new Map<string, string>();
    for (const strategy of strategies.values()) {
      for (const lookahead of [0, 1] as const) {
        const made = unwrap(strategy.make({}, limits));
        const engine = new Engine({ limits, planner: made.planner, lookahead });
        const executor = new GpuExecutor({ runtime, model: model.id });
        const end = await run(engine, executor, arrivals(requests));
        expect(end.incomplete, `${strategy.id} ${lookahead}`).toBeUndefined();
        const tokens = requests.map((r) => outputsOf(engine.trace).get(r.id) ?? []);
        answers.set(`${strategy.id} lookahead ${lookahead}`, JSON.stringify(tokens));
        expect(tokens.map((t) => t.length)).toEqual(requests.map((r) => r.endsAfter));
      }
    }
    const [first] = answers.values();
    for (const [name, tokens] of answers) expect(tokens, name).toBe(first);
    runtime.dispose();
    expect(gpu.memory.live).toBe(0);
  });
});

describe('serving through the worker', () => {
  it('compares strategies in turns, finds their answers identical, and fits the virtual clock', async () => {
    const client = connectWorker();
    unwrap(await client.api.open('auto'));
    const model: ServedModel = {
      config: presets.nano,
      options: { weights: 'f32', kv: 'f32', kernels: 'auto' },
      seed: 1,
    };
    const seen: string[] = [];
    const report = unwrap(
      await client.serve(
        {
          model,
          limits,
          contenders: [
            { label: 'static', strategy: 'static', knobs: {} },
            { label: 'continuous', strategy: 'continuous', knobs: {} },
          ],
          requests,
          workload: { id: 'test', knobs: {} },
          lookahead: 0,
          repeats: 2,
          seed: 1,
        },
        (event) => seen.push(event.type),
      ),
    );
    expect(report.runs.map((r) => [r.contender, r.repeat])).toEqual([
      [0, 0],
      [1, 0],
      [1, 1],
      [0, 1],
    ]);
    expect(report.identical).toMatchObject({ verdict: 'same' });
    expect(report.invalid).toEqual([]);
    for (const { file, repeat } of report.runs) {
      const { clock, turn, bound, harness, invalid } = file.header;
      expect([clock, turn, invalid]).toEqual(['wall', repeat, undefined]);
      if (!bound) throw new Error('its header says what bounds it');
      expect(bound.launch + bound.bandwidth + bound.compute).toBeCloseTo(1, 9);
      // of a real device's time: more than nothing, and not more than there was, but for the noise of the ceilings
      expect(bound.explained).toBeGreaterThan(0);
      expect(bound.explained).toBeLessThan(1.5);
      expect(harness?.encode.mean).toBeGreaterThan(0);
      expect(file.header.numerics).toMatchObject({
        asked: 'canonical',
        served: 'canonical',
        standing: 'kept',
      });
      expect(file.steps.at(-1)?.end).toBeGreaterThan(0);
    }
    const calibration = unwrap(
      await client.calibrate({ model, limits, command: 'test' }, (event) => seen.push(event.type)),
    );
    expect(calibration.took).toBeLessThan(60);
    expect(calibration.capacity.requests).toBeGreaterThan(0);
    expect(calibration.capacity.tokens).toBeGreaterThan(calibration.capacity.requests);
    expect(calibration.cost.host).toBeGreaterThan(0);
    expect(calibration.residuals.n).toBe(calibration.steps.length);
    expect(calibration.served.n).toBeGreaterThan(10);
    expect(new Set(seen)).toEqual(new Set(['progress', 'run']));
    client.terminate();
  });
});
