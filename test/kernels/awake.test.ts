// What keeps a GPU's clock up, on any device.

import { describe, expect, it } from 'vitest';
import { Awake } from '../../src/gpu/awake.ts';
import { Pipelines } from '../../src/gpu/pipelines.ts';
import { testGpu } from './gpu.ts';

const { gpu, pipelines } = await testGpu();

describe('keeping a device awake', () => {
  it('bursts, and leaves no bytes', async () => {
    const before = gpu.memory.live;
    const awake = await Awake.open({ ...gpu, fallback: false }, pipelines);
    if (!awake) return expect.fail('a GPU is kept awake');
    awake.burst();
    const rousing = async (): Promise<number> => {
      const from = performance.now();
      await awake.rouse();
      return performance.now() - from;
    };
    expect(await rousing()).toBeLessThan(50); // it was busy just now
    await new Promise((resolve) => setTimeout(resolve, 1100));
    expect(await rousing()).toBeGreaterThan(250);
    awake.dispose();
    expect(gpu.memory.live).toBe(before);
  });

  it('leaves no bytes where it cannot be opened', async () => {
    const before = gpu.memory.live;
    class Broken extends Pipelines {
      override get(): Promise<never> {
        throw new Error('planted');
      }
    }
    await expect(Awake.open({ ...gpu, fallback: false }, new Broken(gpu.device))).rejects.toThrow('planted');
    expect(gpu.memory.live).toBe(before);
  });

  it('is not done on a CPU adapter, which it would only slow down', async () => {
    expect(await Awake.open({ ...gpu, fallback: true }, pipelines)).toBeUndefined();
  });
});
