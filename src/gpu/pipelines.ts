// Compiles shaders: asynchronously, once per (code, entry, constants) even when asked twice at the same
// time, with the browser's own diagnostics when a shader is wrong.

import { messageOf } from '../core/message-of.ts';
import type { Failure, Result } from '../core/result.ts';
import { err, failure, ok } from '../core/result.ts';
import type { Binding } from '../kernels/reflect.ts';
import { computeStage } from './usage.ts';

export interface Diagnostic {
  readonly severity: 'error' | 'warning' | 'info';
  readonly line: number;
  readonly column: number;
  readonly message: string;
  /** The line it speaks of. */
  readonly source: string;
}

export interface CompileFailure extends Failure<'shader-error' | 'pipeline-error'> {
  readonly diagnostics: readonly Diagnostic[];
}

export interface PipelineSource {
  readonly label: string;
  readonly code: string;
  readonly bindings: readonly Binding[];
  readonly constants: Readonly<Record<string, number>>;
  /** Workgroup memory that each workgroup takes; refused when the device has less. */
  readonly workgroupBytes?: number;
}

export interface Pipeline {
  readonly pipeline: GPUComputePipeline;
  /** One a group, in order. */
  readonly layouts: readonly GPUBindGroupLayout[];
}

const bindingType = { uniform: 'uniform', read: 'read-only-storage', read_write: 'storage' } as const;

export class Pipelines {
  readonly #device: GPUDevice;
  readonly #pipelines = new Map<string, Promise<Result<Pipeline, CompileFailure>>>();
  readonly #layouts = new Map<string, GPUBindGroupLayout>();
  /** How many pipelines were really compiled. */
  compiled = 0;

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  /** The pipeline of one entry point. Two calls with the same source share one compilation. */
  get(source: PipelineSource, entry: string): Promise<Result<Pipeline, CompileFailure>> {
    const key = JSON.stringify([source.code, entry, source.constants]);
    let pending = this.#pipelines.get(key);
    if (!pending) {
      pending = this.#compile(source, entry);
      this.#pipelines.set(key, pending);
    }
    return pending;
  }

  async #compile(source: PipelineSource, entry: string): Promise<Result<Pipeline, CompileFailure>> {
    const device = this.#device;
    const most = device.limits.maxComputeWorkgroupStorageSize;
    if (source.workgroupBytes !== undefined && source.workgroupBytes > most) {
      return err({
        ...failure(
          'pipeline-error',
          `${source.label} takes ${source.workgroupBytes} bytes of workgroup memory; this device has ${most}.`,
          'Choose smaller tiles.',
        ),
        diagnostics: [],
      });
    }
    this.compiled++;
    device.pushErrorScope('validation');
    const module = device.createShaderModule({ label: source.label, code: source.code });
    const [info, invalid] = await Promise.all([module.getCompilationInfo(), device.popErrorScope()]);
    const diagnostics = info.messages.map((m) => diagnose(m, source.code));
    const first = diagnostics.find((d) => d.severity === 'error');
    if (first || invalid) {
      const where = first
        ? `:${first.line}:${first.column}: ${first.message}\n    ${first.source}`
        : `: ${invalid?.message ?? ''}`;
      return err({
        ...failure('shader-error', `${source.label}${where}`, 'Correct the shader.'),
        diagnostics,
      });
    }
    try {
      const layouts = this.#groups(source.bindings);
      const pipeline = await device.createComputePipelineAsync({
        label: `${source.label} ${entry}`,
        layout: device.createPipelineLayout({ bindGroupLayouts: [...layouts] }),
        compute: { module, entryPoint: entry, constants: { ...source.constants } },
      });
      return ok({ pipeline, layouts });
    } catch (error) {
      const text = messageOf(error);
      return err({
        ...failure(
          'pipeline-error',
          `${source.label} ${entry}: ${text}`,
          'Check workgroup size and memory against the device limits.',
        ),
        diagnostics,
      });
    }
  }

  /** Explicit layouts: the entry points of one file share theirs, also when one uses fewer bindings. */
  #groups(bindings: readonly Binding[]): readonly GPUBindGroupLayout[] {
    const count = Math.max(0, ...bindings.map((b) => b.group + 1));
    return Array.from({ length: count }, (_, group) => {
      const entries = bindings
        .filter((b) => b.group === group)
        .map((b) => ({
          binding: b.binding,
          visibility: computeStage,
          buffer: { type: bindingType[b.access] },
        }));
      const key = JSON.stringify(entries);
      let layout = this.#layouts.get(key);
      if (!layout) {
        layout = this.#device.createBindGroupLayout({ label: key, entries });
        this.#layouts.set(key, layout);
      }
      return layout;
    });
  }
}

function diagnose(message: GPUCompilationMessage, code: string): Diagnostic {
  return {
    severity: message.type,
    line: message.lineNum,
    column: message.linePos,
    message: message.message,
    source: code.split('\n')[message.lineNum - 1] ?? '',
  };
}
