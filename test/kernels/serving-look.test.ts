// Looking at runs on the GPU: what is streamed while a run goes on is the run, and a step of it computed again has the same
// tokens and the same bytes as in a run that is stopped there.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { unwrap } from '../../src/core/result.ts';
import { replay, replaySteps } from '../../src/engine/replay.ts';
import type { Request } from '../../src/engine/request.ts';
import type { RunFile } from '../../src/engine/run-file.ts';
import { Trace, traceStart } from '../../src/engine/trace.ts';
import type { Limits } from '../../src/engine/view.ts';
import { describe as describeDevice } from '../../src/gpu/capability.ts';
import { BatchBuilder } from '../../src/model/batch.ts';
import { presets } from '../../src/model/presets.ts';
import { type Invariance, stillDiffers } from '../../src/model/probe-report.ts';
import { connectWorker, type GpuClient } from '../../src/worker/client.ts';
import { fillBatch } from '../../src/worker/serving/fill-batch.ts';
import { ServingHost } from '../../src/worker/serving/host.ts';
import { inspectStep } from '../../src/worker/serving/inspect.ts';
import type { LiveBlock, ServedModel, ServeRequest } from '../../src/worker/serving/protocol.ts';
import { serve as serveHere } from '../../src/worker/serving/serve.ts';
import { testGpu } from './gpu.ts';

const { gpu, pipelines } = await testGpu();
const limits: Limits = { pages: 12, pageSize: 16, window: 128, vocabulary: presets.nano.vocab };
const model: ServedModel = {
  config: presets.nano,
  options: { weights: 'f32', kv: 'f32', kernels: 'auto' },
  seed: 1,
};
// a small pool and shared prompts: preemption, prefix hits and chunks all occur
const requests: Request[] = [40, 33, 17, 9, 40, 6].map((length, i) => ({
  id: i,
  arrival: 0,
  prompt: [{ seed: i % 2, length }],
  maxTokens: 24,
  endsAfter: [3, 22, 7, 16, 20, 5][i] ?? 1,
}));
const ask = (strategy: string, lookahead: 0 | 1): ServeRequest => ({
  model,
  limits,
  contenders: [{ label: strategy, strategy, knobs: {} }],
  requests,
  workload: { id: 'test', knobs: {} },
  lookahead,
  repeats: 1,
  seed: 1,
  live: true,
});

let client: GpuClient;
beforeAll(async () => {
  client = connectWorker();
  unwrap(await client.api.open('auto'));
});
afterAll(() => client.terminate());

/** Serves and keeps the blocks; `answer` decides when one is taken. */
async function serve(request: ServeRequest, answer: (taken: () => void) => void) {
  const blocks: LiveBlock[] = [];
  const report = unwrap(
    await client.serve(request, (event, taken) => {
      if (event.type !== 'live') return;
      blocks.push(event);
      answer(taken);
    }),
  );
  const [run] = report.runs;
  if (!run) throw new Error('nothing was measured');
  return { file: run.file, blocks: blocks.filter((b) => b.repeat === 0) };
}

const joined = (blocks: readonly LiveBlock[]): Trace => {
  const trace = new Trace();
  for (const { block } of blocks) trace.append(block);
  return trace;
};

describe('a run that is streamed', () => {
  it('arrives in pieces that make the run', async () => {
    const { file, blocks } = await serve(ask('unified', 0), (taken) => taken());
    expect(blocks.length).toBeGreaterThan(3);
    expect(blocks.map((b) => b.header !== undefined)).toEqual(blocks.map((_, i) => i === 0));
    expect(blocks.map((b) => b.ended)).toEqual(blocks.map((_, i) => i === blocks.length - 1));
    expect(joined(blocks).since(traceStart)).toEqual(unwrap(replay(file)).since(traceStart));
    // what bounds a run, and what the harness cost it, is known at its end
    const { bound: _, harness: __, ...begun } = file.header;
    expect(blocks[0]?.header).toEqual(begun);
  });

  it('does not wait for a page that never takes anything', async () => {
    const { file, blocks } = await serve(ask('unified', 1), () => undefined);
    expect(blocks.length).toBeLessThanOrEqual(2);
    expect(joined(blocks).since(traceStart)).toEqual(unwrap(replay(file)).since(traceStart));
  });
});

