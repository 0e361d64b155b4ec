// The GPU layer on a real device: compilation, diagnostics, limits, memory, clocks.

import { describe, expect, it } from 'vitest';
import { unwrap } from '../../src/core/result.ts';
import { describe as report } from '../../src/gpu/capability.ts';
import { openGpu } from '../../src/gpu/device.ts';
import { Pipelines } from '../../src/gpu/pipelines.ts';
import { Scope } from '../../src/gpu/scope.ts';
import { detectQuantum, gpuClock, openClock } from '../../src/gpu/timing.ts';
import { computeStage, mapRead, usage } from '../../src/gpu/usage.ts';
import { reflect } from '../../src/kernels/reflect.ts';
import { testGpu } from './gpu.ts';

const { gpu, pipelines } = await testGpu();
const good =
  '@group(0) @binding(0) var<storage, read_write> y: array<u32>;\n@compute @workgroup_size(1) fn main() { y[0] = 7u; }';
const source = (code: string) => ({ label: 'test', code, bindings: reflect(code).bindings, constants: {} });

describe('pipelines', () => {
  it('compiles a source once, also when asked twice at the same time', async () => {
    const own = new Pipelines(gpu.device);
    const [a, b] = await Promise.all([own.get(source(good), 'main'), own.get(source(good), 'main')]);
    expect(a).toBe(b);
    expect(own.compiled).toBe(1);
  });
  it('gives line, column and source of an error', async () => {
    const made = await pipelines.get(source(good.replace('7u', 'nonsense')), 'main');
    if (made.ok) throw new Error('compiled nonsense');
    expect(made.error.code).toBe('shader-error');
    expect(made.error.diagnostics[0]).toMatchObject({ severity: 'error', line: 2, column: 48 });
    expect(made.error.diagnostics[0]?.source).toContain('y[0] = nonsense');
  });
});

describe('flags', () => {
  it('are the browser’s', () => {
    const { MAP_READ, COPY_SRC, COPY_DST, UNIFORM, STORAGE, QUERY_RESOLVE } = GPUBufferUsage;
    expect(usage).toEqual({
      mapRead: MAP_READ,
      copySrc: COPY_SRC,
      copyDst: COPY_DST,
      uniform: UNIFORM,
      storage: STORAGE,
      queryResolve: QUERY_RESOLVE,
    });
    expect(mapRead).toBe(GPUMapMode.READ);
    expect(computeStage).toBe(GPUShaderStage.COMPUTE);
  });
});

describe('memory', () => {
  it('refuses what is over a limit or the cap, before the driver sees it, and counts to zero', () => {
    const scope = new Scope(gpu, 'test');
    const over = scope.storage('huge', gpu.device.limits.maxBufferSize + 4);
    expect(!over.ok && over.error.code).toBe('over-limit');
    const small = new Scope({ ...gpu, cap: 1000 }, 'small');
    unwrap(small.storage('a', 600));
    const second = small.storage('b', 600);
    expect(!second.ok && second.error.code).toBe('over-budget');
    expect(small.liveBytes).toBe(600);
    small.dispose();
    expect(gpu.memory.live).toBe(0);
  });
});

describe('clocks', () => {
  it('finds the step of timestamps, of which every interval is a multiple', async () => {
    const quantum = await detectQuantum(gpu);
    if (!gpu.device.features.has('timestamp-query')) return expect(quantum).toBeNull();
    expect(quantum).toBeGreaterThanOrEqual(1);
    const clock = gpuClock(gpu, quantum ?? 1);
    const wait = { label: 'nothing', encode() {} };
    for (let i = 0; i < 10; i++) {
      const ns = ((await clock.time([[wait]], 1)) ?? 0) * 1e6;
      const steps = Math.round(ns / clock.quantumNs);
      expect(Math.abs(ns - steps * clock.quantumNs)).toBeLessThan(1.5 + 0.005 * steps);
    }
    clock.dispose();
  });
  it('reports the device with its limits and features', async () => {
    const device = report(gpu, await detectQuantum(gpu));
    expect(device.browser).toMatch(/Chrom/);
    expect(device.limits['maxBufferSize']).toBe(gpu.device.limits.maxBufferSize);
    expect(device.features).toContain('timestamp-query');
  });
  it('takes longer for ten times the dispatches', async () => {
    const clock = await openClock(gpu);
    const code = `@group(0) @binding(0) var<storage, read_write> y: array<f32>;
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) {
  var s = f32(id.x); for (var i = 0u; i < 2000u; i++) { s = fma(s, 0.999, 0.5); } y[id.x] = s; }`;
    const pipeline = unwrap(await pipelines.get(source(code), 'main'));
    const scope = new Scope(gpu, 'clock test');
    const buffer = unwrap(scope.storage('y', 64 * 64 * 4));
    const [layout] = pipeline.layouts;
    if (!layout) throw new Error('no layout');
    const group = gpu.device.createBindGroup({ layout, entries: [{ binding: 0, resource: { buffer } }] });
    const bound = {
      label: 'spin',
      encode(pass: GPUComputePassEncoder) {
        pass.setPipeline(pipeline.pipeline);
        pass.setBindGroup(0, group);
        pass.dispatchWorkgroups(64);
      },
    };
    await clock.time([[bound]], 2);
    const few = (await clock.time([[bound]], 2)) ?? 0;
    const many = (await clock.time([[bound]], 20)) ?? 0;
    expect(many / few).toBeGreaterThan(3);
    clock.dispose();
    scope.dispose();
  });
});

describe('opening', () => {
  it('refuses a CPU adapter to who wants hardware', async () => {
    const opened = await openGpu({ want: 'hardware' });
    if (gpu.fallback) expect(!opened.ok && opened.error.code).toBe('no-adapter');
    else expect(opened.ok).toBe(true);
  });
});
