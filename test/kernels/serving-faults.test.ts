// Steps that fail on the GPU before they are submitted: what they had to copy is copied all the same, and the answers are those
// of a run in which nothing failed. And a model that could not be made ready to serve.

import { expect, it } from 'vitest';
import { err, failure, unwrap } from '../../src/core/result.ts';
import { Engine } from '../../src/engine/engine.ts';
import { run } from '../../src/engine/loop.ts';
import { outputsOf } from '../../src/engine/outputs.ts';
import type { Request } from '../../src/engine/request.ts';
import type { Limits } from '../../src/engine/view.ts';
import type { Runtime } from '../../src/model/contract.ts';
import { presets } from '../../src/model/presets.ts';
import { strategies } from '../../src/strategies/index.ts';
import { GpuExecutor } from '../../src/worker/serving/gpu-executor.ts';
import { ServingHost } from '../../src/worker/serving/host.ts';
import { openLoop } from '../../src/workloads/arrivals.ts';
import { testGpu } from './gpu.ts';

const { gpu, pipelines } = await testGpu();
const asked: Limits = { pages: 64, pageSize: 8, window: 64, vocabulary: presets.nano.vocab };
const forks: Request[] = [0, 1, 2].map((id) => ({
  id,
  arrival: 0,
  prompt: [{ seed: 3, length: 21 }],
  maxTokens: 6,
  sampling: { temperature: 1, seed: 7 + id },
  ...(id > 0 ? { forkOf: 0 } : {}),
}));

it('frees the model that it loaded where the device cannot be kept awake', async () => {
  const before = gpu.memory.live;
  const host = new ServingHost(gpu, pipelines, () => Promise.reject(new Error('no burst')));
  const options = { weights: 'f32', kv: 'f32', kernels: 'auto' } as const;
  await expect(host.load({ config: presets.nano, options, seed: 1 }, asked)).rejects.toThrow('no burst');
  expect(gpu.memory.live).toBe(before);
});

it('owes page copies of a refused step to the next one', async () => {
  const host = new ServingHost(gpu, pipelines);
  const options = { weights: 'f32', kv: 'f32', kernels: 'auto' } as const;
  const { runtime, model, limits } = unwrap(
    await host.load({ config: presets.nano, options, seed: 1 }, asked),
  );
  let refused = 0;
  const answers = async (refuses: boolean) => {
    let copies = false;
    const flawed: Runtime = {
      options: runtime.options,
      models: runtime.models,
      lost: runtime.lost,
      openRows: runtime.openRows,
      syncTables: (tables) => runtime.syncTables(tables),
      copyPages: (pairs) => {
        copies = true;
        runtime.copyPages(pairs);
      },
      step: (batch) => {
        if (!refuses || !copies || refused++ > 0) return runtime.step(batch);
        return err(failure('bad-batch', 'planted', ''));
      },
      capture: (batch, layer, role) => runtime.capture(batch, layer, role),
      dispatches: (batch) => runtime.dispatches(batch),
      readLogits: () => runtime.readLogits(),
      unload: (id) => runtime.unload(id),
      dispose: () => runtime.dispose(),
    };
    const { planner } = unwrap(strategies.get('unified')?.make({ memory: 'paged' }, limits) ?? expect.fail());
    const engine = new Engine({ limits, planner });
    const end = await run(engine, new GpuExecutor({ runtime: flawed, model: model.id }), openLoop(forks));
    expect(end.incomplete).toBeUndefined();
    expect(copies).toBe(true);
    return outputsOf(engine.trace);
  };
  const whole = await answers(false);
  expect(new Set([...whole.values()].map(String)).size).toBe(3);
  expect(await answers(true)).toEqual(whole);
  expect(refused).toBeGreaterThan(0);
  host.dispose();
});