describe('a device on which bits depend on the batch', () => {
  it('has it in every run file, and comparisons that rest on it are marked', async () => {
    const host = new ServingHost(gpu, pipelines);
    const served = unwrap(await host.load(model, limits));
    const device = describeDevice(gpu, null);
    for (const standing of ['fell back', 'still differs'] as const) {
      const invariance: Invariance = { standing, asked: 'canonical', served: 'one-version', probes: [] };
      const flawed = { served: { ...served, invariance }, device, emit: () => undefined, stop: () => null };
      const report = unwrap(await serveHere(flawed, { ...ask('static', 0), live: false }));
      expect(report.invalid).toEqual(standing === 'still differs' ? [stillDiffers] : []);
      expect(report.runs[0]?.file.header.numerics).toMatchObject({
        asked: 'canonical',
        served: 'one-version',
        standing,
      });
    }
    host.dispose();
  });
});

describe('a step computed again', () => {
  /** The bytes of a dispatch when the whole run is executed again, step by step, up to there. */
  async function inTheRun(file: RunFile, wanted: number, layer: number, role: string) {
    const host = new ServingHost(gpu, pipelines);
    const { runtime, model: loaded, maxLogits } = unwrap(await host.load(model, limits));
    const { maxTokens, pageSize } = runtime.options;
    let s = 0;
    for (const step of replaySteps(file)) {
      const builder = new BatchBuilder({ maxTokens, maxLogits, pageSize }, (row, index) =>
        step.tables.page(row, index),
      );
      runtime.syncTables(step.tables);
      if (step.copies.length > 0) runtime.copyPages(step.copies);
      fillBatch(builder, loaded.id, step, 0, () => {
        throw new Error('planned ahead');
      });
      if (s++ === wanted) {
        const capture = unwrap(await runtime.capture(builder, layer, role));
        host.dispose();
        return capture;
      }
      await unwrap(runtime.step(builder)).sampled;
    }
    throw new Error('the run is shorter');
  }

  it('samples the tokens of the run, in every step, planned ahead or not', async () => {
    for (const lookahead of [0, 1] as const) {
      const { file } = await serve(ask('unified', lookahead), (taken) => taken());
      for (let step = 0; step < file.steps.length; step += 3) {
        const seen = unwrap(await client.api.inspectStep({ model, file, step }));
        expect(seen.same, `step ${step}`).toBe(seen.compared);
        expect(seen.compared).toBe(file.steps[step]?.tokens.length);
        expect(seen.dispatches.length).toBeGreaterThan(10);
        expect(seen.capture).toBeNull();
      }
    }
  });

  it('reads the very bytes that it read in the run', async () => {
    const { file } = await serve(ask('unified', 0), (taken) => taken());
    const step = Math.floor(file.steps.length * 0.6);
    for (const role of ['attention', 'norm_mlp']) {
      const again = unwrap(
        await client.api.inspectStep({ model, file, step, dispatch: { layer: 1, role } }),
      ).capture;
      const run = await inTheRun(file, step, 1, role);
      expect(again?.name).toEqual(run.name);
      expect(again?.dims).toEqual(run.dims);
      const used = role === 'attention' ? ['q', 'y'] : ['x', 'y'];
      expect(Object.keys(run.buffers)).toEqual(expect.arrayContaining(used));
      for (const name of used) {
        const tokens = (run.dims['t'] ?? run.dims['m'] ?? 0) * presets.nano.width;
        expect(tokens).toBeGreaterThan(0);
        const cells = (bytes: ArrayBuffer | undefined) => new Uint32Array(bytes ?? []).slice(0, tokens);
        expect(cells(again?.buffers[name]?.after), name).toEqual(cells(run.buffers[name]?.after));
      }
    }
  });

  it('a step that the run does not have is refused by name', async () => {
    const { file } = await serve(ask('unified', 0), (taken) => taken());
    const host = new ServingHost(gpu, pipelines);
    const served = unwrap(await host.load(model, limits));
    const seen = await inspectStep(
      { served, device: unwrap(await client.api.open('auto')) },
      { model, file, step: 9999 },
    );
    expect(seen).toMatchObject({ ok: false, error: { message: 'The run has no step 10000.' } });
    host.dispose();
  });
});
