// Runs a shipped kernel version in the stepper: prepared as for the GPU, all its passes in turn, its outputs
// compared with the op's reference. What `npm run step` and the shader tests stand on.

import { err, type Failure, failure, ok, type Result } from '../core/result.ts';
import type { KernelVersion } from '../kernels/catalog.ts';
import { pack, unpack } from '../kernels/layout.ts';
import type { Dims, Dtype, Fill, Op, Values } from '../kernels/op.ts';
import { type Prepared, prepare } from '../kernels/prepare.ts';
import type { ParamValues } from '../kernels/specialize.ts';
import { type Verdict, verify } from '../kernels/verify.ts';
import type { BufferInput, Order, SubgroupSize } from './api.ts';
import { compileKernel, type Kernel } from './kernel.ts';
import { Run } from './run.ts';

export interface ShippedOptions {
  /** The op's step shape when left out. */
  readonly dims?: Dims;
  readonly dtype?: Dtype;
  readonly fill?: Fill;
  readonly seed?: number;
  readonly params?: ParamValues;
  readonly subgroupSize?: SubgroupSize;
  readonly order?: Order;
  readonly statementBudget?: number;
}

export interface ShippedPass {
  readonly kernel: Kernel;
  readonly run: Run;
}

export interface ShippedRun {
  readonly prepared: Prepared;
  readonly dims: Dims;
  readonly inputs: Values;
  readonly passes: readonly ShippedPass[];
  /** Output tensors as logical values. */
  readonly outputs: Values;
  /** By output tensor, against the op's reference in double precision. */
  readonly verdicts: Readonly<Record<string, Verdict>>;
}

/** The buffers of a prepared kernel, by binding: inputs packed, everything else zero. */
export function buffersOf(prepared: Prepared, inputs: Values): BufferInput[] {
  const buffers = prepared.buffers.map(({ name, layout }): BufferInput => {
    const binding = prepared.bindings.find((b) => b.name === name);
    const values = inputs[name];
    const bytes = new Uint8Array(values ? pack(layout, values) : new ArrayBuffer(layout.bytes));
    return { group: binding?.group ?? 0, binding: binding?.binding ?? 0, bytes };
  });
  const uniform = prepared.bindings.find((b) => b.access === 'uniform');
  if (uniform)
    buffers.push({ group: uniform.group, binding: uniform.binding, bytes: new Uint8Array(prepared.uniform) });
  return buffers;
}

/** Compiles and runs every pass of a version at one shape. Fails when it cannot be prepared, compiled or bound;
 * findings and wrong results are in what it returns. */
export function runShipped(
  op: Op,
  version: KernelVersion,
  options: ShippedOptions = {},
  mode: 'results' | 'checks' = 'checks',
): Result<ShippedRun, Failure> {
  const dims = options.dims ?? op.shapes.step;
  const dtype = options.dtype ?? version.dtypes[0] ?? 'f32';
  const prepared = prepare(op, version, dims, dtype, options.params);
  if (!prepared.ok) return prepared;
  const inputs = op.inputs(dims, options.fill ?? 'normal', dtype, options.seed ?? 1);
  let buffers = buffersOf(prepared.value, inputs);
  const passes: ShippedPass[] = [];
  for (const pass of prepared.value.passes) {
    const { kernel, diagnostics } = compileKernel(prepared.value.code, {
      entryPoint: pass.entry,
      constants: prepared.value.constants,
      ...(options.subgroupSize ? { subgroupSize: options.subgroupSize } : {}),
    });
    if (!kernel) {
      const first = diagnostics.find((d) => d.severity === 'error');
      const where = first ? `line ${first.span.line}: ${first.message}` : 'unknown';
      return err(failure('does-not-compile', `${version.path}, ${where}`, first?.hint ?? ''));
    }
    const { order, statementBudget } = options;
    const run = Run.start(
      kernel,
      {
        workgroups: pass.workgroups,
        buffers,
        ...(order ? { order } : {}),
        ...(statementBudget === undefined ? {} : { statementBudget }),
      },
      mode,
    );
    if (!run.ok) return run;
    passes.push({ kernel, run: run.value.finish() });
    const written = run.value.outputs();
    buffers = buffers.map((b) => written.find((w) => w.group === b.group && w.binding === b.binding) ?? b);
  }
  return ok(judged(op, dims, dtype, prepared.value, inputs, passes, buffers));
}

function judged(
  op: Op,
  dims: Dims,
  dtype: Dtype,
  prepared: Prepared,
  inputs: Values,
  passes: readonly ShippedPass[],
  buffers: readonly BufferInput[],
): ShippedRun {
  const outputs: Record<string, Float64Array> = {};
  for (const { name, role, layout } of prepared.buffers) {
    if (role !== 'out' && role !== 'inout') continue;
    const binding = prepared.bindings.find((b) => b.name === name);
    const bytes = buffers.find((b) => b.group === binding?.group && b.binding === binding.binding)?.bytes;
    if (bytes) outputs[name] = unpack(layout, bytes.slice().buffer);
  }
  const reference = op.reference(inputs, dims);
  const tolerance = op.tolerance(dims, dtype);
  const verdicts: Record<string, Verdict> = {};
  for (const [name, want] of Object.entries(reference)) {
    const got = outputs[name];
    if (got) verdicts[name] = verify(got, want, tolerance);
  }
  return { prepared, dims, inputs, passes, outputs, verdicts };
}
