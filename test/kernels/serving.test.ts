// The engine on the GPU: every strategy gives every request the same tokens, with and without planning ahead.

import { describe, expect, it } from 'vitest';
import { unwrap } from '../../src/core/result.ts';
import { Engine } from '../../src/engine/engine.ts';
import { run } from '../../src/engine/loop.ts';
import type { Request } from '../../src/engine/request.ts';
import type { Trace } from '../../src/engine/trace.ts';
import type { Limits } from '../../src/engine/view.ts';
import { presets } from '../../src/model/presets.ts';
import { GpuRuntime } from '../../src/model/runtime.ts';
import { seededSource } from '../../src/model/seeded-source.ts';
import { strategies } from '../../src/strategies/index.ts';
import { GpuExecutor } from '../../src/worker/serving/gpu-executor.ts';
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

/** Output tokens by request, from the trace alone. */
function outputs(trace: Trace): Map<number, number[]> {
  const found = new Map<number, number[]>();
  const { request, emits } = trace.rows.columns;
  let next = 0;
  for (let row = 0; row < trace.rows.length; row++) {
    const id = request[row] ?? 0;
    for (let i = 0; i < (emits[row] ?? 0); i++)
      found.set(id, [...(found.get(id) ?? []), trace.tokens.columns.id[next++] ?? 0]);
  }
  return found;
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
        { weights: 'f32', kv: 'f32', numerics: 'canonical' },
        seededSource(gpu, pipelines, 1),
      ),
    );
    const answers = new Map<string, string>();
    for (const strategy of strategies.values()) {
      for (const lookahead of [0, 1] as const) {
        const made = unwrap(strategy.make({}, limits));
        const engine = new Engine({ limits, planner: made.planner, lookahead });
        const executor = new GpuExecutor({ runtime, model: model.id, maxLogits });
        const end = await run(engine, executor, arrivals(requests));
        expect(end.incomplete, `${strategy.id} ${lookahead}`).toBeUndefined();
        const tokens = requests.map((r) => outputs(engine.trace).get(r.id) ?? []);
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
