// How many dispatches a layer takes, whatever the weights, activations and kernels: each costs tens of microseconds in a
// browser, so that small models are bound by their number. The device is a stand-in that counts: nothing is computed.

import { afterAll, describe, expect, it, vi } from 'vitest';
import { BlockTables } from '../../../src/cache/block-tables.ts';
import { ok, unwrap } from '../../../src/core/result.ts';
import type { Gpu } from '../../../src/gpu/device.ts';
import { Pipelines } from '../../../src/gpu/pipelines.ts';
import { BatchBuilder, greedy } from '../../../src/model/batch.ts';
import type { ModelConfig } from '../../../src/model/config.ts';
import type { ModelOptions, NamedDispatch, RuntimeOptions } from '../../../src/model/contract.ts';
import { activationFormats, weightFormats } from '../../../src/model/formats.ts';
import { numericsModes } from '../../../src/model/numerics.ts';
import { presets } from '../../../src/model/presets.ts';
import { GpuRuntime } from '../../../src/model/runtime.ts';
import type { WeightSource } from '../../../src/model/weights.ts';

const config: ModelConfig = { ...presets.nano, layers: 2, vocab: 64 };
const options: RuntimeOptions = {
  pages: 64,
  pageSize: 16,
  rows: 1,
  window: 1024,
  maxTokens: 32,
  maxLogits: 1,
  sampleSlots: 1,
  inFlight: 1,
};
const most = 12;

const device = {
  limits: {
    maxBufferSize: 2 ** 30,
    maxStorageBufferBindingSize: 2 ** 30,
    maxComputeWorkgroupStorageSize: 2 ** 15,
  },
  lost: new Promise<GPUDeviceLostInfo>(() => undefined),
  features: new Set(['subgroups']),
  queue: { writeBuffer: () => undefined },
  pushErrorScope: () => undefined,
  popErrorScope: async () => null,
  createShaderModule: () => ({ getCompilationInfo: async () => ({ messages: [] }) }),
  createBindGroupLayout: () => ({}),
  createPipelineLayout: () => ({}),
  createComputePipelineAsync: async () => ({}),
  createBindGroup: () => ({}),
  createBuffer: () => ({ destroy: () => undefined }),
} as unknown as GPUDevice;
const info = {} as GPUAdapterInfo;
const pipelines = new Pipelines(device);

const nothing: WeightSource = {
  name: 'nothing',
  check: async () => ok(true),
  fill: async () => ok(true),
  vector: async ({ length }) => ok(new Float32Array(length)),
};

/** Dispatches that encoding makes. */
function count(dispatches: readonly NamedDispatch[]): number {
  let made = 0;
  const pass = {
    setBindGroup: () => undefined,
    setPipeline: () => undefined,
    dispatchWorkgroups: () => made++,
  } as unknown as GPUComputePassEncoder;
  for (const dispatch of dispatches) dispatch.encode(pass);
  return made;
}

/** Dispatches of each layer, for a chunk of a prompt and for a lone decode past the first partition of 512 keys. */
async function perLayer(model: ModelOptions): Promise<readonly { ops: string; made: number }[]> {
  const gpu: Gpu = { device, info, fallback: true, cap: 2 ** 30, memory: { live: 0 } };
  const runtime = unwrap(await GpuRuntime.create(gpu, pipelines, options));
  const { id } = unwrap(await runtime.load(config, model, nothing));
  const tables = new BlockTables(1, options.pages);
  tables.openRow();
  for (let page = 0; page < options.pages; page++) tables.push(0, page);
  const batch = new BatchBuilder(options, (row, index) => tables.page(row, index));
  const found = [];
  for (const part of [
    { start: 0, tokens: Array.from({ length: 20 }, () => 1) },
    { start: 600, tokens: [1] },
  ]) {
    batch.begin(id).add({ ...part, row: 0, logits: 1, sampleSlot: 0, sampling: greedy });
    const all = unwrap(runtime.dispatches(batch));
    for (const layer of [0, 1]) {
      const own = all.filter(({ name }) => name.layer === layer);
      found.push({ ops: own.map(({ name }) => name.op).join(' '), made: count(own) });
    }
  }
  runtime.dispose();
  expect(gpu.memory.live).toBe(0);
  return found;
}

describe(`a layer takes ${most} dispatches at most`, () => {
  afterAll(() => vi.unstubAllGlobals());
  for (const kernels of ['cpu', 'gpu'] as const)
    for (const activations of activationFormats)
      for (const features of [[], ['packed_4x8_integer_dot_product']])
        it(`kernels for a ${kernels}, activations ${activations}, ${features[0] ?? 'no packed products'}`, async () => {
          vi.stubGlobal('navigator', { gpu: { wgslLanguageFeatures: new Set(features) } });
          for (const weights of weightFormats)
            for (const numerics of numericsModes) {
              const found = await perLayer({ weights, kv: 'f32', kernels, numerics, activations });
              // one more where a lone decode is spread over partitions
              const usual = activations === 'i8' ? 10 : 9;
              const parted = kernels === 'gpu' && numerics !== 'one-version' ? usual + 1 : usual;
              const where = `${weights}, ${numerics}: ${found.map(({ ops }) => ops).join('; ')}`;
              expect(
                found.map(({ made }) => made),
                where,
              ).toEqual([usual, usual, parted, parted]);
              expect(Math.max(...found.map(({ made }) => made)), where).toBeLessThanOrEqual(most);
            }
        });
});
