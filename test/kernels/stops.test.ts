// A stop is heard wherever loading and looking are, and leaves nothing: it comes at the first asking, the second, the fourth and so
// on, until it comes too late.

import { describe, expect, it } from 'vitest';
import { type Result, unwrap } from '../../src/core/result.ts';
import type { Request } from '../../src/engine/request.ts';
import type { Limits } from '../../src/engine/view.ts';
import { describe as describeDevice } from '../../src/gpu/capability.ts';
import type { ModelConfig } from '../../src/model/config.ts';
import { presets } from '../../src/model/presets.ts';
import { never, type Stop } from '../../src/model/stopped.ts';
import type { GenerateModel } from '../../src/worker/generate/protocol.ts';
import { GenerateHost } from '../../src/worker/generate/session.ts';
import type { WorkerFailure } from '../../src/worker/protocol.ts';
import { ServingHost } from '../../src/worker/serving/host.ts';
import { inspectStep } from '../../src/worker/serving/inspect.ts';
import type { ServedModel } from '../../src/worker/serving/protocol.ts';
import { serve } from '../../src/worker/serving/serve.ts';
import { checkpointFiles, seededTensors } from '../unit/model/checkpoint-files.ts';
import { testGpu } from './gpu.ts';

const { gpu, pipelines } = await testGpu();
const config: ModelConfig = { ...presets.nano, name: 'small', layers: 1, vocab: 64 };
const options = { weights: 'f32', kv: 'f32', kernels: 'auto' } as const;
const limits: Limits = { pages: 32, pageSize: 16, window: 128, vocabulary: config.vocab };
const served: ServedModel = { config, options, seed: 1 };

/** Stops `run` at its 1st, 2nd, 4th … asking; how often it was cancelled before it came to its end. */
async function stopping<T>(run: (stop: Stop) => Promise<Result<T, WorkerFailure>>): Promise<number> {
  for (let cancelled = 0; ; cancelled++) {
    let asked = 0;
    const done = await run(() => (++asked >= 2 ** cancelled ? 'cancelled' : null));
    // whoever is told to stop stops
    expect(done.ok).toBe(asked < 2 ** cancelled);
    if (done.ok) return cancelled;
    expect(done.error.code).toBe('cancelled');
  }
}

describe('a stop', () => {
  it('ends loading for generating, from a checkpoint, and leaves no bytes', async () => {
    const before = gpu.memory.live;
    const files = checkpointFiles(config, seededTensors(config, 3), 'F32');
    const wanted: GenerateModel = {
      source: { kind: 'files', name: 'small', files },
      options,
      window: 128,
      pageSize: 16,
    };
    const host = new GenerateHost(gpu, pipelines);
    const cancelled = await stopping(async (stop) => {
      const loaded = await host.load(wanted, () => undefined, stop);
      if (!loaded.ok) expect(gpu.memory.live).toBe(before);
      return loaded;
    });
    // five matrices, three vectors and the probe's steps are asked before
    expect(cancelled).toBeGreaterThan(3);
    host.dispose();
    expect(gpu.memory.live).toBe(before);
  });

  it('ends loading for serving, and leaves no bytes', async () => {
    const before = gpu.memory.live;
    const host = new ServingHost(gpu, pipelines);
    const cancelled = await stopping(async (stop) => {
      const loaded = await host.load(served, limits, stop);
      if (!loaded.ok) expect(gpu.memory.live).toBe(before);
      return loaded;
    });
    expect(cancelled).toBeGreaterThan(3);
    host.dispose();
    expect(gpu.memory.live).toBe(before);
  });

  it('ends a look into a step of a run, which can be taken again', async () => {
    const host = new ServingHost(gpu, pipelines);
    const loaded = unwrap(await host.load(served, limits));
    const device = describeDevice(gpu, null);
    const requests: Request[] = [40, 30, 20].map((length, id) => ({
      id,
      arrival: 0,
      prompt: [{ seed: id, length }],
      maxTokens: 8,
      endsAfter: 8,
    }));
    const report = unwrap(
      await serve(
        { served: loaded, device, emit: () => undefined, stop: never },
        {
          model: served,
          limits,
          contenders: [{ label: 'unified', strategy: 'unified', knobs: {} }],
          requests,
          workload: { id: 'test', knobs: {} },
          lookahead: 0,
          repeats: 1,
          seed: 1,
        },
      ),
    );
    const file = report.runs[0]?.file ?? expect.fail('nothing ran');
    const step = file.steps.length - 1;
    const wanted = { model: served, file, step, dispatch: { layer: 0, role: 'attention' } } as const;
    const live = gpu.memory.live;
    const cancelled = await stopping(async (stop) => {
      const seen = await inspectStep({ served: loaded, device, stop }, wanted);
      expect(gpu.memory.live).toBe(live);
      if (seen.ok) expect(seen.value.same).toBe(seen.value.compared);
      return seen;
    });
    // what the three requests held, the step itself and its capture
    expect(cancelled).toBeGreaterThan(2);
    host.dispose();
  });
});
