// What does not fit is refused by its size before anything is allocated; what the device has no memory for is a failure; and an
// estimate is what is allocated.

import { describe, expect, it, vi } from 'vitest';
import { unwrap } from '../../../src/core/result.ts';
import type { Gpu } from '../../../src/gpu/device.ts';
import type { ModelConfig } from '../../../src/model/config.ts';
import type { ModelOptions } from '../../../src/model/contract.ts';
import { poolFor, roomOf, sharedBytes } from '../../../src/model/memory.ts';
import { presets } from '../../../src/model/presets.ts';
import { GpuRuntime } from '../../../src/model/runtime.ts';
import { seededSource } from '../../../src/model/seeded-source.ts';
import { never } from '../../../src/model/stopped.ts';
import type { GenerateModel } from '../../../src/worker/generate/protocol.ts';
import { GenerateHost } from '../../../src/worker/generate/session.ts';
import { checkpointFiles, seededTensors } from '../../unit/model/checkpoint-files.ts';
import { testGpu } from '../gpu.ts';
import { Bench, plain, smallRuntime } from './setup.ts';

const { gpu, pipelines } = await testGpu();
const config: ModelConfig = { ...presets.nano, name: 'small', layers: 1, vocab: 64 };

/** More than models may take here, also as int8: a layer has about 60 MiB then. */
const tooLarge: ModelConfig = {
  ...presets['Llama-3.2-1B'],
  layers: Math.ceil(gpu.cap / (50 * 2 ** 20)),
};

describe('a runtime of sizes that its kernels do not take', () => {
  it('is refused by the option, before anything is allocated', async () => {
    const buffers = vi.spyOn(gpu.device, 'createBuffer');
    const made = await GpuRuntime.create(gpu, pipelines, { ...smallRuntime, pageSize: 12 });
    expect(made.ok || made.error.message).toBe("The runtime's pageSize is 12.");
    expect(buffers).not.toHaveBeenCalled();
    vi.restoreAllMocks();
  });
});

describe('an estimate', () => {
  const wanted: GenerateModel = {
    source: { kind: 'seeded', config, seed: 1 },
    options: plain,
    window: 256,
    pageSize: 16,
  };

  it('allocates nothing, whatever it is of, and says what loading allocates', async () => {
    const host = new GenerateHost(gpu, pipelines);
    const files = checkpointFiles(config, seededTensors(config, 1), 'F32');
    const estimates: number[] = [];
    const buffers = vi.spyOn(gpu.device, 'createBuffer');
    for (const source of [wanted.source, { kind: 'files', name: 'small', files } as const]) {
      const { memory, misfit } = unwrap(await host.estimate({ ...wanted, source }));
      expect(misfit).toBeNull();
      estimates.push(memory.total);
    }
    const large = await host.estimate({
      ...wanted,
      source: { kind: 'seeded', config: tooLarge, seed: 1 },
    });
    expect(unwrap(large).misfit?.code).toBe('over-budget');
    expect(buffers).not.toHaveBeenCalled();
    vi.restoreAllMocks();
    const loaded = unwrap(await host.load(wanted, () => undefined, never));
    expect(estimates).toEqual([loaded.memory.total, loaded.memory.total]);
    host.dispose();
  });
});

