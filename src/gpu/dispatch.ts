// The one dispatcher: takes a prepared kernel (plain data) and buffers by name, gives something that
// encodes itself into a pass. Also runs a kernel once from values to values, for tests and checks.

import { assert, at } from '../core/assert.ts';
import type { Failure, Result } from '../core/result.ts';
import { err, failure, ok } from '../core/result.ts';
import { pack, unpack } from '../kernels/layout.ts';
import type { Values } from '../kernels/op.ts';
import type { Prepared } from '../kernels/prepare.ts';
import type { Gpu } from './device.ts';
import type { CompileFailure, Pipeline, Pipelines } from './pipelines.ts';
import { type AllocationFailure, Scope } from './scope.ts';
import { mapRead, usage } from './usage.ts';

export interface Compiled {
  readonly prepared: Prepared;
  /** One a pass. */
  readonly pipelines: readonly Pipeline[];
}

/** Compiles every pass of a prepared kernel. */
export async function compile(
  pipelines: Pipelines,
  prepared: Prepared,
): Promise<Result<Compiled, CompileFailure>> {
  const made: Pipeline[] = [];
  for (const pass of prepared.passes) {
    const pipeline = await pipelines.get(prepared, pass.entry);
    if (!pipeline.ok) return pipeline;
    made.push(pipeline.value);
  }
  return ok({ prepared, pipelines: made });
}

/** A compiled kernel with its buffers: calling `encode` adds its dispatches to a pass. */
export interface Bound {
  readonly label: string;
  encode(pass: GPUComputePassEncoder): void;
}

export type Bindable = GPUBuffer | GPUBufferBinding;

/** What is needed of a compiled kernel to bind it; a source from outside has nothing else. */
export interface Bindings {
  readonly prepared: Pick<Prepared, 'label' | 'bindings' | 'passes'>;
  readonly pipelines: readonly Pipeline[];
}

/** Bind groups of buffers by the names in the shader, in order; `uniform` is that of the one uniform struct. */
export function bindGroups(
  device: GPUDevice,
  { prepared, pipelines }: Bindings,
  buffers: Readonly<Record<string, Bindable>>,
  uniform?: Bindable,
): readonly GPUBindGroup[] {
  const { label, bindings } = prepared;
  return at(pipelines, 0, label).layouts.map((layout, group) =>
    device.createBindGroup({
      label,
      layout,
      entries: bindings
        .filter((b) => b.group === group)
        .map(({ name, binding, access }) => {
          const buffer = access === 'uniform' ? uniform : buffers[name];
          assert(buffer, `${label}: nothing bound to "${name}"`);
          return { binding, resource: 'buffer' in buffer ? buffer : { buffer } };
        }),
    }),
  );
}

/** Binds buffers for the one shape that the kernel was prepared for. (stage.ts binds for shapes that change.) */
export function bind(
  device: GPUDevice,
  compiled: Bindings,
  buffers: Readonly<Record<string, Bindable>>,
  uniform?: GPUBuffer,
): Bound {
  const { prepared } = compiled;
  const groups = bindGroups(device, compiled, buffers, uniform);
  const dispatches = compiled.pipelines.map((pipeline, i) => {
    const pass = prepared.passes[i];
    assert(pass, `${prepared.label}: pass ${i}`);
    return { pipeline: pipeline.pipeline, workgroups: pass.workgroups };
  });
  return {
    label: prepared.label,
    encode(pass) {
      groups.forEach((group, i) => {
        pass.setBindGroup(i, group);
      });
      for (const { pipeline, workgroups } of dispatches) {
        pass.setPipeline(pipeline);
        pass.dispatchWorkgroups(...workgroups);
      }
    },
  };
}

/** Copies `buffer` back to the host. */
export async function readBack(
  gpu: Pick<Gpu, 'device'>,
  buffer: GPUBuffer,
  bytes = buffer.size,
): Promise<ArrayBuffer> {
  const { device } = gpu;
  const staging = device.createBuffer({
    label: `${buffer.label} (read back)`,
    size: bytes,
    usage: usage.mapRead | usage.copyDst,
  });
  try {
    const encoder = device.createCommandEncoder({ label: 'read back' });
    encoder.copyBufferToBuffer(buffer, 0, staging, 0, bytes);
    device.queue.submit([encoder.finish()]);
    await staging.mapAsync(mapRead);
    return staging.getMappedRange().slice(0);
  } finally {
    staging.destroy();
  }
}

export type RunFailure = CompileFailure | AllocationFailure | Failure<'validation'>;

/** Runs a prepared kernel once on `inputs` and returns its outputs as logical values. */
export async function runOnce(
  gpu: Gpu,
  pipelines: Pipelines,
  prepared: Prepared,
  inputs: Values,
): Promise<Result<Values, RunFailure>> {
  const compiled = await compile(pipelines, prepared);
  if (!compiled.ok) return compiled;
  return Scope.with(gpu, prepared.label, async (scope) => {
    const buffers: Record<string, GPUBuffer> = {};
    for (const { name, layout } of prepared.buffers) {
      const values = inputs[name];
      const made = values ? scope.upload(name, pack(layout, values)) : scope.storage(name, layout.bytes);
      if (!made.ok) return made;
      buffers[name] = made.value;
    }
    const uniform = scope.uniform('uniform', prepared.uniform);
    if (!uniform.ok) return uniform;
    gpu.device.pushErrorScope('validation');
    const encoder = gpu.device.createCommandEncoder({ label: prepared.label });
    const pass = encoder.beginComputePass({ label: prepared.label });
    bind(gpu.device, compiled.value, buffers, uniform.value).encode(pass);
    pass.end();
    gpu.device.queue.submit([encoder.finish()]);
    const invalid = await gpu.device.popErrorScope();
    if (invalid)
      return err(
        failure(
          'validation',
          `${prepared.label}: ${invalid.message}`,
          'The dispatch was refused; this is a bug in the kernel or its contract.',
        ),
      );
    const outputs: Record<string, Float64Array> = {};
    for (const { name, role, layout } of prepared.buffers) {
      const buffer = buffers[name];
      if (!buffer || (role !== 'out' && role !== 'inout')) continue;
      outputs[name] = unpack(layout, await readBack(gpu, buffer, layout.bytes));
    }
    return ok(outputs);
  });
}
