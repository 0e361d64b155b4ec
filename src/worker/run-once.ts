// One dispatch on the GPU from bytes to bytes: how the stepper's result is checked against the hardware. The
// source may be the reader's own, so every refusal of the browser comes back as a failure.

import { err, type Failure, failure, ok, type Result } from '../core/result.ts';
import type { Gpu } from '../gpu/device.ts';
import { bind, readBack } from '../gpu/dispatch.ts';
import type { Pipeline, Pipelines } from '../gpu/pipelines.ts';
import { Scope } from '../gpu/scope.ts';
import type { RawDispatch, RawOutputs, WorkerFailure } from './protocol.ts';

const refused = (why: Failure): Result<never, WorkerFailure> =>
  err(failure('bad-request', why.message, why.hint));

/** Runs all passes and gives the writable bindings' bytes by name. */
export async function runRaw(
  gpu: Gpu,
  pipelines: Pipelines,
  request: RawDispatch,
): Promise<Result<RawOutputs, WorkerFailure>> {
  const { label, code, constants, passes } = request;
  const bindings = request.bindings.map((b) => ({ ...b, type: '' }));
  const made: Pipeline[] = [];
  for (const pass of passes) {
    const pipeline = await pipelines.get({ label, code, bindings, constants }, pass.entry);
    if (!pipeline.ok) return refused(pipeline.error);
    made.push(pipeline.value);
  }
  return Scope.with(gpu, label, async (scope) => {
    const storage: Record<string, GPUBuffer> = {};
    let uniform: GPUBuffer | undefined;
    for (const b of request.bindings) {
      const bytes = new Uint8Array(b.bytes).buffer;
      const buffer = b.access === 'uniform' ? scope.uniform(b.name, bytes) : scope.upload(b.name, bytes);
      if (!buffer.ok) return refused(buffer.error);
      if (b.access === 'uniform') uniform = buffer.value;
      else storage[b.name] = buffer.value;
    }
    gpu.device.pushErrorScope('validation');
    const prepared = { label, passes, bindings };
    const encoder = gpu.device.createCommandEncoder({ label });
    const pass = encoder.beginComputePass({ label });
    bind(gpu.device, { prepared, pipelines: made }, storage, uniform).encode(pass);
    pass.end();
    gpu.device.queue.submit([encoder.finish()]);
    const invalid = await gpu.device.popErrorScope();
    if (invalid) return refused(failure('validation', invalid.message, 'The browser refused the dispatch.'));
    const outputs: Record<string, Uint8Array> = {};
    for (const b of request.bindings) {
      const buffer = storage[b.name];
      if (buffer && b.access === 'read_write')
        outputs[b.name] = new Uint8Array(await readBack(gpu, buffer, b.bytes.length));
    }
    return ok(outputs);
  });
}