describe('what does not fit', () => {
  it('is refused with the sizes, before the driver sees it', async () => {
    const runtime = unwrap(await GpuRuntime.create(gpu, pipelines, smallRuntime));
    const buffers = vi.spyOn(gpu.device, 'createBuffer');
    const loaded = await runtime.load(
      tooLarge,
      { ...plain, weights: 'i8-row' },
      seededSource(gpu, pipelines, 1),
    );
    expect(buffers).not.toHaveBeenCalled();
    vi.restoreAllMocks();
    expect(loaded.ok || loaded.error.code).toBe('over-budget');
    expect(loaded.ok || loaded.error.message).toMatch(/it takes .* MiB .*, .* MiB more than the .* MiB that/);
    runtime.dispose();
  });

  /** As `gpu`, but its device makes an invalid buffer where a label says so, as one that has no memory left does. */
  const refusing = (label: RegExp): Gpu => ({
    ...gpu,
    device: new Proxy(gpu.device, {
      get(device, name: keyof GPUDevice) {
        if (name === 'createBuffer')
          return (wanted: GPUBufferDescriptor) =>
            device.createBuffer(label.test(wanted.label ?? '') ? { ...wanted, usage: 0 } : wanted);
        const value: unknown = device[name];
        return typeof value === 'function' ? value.bind(device) : value;
      },
    }),
  });

  it('is a failure where the device has no memory for it, and frees what it had', async () => {
    const before = gpu.memory.live;
    const made = await GpuRuntime.create(refusing(/block tables/), pipelines, smallRuntime);
    expect(made.ok ? '' : made.error.message).toMatch(/^The device refused runtime: .*block tables/s);
    expect(gpu.memory.live).toBe(before);
    const runtime = unwrap(await GpuRuntime.create(refusing(/down\[0\]$/), pipelines, smallRuntime));
    const shared = gpu.memory.live;
    const loaded = await runtime.load(config, plain, seededSource(gpu, pipelines, 1));
    expect(loaded.ok ? '' : loaded.error.message).toMatch(/^The device refused model 1 .*down/s);
    expect(gpu.memory.live).toBe(shared);
    runtime.dispose();
    expect(gpu.memory.live).toBe(before);
  });

  it('frees what it had when its source throws', async () => {
    const runtime = unwrap(await GpuRuntime.create(gpu, pipelines, smallRuntime));
    const shared = gpu.memory.live;
    const source = seededSource(gpu, pipelines, 1);
    const broken = { ...source, vector: () => Promise.reject(new Error('the file went away')) };
    await expect(runtime.load(config, plain, broken)).rejects.toThrow('the file went away');
    expect(gpu.memory.live).toBe(shared);
    expect(await gpu.device.queue.onSubmittedWorkDone()).toBeUndefined();
    runtime.dispose();
  });

  const stored: readonly ModelOptions[] = [
    plain,
    { ...plain, weights: 'i8-g32', kv: 'f16' },
    { ...plain, weights: 'i8-row', activations: 'i8', kv: 'i8' },
    { ...plain, weights: 'f16', activations: 'i8' },
  ];
  for (const options of stored)
    it(`the estimate is what is allocated, to the byte: ${options.weights}, ${options.activations ?? 'f32'}, KV ${options.kv}`, async () => {
      expect(gpu.memory.live).toBe(0);
      const bench = await Bench.open(config, options);
      const { memory, id } = bench.model;
      expect(gpu.memory.live).toBe(memory.total + sharedBytes(smallRuntime));
      bench.runtime.unload(id);
      expect(gpu.memory.live).toBe(sharedBytes(smallRuntime));
      bench.dispose();
    });

  it('a budget becomes a pool that fits beside weights and steps, and one page more does not', async () => {
    const { pages: _, ...sizes } = smallRuntime;
    const options: ModelOptions = { ...plain, weights: 'i8-row', kv: 'i8' };
    const budget = 2 * 2 ** 20;
    // two devices: one with room to spare, one whose memory ends before the budget does
    for (const [most, limit] of [
      [gpu.cap, 'budget'],
      [budget, 'device memory'],
    ] as const) {
      const small = { ...gpu, cap: most };
      const pool = unwrap(poolFor(config, options, sizes, budget, roomOf(small)));
      expect(pool.limit).toBe(limit);
      expect(pool.pages).toBeGreaterThan(0);
      const load = async (pages: number) => {
        const runtime = unwrap(await GpuRuntime.create(small, pipelines, { ...sizes, pages }));
        const loaded = await runtime.load(config, options, seededSource(gpu, pipelines, 1));
        return { runtime, loaded };
      };
      const { runtime, loaded } = await load(pool.pages);
      const { memory } = unwrap(loaded);
      expect(memory.kv).toBeLessThanOrEqual(budget);
      expect(gpu.memory.live).toBeLessThanOrEqual(most);
      runtime.dispose();
      expect(gpu.memory.live).toBe(0);
      const more = await load(pool.pages + 1);
      if (limit === 'budget') expect(unwrap(more.loaded).memory.kv).toBeGreaterThan(budget);
      else expect(more.loaded.ok || more.loaded.error.code).toBe('over-budget');
      more.runtime.dispose();
    }
  });
});
