// What keeps a GPU's clock up, on any device.

import { describe, expect, it } from 'vitest';
import { Awake } from '../../src/gpu/awake.ts';
import { testGpu } from './gpu.ts';

const { gpu, pipelines } = await testGpu();

describe('keeping a device awake', () => {
  it('bursts, and leaves no bytes', async () => {
    const before = gpu.memory.live;
    const awake = await Awake.open({ ...gpu, fallback: false }, pipelines);
    if (!awake) return expect.fail('a GPU is kept awake');
    awake.burst();
    const from = performance.now();
    await awake.rouse();
    expect(performance.now() - from).toBeGreaterThan(250);
    awake.dispose();
    expect(gpu.memory.live).toBe(before);
  });

  it('is not done on a CPU adapter, which it would only slow down', async () => {
    expect(await Awake.open({ ...gpu, fallback: true }, pipelines)).toBeUndefined();
  });
});
