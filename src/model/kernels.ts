// A role is one place in the model's program (the QKV projection, attention …): its op, the versions that may
// serve it, and how a step's sizes choose one, its dims and its grids. All layers share a role's kernels and its
// slot of the uniform buffer; only the buffers bound differ.

import { assert, at } from '../core/assert.ts';
import { err, ok, type Result } from '../core/result.ts';
import { type Compiled, compile } from '../gpu/dispatch.ts';
import type { CompileFailure, Pipelines } from '../gpu/pipelines.ts';
import type { Grid } from '../gpu/stage.ts';
import { catalog, findVersion, type KernelVersion } from '../kernels/catalog.ts';
import { evaluate } from '../kernels/expr.ts';
import type { Dims } from '../kernels/op.ts';
import { prepare } from '../kernels/prepare.ts';
import type { ParamValues } from '../kernels/specialize.ts';

/** What a step's kernels are chosen and sized by. */
export interface StepSizes {
  readonly t: number;
  readonly logits: number;
  readonly items: number;
  readonly itemTokens: number;
  /** Most keys that any token attends to. */
  readonly longest: number;
}

/** One kernel version that may serve a role, with its tunables and the dims that fix its constants. */
export interface Candidate {
  readonly version: string;
  readonly params?: ParamValues;
  readonly dims?: Dims;
}

export interface RoleSpec {
  readonly role: string;
  readonly op: string;
  readonly candidates: readonly Candidate[];
  /** Index into `candidates`. */
  choose(sizes: StepSizes): number;
  dims(sizes: StepSizes): Dims;
  /** Sizes at which everything is largest, for what must be known at load. */
  readonly largest: StepSizes;
  /** Whether the role runs in this step at all. */
  readonly runs?: (sizes: StepSizes) => boolean;
}

/** Which kernel each role runs in a step of these sizes; null where a role does not run. */
export const chooseKernels = (specs: Iterable<RoleSpec>, sizes: StepSizes): readonly (number | null)[] =>
  Array.from(specs, (spec) => ((spec.runs?.(sizes) ?? true) ? spec.choose(sizes) : null));

export interface RoleKernel {
  readonly version: KernelVersion;
  readonly compiled: Compiled;
  readonly fixed: Dims;
}

/** A role with its kernels compiled. */
export interface Role {
  readonly spec: RoleSpec;
  readonly kernels: readonly RoleKernel[];
  /** Byte offset of its uniform struct. */
  readonly uniformOffset: number;
  readonly uniformSize: number;
}

/** Compiles a role's kernels, all at once: browsers compile in threads of their own. */
export async function compileRole(
  pipelines: Pipelines,
  spec: RoleSpec,
  uniformOffset: number,
): Promise<Result<Role, CompileFailure>> {
  const op = catalog.get(spec.op)?.op;
  assert(op, `no op "${spec.op}"`);
  const compiling = spec.candidates.map(async (candidate): Promise<Result<RoleKernel, CompileFailure>> => {
    const version = findVersion(spec.op, candidate.version);
    assert(version, `no kernel ${spec.op}/${candidate.version}`);
    const fixed = candidate.dims ?? {};
    const prepared = prepare(op, version, { ...spec.dims(spec.largest), ...fixed }, 'f32', candidate.params);
    assert(prepared.ok, prepared.ok ? '' : prepared.error.message);
    const compiled = await compile(pipelines, prepared.value);
    return compiled.ok ? ok({ version, compiled: compiled.value, fixed }) : err(compiled.error);
  });
  const kernels: RoleKernel[] = [];
  for (const made of await Promise.all(compiling)) {
    if (!made.ok) return made;
    kernels.push(made.value);
  }
  const uniformSize = Math.max(16, ...kernels.map((k) => k.version.reflection.uniformSize));
  return ok({ spec, kernels, uniformOffset, uniformSize });
}

export interface RolePlan {
  readonly kernel: number;
  readonly grids: readonly Grid[];
  /** Dims and parameters, as the grids and the uniform struct were filled from. */
  readonly scope: Dims;
}

/** Workgroups of each pass of a version, as its header says. */
export const gridsOf = ({ passes }: KernelVersion, scope: Dims): readonly Grid[] =>
  passes.map(({ grid }): Grid => {
    const [x, y, z] = grid.map((text) => Math.max(1, evaluate(text, scope)));
    return [x ?? 1, y ?? 1, z ?? 1];
  });

/** Chooses a role's kernel for this step, works out its grids and writes its uniform struct into `uniforms`. */
export function planRole(role: Role, sizes: StepSizes, uniforms: DataView): RolePlan {
  const { spec, kernels, uniformOffset } = role;
  const index = spec.choose(sizes);
  const { version, compiled, fixed } = at(kernels, index, spec.role);
  const scope: Dims = { ...spec.dims(sizes), ...fixed, ...compiled.prepared.params };
  for (const { name, type, offset } of version.reflection.uniform) {
    const value = scope[name];
    assert(value !== undefined, `${version.path}: uniform field ${name} has no value`);
    if (type === 'f32') uniforms.setFloat32(uniformOffset + offset, value, true);
    else uniforms.setUint32(uniformOffset + offset, value, true);
  }
  return { kernel: index, grids: gridsOf(version, scope), scope };
}
