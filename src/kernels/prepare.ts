// Everything a dispatcher (the GPU's or the stepper's) needs to run one version at one shape, as plain
// data: final WGSL, constants, passes with workgroup counts, buffers with sizes, uniform bytes.

import type { Failure, Result } from '../core/result.ts';
import { err, failure, ok } from '../core/result.ts';
import { type KernelVersion, lib } from './catalog.ts';
import { type Layout, layoutOf } from './layout.ts';
import { evaluateIn, readSource, refuse } from './mistake.ts';
import type { Dims, Dtype, Op } from './op.ts';
import { type Binding, packUniform } from './reflect.ts';
import { type ParamValues, specialize } from './specialize.ts';
import { workgroupBytes } from './workgroup.ts';

export interface PreparedBuffer {
  readonly name: string;
  readonly role: 'in' | 'out' | 'inout' | 'scratch';
  readonly layout: Layout;
}

export interface PreparedPass {
  readonly entry: string;
  readonly workgroups: readonly [number, number, number];
}

export interface Prepared {
  /** `matmul/02_shared_tile f32 512×512×512` */
  readonly label: string;
  readonly code: string;
  readonly constants: Readonly<Record<string, number>>;
  readonly params: ParamValues;
  readonly passes: readonly PreparedPass[];
  readonly bindings: readonly Binding[];
  /** Workgroup memory that each workgroup takes. */
  readonly workgroupBytes: number;
  /** One a storage binding. */
  readonly buffers: readonly PreparedBuffer[];
  readonly uniform: ArrayBuffer;
}

/** Params that satisfy every `@require`, or which condition failed. */
export function checkParams(
  version: Pick<KernelVersion, 'require' | 'path'>,
  params: ParamValues,
): Result<true, Failure<'bad-params'>> {
  for (const condition of version.require) {
    if (!evaluateIn(condition, params, '@require')) {
      const values = Object.entries(params).map(([k, v]) => `${k}=${v}`);
      return err(
        failure(
          'bad-params',
          `${version.path}: ${values.join(' ')} breaks "${condition}".`,
          'Choose values that satisfy it.',
        ),
      );
    }
  }
  return ok(true);
}

type PrepareFailure = Failure<'bad-params' | 'grid-too-large' | 'bad-source'>;

/**
 * Prepares `version` of `op`. Refuses params that break a `@require`, grids past 65,535 workgroups a side, and a source that
 * contradicts itself or its op, by its file and line.
 */
export function prepare(
  op: Op,
  version: KernelVersion,
  dims: Dims,
  dtype: Dtype,
  values: ParamValues = {},
): Result<Prepared, PrepareFailure> {
  const read = readSource(version, () => prepared(op, version, dims, dtype, values));
  return read.ok ? read.value : read;
}

/** Throws what readSource catches where the source is wrong. */
function prepared(
  op: Op,
  version: KernelVersion,
  dims: Dims,
  dtype: Dtype,
  values: ParamValues,
): Result<Prepared, PrepareFailure> {
  const { code, constants, params } = specialize(version.source, version, dtype, values, lib, dims);
  const allowed = checkParams(version, params);
  if (!allowed.ok) return allowed;
  const scope = { ...dims, ...params };
  const passes = version.passes.map(({ entry, grid }): PreparedPass => {
    const [x, y, z] = grid.map((text) => Math.max(1, evaluateIn(text, scope, `@pass ${entry}`)));
    refuse(
      x && y && z && [x, y, z].every(Number.isInteger),
      `the grid [${grid.join(', ')}] is not whole at ${JSON.stringify(dims)}`,
      `@pass ${entry}`,
    );
    return { entry, workgroups: [x, y, z] };
  });
  const wide = passes.find((pass) => pass.workgroups.some((n) => n > 65535));
  if (wide) {
    return err(
      failure(
        'grid-too-large',
        `${version.path} would need ${wide.workgroups.join('×')} workgroups.`,
        'WebGPU allows 65,535 a side: choose larger tiles or a smaller shape.',
      ),
    );
  }
  const buffers = version.reflection.bindings
    .filter((b) => b.access !== 'uniform')
    .map(({ name }): PreparedBuffer => {
      const tensor = op.tensors[name];
      if (tensor) return { name, role: tensor.role, layout: layoutOf(tensor, dims, dtype) };
      const scratch = version.scratch.find((s) => s.name === name);
      refuse(scratch, `it binds "${name}", which is neither a tensor of ${op.id} nor a @scratch`, `${name}:`);
      const whole = scratch.shape.every((text) =>
        Number.isInteger(evaluateIn(text, scope, `@scratch ${name}`)),
      );
      refuse(whole, `@scratch ${name} is not whole at ${JSON.stringify(dims)}`, `@scratch ${name}`);
      return { name, role: 'scratch', layout: layoutOf(scratch, scope, dtype) };
    });
  const size = Object.values(dims).join('×');
  return ok({
    label: `${op.id}/${version.id} ${dtype} ${size}`,
    code,
    constants,
    params,
    passes,
    bindings: version.reflection.bindings,
    workgroupBytes: workgroupBytes(code, constants),
    buffers,
    uniform: packUniform(version.reflection, scope),
  });
}
