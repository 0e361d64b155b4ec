// Brings back the real buffers of one dispatch of a step: what it read and what it left. The step itself runs
// whole, so the sequence goes on as if nobody had looked.

import { at } from '../core/assert.ts';
import { err, ok, type Result } from '../core/result.ts';
import type { Gpu } from '../gpu/device.ts';
import { type AllocationFailure, Scope } from '../gpu/scope.ts';
import { mapRead, usage } from '../gpu/usage.ts';
import { packUniform } from '../kernels/reflect.ts';
import type { Capture } from './contract.ts';
import { encodePlanned, type Planned } from './plan-step.ts';
import { nameOf } from './program.ts';
import { type Cancelled, cancelled, type Stop, unlessStopped } from './stopped.ts';

/** Encodes `first` and then `planned`, with copies around number `index`, submits, and reads the copies. */
export function captureDispatch(
  gpu: Gpu,
  first: (pass: GPUComputePassEncoder) => void,
  planned: readonly Planned[],
  index: number,
  stop: Stop,
): Promise<Result<Capture, AllocationFailure | Cancelled>> {
  const { dispatch, plan } = at(planned, index, 'dispatches');
  const { compiled, version } = at(dispatch.role.kernels, plan.kernel);
  const { prepared } = compiled;
  return Scope.with(gpu, 'capture', async (scope) => {
    const encoder = gpu.device.createCommandEncoder({ label: 'captured step' });
    const run = (part: readonly Planned[], before?: (pass: GPUComputePassEncoder) => void): void => {
      const pass = encoder.beginComputePass({ label: 'captured step' });
      before?.(pass);
      for (const p of part) encodePlanned(pass, p);
      pass.end();
    };
    const bound = prepared.bindings.filter((b) => b.access !== 'uniform');
    const copies: { name: string; buffer: GPUBuffer; size: number }[] = [];
    const copyAll = (when: 'before' | 'after'): AllocationFailure | undefined => {
      for (const { name, access } of bound) {
        // what is only read is the same after as before
        if (when === 'after' && access === 'read') continue;
        const source = dispatch.resources[name];
        if (!source) continue;
        const size = source.size ?? source.buffer.size - (source.offset ?? 0);
        const staging = scope.buffer(`${when} ${name}`, size, usage.mapRead | usage.copyDst);
        if (!staging.ok) return staging.error;
        encoder.copyBufferToBuffer(source.buffer, source.offset ?? 0, staging.value, 0, size);
        copies.push({ name, buffer: staging.value, size });
      }
      return undefined;
    };
    run(planned.slice(0, index), first);
    const refused = copyAll('before');
    if (refused) return { ok: false, error: refused };
    run([at(planned, index)]);
    const after = copyAll('after');
    if (after) return { ok: false, error: after };
    run(planned.slice(index + 1));
    gpu.device.queue.submit([encoder.finish()]);
    const buffers: Record<string, { before: ArrayBuffer; after: ArrayBuffer }> = {};
    // the copies before the dispatch come first, so the last one of a name is the one after it
    for (const { name, buffer, size } of copies) {
      // the first of these waits for the step
      const mapped = buffer.mapAsync(mapRead).then(() => true);
      if (!(await unlessStopped(mapped, stop))) return err(cancelled('The look inside'));
      const bytes = buffer.getMappedRange(0, size).slice(0);
      buffers[name] = { before: bytes, ...buffers[name], after: bytes };
    }
    return ok({
      name: nameOf(dispatch, plan.kernel),
      code: prepared.code,
      constants: prepared.constants,
      dims: plan.scope,
      workgroups: plan.grids,
      uniform: packUniform(version.reflection, plan.scope),
      buffers,
    });
  });
}
