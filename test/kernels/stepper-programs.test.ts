// Random programs in the stepper and on the device: every bit must agree. VITE_STEPPER_PROGRAMS=10000
// runs that many; a few hundred by themselves.

import { expect, it } from 'vitest';
import { unwrap } from '../../src/core/result.ts';
import { compileKernel, Run } from '../../src/stepper/index.ts';
import { testGpu } from './gpu.ts';
import { LANES, randomInputs, randomModule } from './random-programs.ts';

const PROGRAMS = Number(import.meta.env['VITE_STEPPER_PROGRAMS'] ?? 300);
/** Few enough that the device's compiler, the slowest part, stays linear. */
const PER_MODULE = 10;

const { gpu } = await testGpu();

async function onDevice(
  source: string,
  input: Uint32Array<ArrayBuffer>,
  words: number,
): Promise<Uint32Array | { readonly refusedAt: number }> {
  const { device } = gpu;
  const module = device.createShaderModule({ code: source });
  const { messages } = await module.getCompilationInfo();
  const bad = messages.find((m) => m.type === 'error');
  if (bad) return { refusedAt: bad.lineNum };
  const pipeline = await device.createComputePipelineAsync({ layout: 'auto', compute: { module } });
  const made = (size: number, usage: number) => device.createBuffer({ size, usage });
  const from = made(input.byteLength, GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST);
  const to = made(words * 4, GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC);
  const back = made(words * 4, GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST);
  device.queue.writeBuffer(from, 0, input);
  const entries = [from, to].map((buffer, binding) => ({ binding, resource: { buffer } }));
  const group = device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, group);
  pass.dispatchWorkgroups(1);
  pass.end();
  encoder.copyBufferToBuffer(to, 0, back, 0, words * 4);
  device.queue.submit([encoder.finish()]);
  await back.mapAsync(GPUMapMode.READ);
  const out = new Uint32Array(back.getMappedRange().slice(0));
  for (const buffer of [from, to, back]) buffer.destroy();
  return out;
}

function inStepper(source: string, input: Uint32Array, words: number): Uint32Array {
  const { kernel, diagnostics } = compileKernel(source);
  if (!kernel)
    throw new Error(
      `${JSON.stringify(diagnostics[0])}\n${source.split('\n')[(diagnostics[0]?.span.line ?? 1) - 1]}`,
    );
  const buffers = [
    { group: 0, binding: 0, bytes: new Uint8Array(input.buffer) },
    { group: 0, binding: 1, bytes: new Uint8Array(words * 4) },
  ];
  const run = unwrap(
    Run.start(kernel, { workgroups: [1, 1, 1], buffers, statementBudget: 1e7 }, 'results'),
  ).finish();
  expect(run.found()).toEqual([]);
  return new Uint32Array((run.outputs()[0]?.bytes ?? new Uint8Array()).buffer);
}

it(`${PROGRAMS} random programs agree bit for bit`, { timeout: 3_600_000 }, async () => {
  let refused = 0;
  for (let first = 0; first < PROGRAMS; first += PER_MODULE) {
    const count = Math.min(PER_MODULE, PROGRAMS - first);
    const source = randomModule(first, count);
    const input = new Uint32Array(randomInputs(first));
    const want = await onDevice(source, input, count * LANES);
    if ('refusedAt' in want) {
      // a constant that cannot be, such as a division by zero: both must refuse it, at one line
      const lines = compileKernel(source).diagnostics.map((d) => d.span.line);
      expect(lines, source.split('\n')[want.refusedAt - 1]).toContain(want.refusedAt);
      refused += count;
      continue;
    }
    const got = inStepper(source, input, count * LANES);
    const wrong = want.findIndex((x, i) => got[i] !== x);
    if (wrong >= 0) {
      const p = Math.floor(wrong / LANES);
      const text = source.slice(
        source.indexOf(`fn p${p}(`),
        source.indexOf('\nfn ', source.indexOf(`fn p${p}(`) + 1),
      );
      expect.fail(
        `program ${first + p}, lane ${wrong % LANES}: ${got[wrong]} instead of ${want[wrong]}\n${text}`,
      );
    }
  }
  expect(refused).toBeLessThan(PROGRAMS / 20);
});
