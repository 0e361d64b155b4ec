// Every part of the language in a small program, in the stepper and on the device. Integers and exact floats
// agree bit for bit; other floats within the program's units in the last place.

import { describe, expect, it } from 'vitest';
import { unwrap } from '../../src/core/result.ts';
import { compileKernel, Run } from '../../src/stepper/index.ts';
import { ulps } from '../../src/views/step/ulp.ts';
import { testGpu } from './gpu.ts';
import { languagePrograms } from './language/index.ts';
import { ANSWERS, LANES, moduleOf } from './language/program.ts';
import { randomInputs } from './random-programs.ts';

const { gpu } = await testGpu();

interface Bound {
  readonly binding: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** The buffers of a program: inputs, answers, a table and a uniform. */
function buffersOf(source: string): Bound[] {
  const input = new Uint8Array(Uint32Array.of(...randomInputs(7)).buffer);
  const table = new Uint8Array(Uint32Array.from({ length: 68 }, (_, i) => (i * 2654435761) >>> 0).buffer);
  const all: Bound[] = [
    { binding: 0, bytes: input },
    { binding: 1, bytes: new Uint8Array(LANES * ANSWERS * 4) },
    { binding: 2, bytes: table },
    { binding: 3, bytes: table.slice(0, 64) },
  ];
  return all.filter(({ binding }) => source.includes(`@binding(${binding})`));
}

async function onDevice(source: string, bound: readonly Bound[]): Promise<Uint32Array> {
  const { device } = gpu;
  const module = device.createShaderModule({ code: source });
  const { messages } = await module.getCompilationInfo();
  const bad = messages.find((m) => m.type === 'error');
  if (bad)
    throw new Error(
      `the device refuses it, line ${bad.lineNum}: ${bad.message}\n${source.split('\n')[bad.lineNum - 1]}`,
    );
  const pipeline = await device.createComputePipelineAsync({ layout: 'auto', compute: { module } });
  const buffers = bound.map(({ binding, bytes }) => {
    const kind = binding === 3 ? GPUBufferUsage.UNIFORM : GPUBufferUsage.STORAGE;
    const usage = kind | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC;
    const buffer = device.createBuffer({ size: bytes.length, usage });
    device.queue.writeBuffer(buffer, 0, bytes);
    return { binding, buffer };
  });
  const size = LANES * ANSWERS * 4;
  const back = device.createBuffer({ size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
  const entries = buffers.map(({ binding, buffer }) => ({ binding, resource: { buffer } }));
  const group = device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, group);
  pass.dispatchWorkgroups(1);
  pass.end();
  const out = buffers.find((b) => b.binding === 1)?.buffer;
  if (out) encoder.copyBufferToBuffer(out, 0, back, 0, size);
  device.queue.submit([encoder.finish()]);
  await back.mapAsync(GPUMapMode.READ);
  const words = new Uint32Array(back.getMappedRange().slice(0));
  for (const b of [...buffers.map((x) => x.buffer), back]) b.destroy();
  return words;
}

function inStepper(source: string, bound: readonly Bound[]): Uint32Array {
  const { kernel, diagnostics } = compileKernel(source, { subgroupSize: 4 });
  const first = diagnostics[0];
  if (!kernel)
    throw new Error(
      `the stepper refuses it, line ${first?.span.line}: ${first?.message}\n${source.split('\n')[(first?.span.line ?? 1) - 1]}`,
    );
  const buffers = bound.map(({ binding, bytes }) => ({ group: 0, binding, bytes }));
  const run = unwrap(Run.start(kernel, { workgroups: [1, 1, 1], buffers }, 'checks')).finish();
  // races and reads of zeros are what some of the programs are about
  expect(run.found().filter((f) => f.kind !== 'race' && f.kind !== 'uninitialized-read')).toEqual([]);
  const out = run.outputs().find((b) => b.binding === 1);
  return new Uint32Array((out?.bytes ?? new Uint8Array()).slice().buffer);
}

const asFloat = (word: number): number => new Float32Array(Uint32Array.of(word).buffer)[0] ?? 0;

describe('the language, on the device and in the stepper', () => {
  it.each(languagePrograms.map((p) => [p.name, p] as const))('%s', async (_, program) => {
    const source = moduleOf(program);
    const bound = buffersOf(source);
    const want = await onDevice(source, bound);
    const got = inStepper(source, bound);
    const wrong: string[] = [];
    want.forEach((w, i) => {
      const g = got[i] ?? 0;
      if (g === w) return;
      const apart = program.ulps === undefined ? null : ulps(asFloat(g), asFloat(w), 'f32');
      if (apart !== null && apart <= (program.ulps ?? 0)) return;
      wrong.push(`lane ${Math.floor(i / ANSWERS)} answer ${i % ANSWERS}: ${g} instead of ${w}`);
    });
    expect(wrong.slice(0, 8)).toEqual([]);
  });
});
