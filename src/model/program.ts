// The program of a model: its dispatches in order, each a role bound to real buffers. Built once at load; a step
// only chooses kernels and grids a role, then encodes.

import { assert } from '../core/assert.ts';
import { err, ok, type Result } from '../core/result.ts';
import type { Gpu } from '../gpu/device.ts';
import type { CompileFailure, Pipelines } from '../gpu/pipelines.ts';
import type { AllocationFailure, Scope } from '../gpu/scope.ts';
import { bindStage, type Stage } from '../gpu/stage.ts';
import { rotations } from '../kernels/rope.ts';
import { activationBytes, type LayerInputBytes, layerInputBytes } from './buffers.ts';
import type { ModelConfig } from './config.ts';
import type { DispatchName, ModelOptions, RuntimeOptions } from './contract.ts';
import { pageBytes } from './formats.ts';
import { compileRole, type Role } from './kernels.ts';
import type { Numerics } from './numerics.ts';
import { rolesOf } from './roles.ts';
import { ropeFrequencies } from './rope.ts';
import { type StepBuffers, UNIFORM_SLOT, UNIFORM_SLOTS } from './step-buffers.ts';
import { type Cancelled, cancelled, type Stop, unlessStopped } from './stopped.ts';
import { headKey, layerKey } from './tensors.ts';
import type { Weights } from './weights.ts';

/** One dispatch: a role and its buffers, with a stage for each kernel that may serve it. */
export interface Dispatch {
  readonly layer: DispatchName['layer'];
  /** Unique in its layer; most are called as their role. */
  readonly name: string;
  readonly role: Role;
  readonly resources: Readonly<Record<string, GPUBufferBinding>>;
  readonly stages: readonly Stage[];
}

/** The public name of a dispatch when `kernel` serves it. */
export const nameOf = ({ layer, name, role }: Dispatch, kernel = 0): DispatchName => ({
  layer,
  op: role.spec.op,
  version: role.spec.candidates[kernel]?.version ?? '',
  role: name,
});

export interface Program {
  readonly roles: readonly Role[];
  readonly dispatches: readonly Dispatch[];
  /** Reduction ids that pages and logits depend on, in the order of the program. */
  readonly reduction: string;
  readonly logits: GPUBuffer;
  readonly ids: GPUBuffer;
  /** KV pages, one buffer a layer. */
  readonly pages: readonly GPUBuffer[];
}

/** What all models of a runtime share. */
export interface Shared {
  readonly gpu: Gpu;
  readonly pipelines: Pipelines;
  readonly options: RuntimeOptions;
  readonly columns: StepBuffers;
  /** [rows][width] page ids. */
  readonly tables: GPUBuffer;
  /** [slots] sampled ids. */
  readonly sampled: GPUBuffer;
}

export type BuildFailure = CompileFailure | AllocationFailure | Cancelled;

/**
 * Every order of summation that a token's logits pass through. Canonical: one id an op, whatever the batch chooses. One version: one
 * kernel a role, and the ids name it, because there they promise nothing of other versions.
 */
function reductionOf(roles: readonly Role[], numerics: Numerics): string {
  const ids = new Map<string, Set<string>>();
  for (const { spec, kernels } of roles) {
    if (spec.op === 'sample') continue; // what is drawn from logits is not in them
    const seen = ids.get(spec.op) ?? new Set();
    for (const { version: v } of kernels)
      if (v.reduction !== 'none')
        seen.add(numerics === 'one-version' ? `${v.reduction}@${v.id}` : v.reduction);
    ids.set(spec.op, seen);
    assert(
      numerics === 'fast' || seen.size <= 1,
      `${numerics} numerics mix ${[...seen].join(', ')} in ${spec.op}`,
    );
    assert(
      numerics !== 'one-version' || kernels.length === 1,
      `one-version numerics have ${kernels.length} kernels for ${spec.role}`,
    );
  }
  const text = [
    ...new Set([...ids.values()].filter((seen) => seen.size > 0).map((seen) => [...seen].join('|'))),
  ];
  return text.join(' ');
}

/** What a layer's matrix is applied to, by the names under which an op leaves it. */
type LayerInput =
  | { readonly kind: 'f32'; readonly y: GPUBuffer }
  | { readonly kind: 'i8'; readonly q: GPUBuffer; readonly scales: GPUBuffer };

/** The inputs of the layers' matrices; int8 ones share the buffers that were `rounded` into last. */
function layerInputs(
  bytes: LayerInputBytes,
  storage: (label: string, bytes: number) => GPUBuffer,
): { readonly h: LayerInput; readonly gated: LayerInput; readonly rounded?: LayerInput } {
  if (bytes.kind === 'f32') {
    const [h, gated] = [storage('h', bytes.h), storage('gated', bytes.gated)];
    return { h: { kind: 'f32', y: h }, gated: { kind: 'f32', y: gated } };
  }
  const q = storage('int8 inputs', bytes.cells);
  const rounded = { kind: 'i8', q, scales: storage('scales of int8 inputs', bytes.scales) } as const;
  return { h: rounded, gated: rounded, rounded };
}

const made = ({ kind, ...buffers }: LayerInput): Readonly<Record<string, GPUBuffer>> => buffers;

/** Compiles every role and binds every dispatch of a model. Allocates activations and KV pages in `scope`. */
export async function buildProgram(
  shared: Shared,
  scope: Scope,
  config: ModelConfig,
  options: ModelOptions,
  weights: Weights,
  stop: Stop,
): Promise<Result<Program, BuildFailure>> {
  const { gpu, columns } = shared;
  const o = shared.options;
  const specs = rolesOf(config, options, o, weights.parts, headKey(config), {
    adapter: options.kernels === 'auto' ? (gpu.fallback ? 'cpu' : 'gpu') : options.kernels,
    numerics: options.numerics ?? 'canonical',
    subgroups: gpu.device.features.has('subgroups') ? 'present' : 'absent',
    workgroupMemory: gpu.device.limits.maxComputeWorkgroupStorageSize >= 32 * 1024 ? 'large' : 'small',
    packedDot: navigator.gpu.wgslLanguageFeatures.has('packed_4x8_integer_dot_product')
      ? 'present'
      : 'absent',
  });
  assert(
    specs.size <= UNIFORM_SLOTS,
    `${config.name} has ${specs.size} roles; the step columns have ${UNIFORM_SLOTS}`,
  );
  const roles = new Map<string, Role>();
  const compiling = [...specs.values()].map((spec, i) =>
    compileRole(shared.pipelines, spec, i * UNIFORM_SLOT),
  );
  const compiled = await unlessStopped(Promise.all(compiling), stop);
  if (!compiled) return err(cancelled('Loading'));
  for (const role of compiled) {
    if (!role.ok) return role;
    roles.set(role.value.spec.role, role.value);
  }

  const reduction = reductionOf([...roles.values()], options.numerics ?? 'canonical');

  let failed: AllocationFailure | undefined;
  const storage = (label: string, bytes: number): GPUBuffer => {
    const made = scope.storage(label, bytes);
    if (made.ok) return made.value;
    failed ??= made.error;
    return shared.sampled; // never bound: the failure is returned below
  };
  const sizes = activationBytes(config, o);
  const activation = (name: keyof typeof sizes): GPUBuffer => storage(name, sizes[name]);
  const x = activation('x');
  const delta = activation('delta');
  const qkv = activation('qkv');
  const q = activation('q');
  const attended = activation('attended');
  const gateUp = activation('gate_up');
  const normed = activation('normed');
  const logits = activation('logits');
  const ids = activation('ids');
  const partial = activation('partials');
  const noBias = activation('no_bias');
  const turns = activation('rotations');
  const { h, gated, rounded } = layerInputs(layerInputBytes(config, options, o), storage);
  const bytes = o.pages * pageBytes(options.kv, config.kvHeads, config.headDim, o.pageSize);
  const pages = Array.from({ length: config.layers }, (_, i) => storage(`KV pages ${i}`, bytes));
  if (failed) return err(failed);
  gpu.device.queue.writeBuffer(turns, 0, rotations(o.window, ropeFrequencies(config)));

  const dispatches: Dispatch[] = [];
  const add = (
    layer: DispatchName['layer'],
    roleName: string,
    buffers: Readonly<Record<string, GPUBuffer>>,
    name = roleName,
  ): void => {
    const role = roles.get(roleName);
    assert(role, `no role "${roleName}"`);
    const resources: Record<string, GPUBufferBinding> = {
      ...Object.fromEntries(Object.entries(buffers).map(([key, buffer]) => [key, { buffer }])),
      ...Object.fromEntries(
        (['tokens', 'source', 'positions', 'slots', 'pick', 'settings', 'items'] as const)
          .filter((key) => !(key in buffers))
          .map((key) => [key, columns.binding(key)]),
      ),
    };
    const stages = role.kernels.map((kernel) =>
      bindStage(
        gpu.device,
        kernel.compiled,
        resources,
        columns.uniform(role.uniformOffset, role.uniformSize),
      ),
    );
    dispatches.push({ layer, name, role, resources, stages });
  };
  weights.parts('embedding').forEach((part, i) => {
    add('embed', `embed[${i}]`, { sampled: shared.sampled, table: part.cells, scales: part.scales, y: x });
  });
  for (let layer = 0; layer < config.layers; layer++) {
    const key = (name: string): string => layerKey(layer, name);
    const product = (name: string, input: LayerInput, y: GPUBuffer): void => {
      const [part] = weights.parts(key(name));
      assert(part, `${name} has no weights`);
      const { cells: w, scales } = part;
      if (input.kind === 'f32') add(layer, name, { x: input.y, w, scales, y });
      else if (roles.get(name)?.spec.op === 'linear_a8')
        add(layer, name, { x: input.q, x_scales: input.scales, w, y });
      else add(layer, name, { a: input.q, a_scales: input.scales, w, w_scales: scales, c: y });
    };
    if (layer === 0) add(layer, 'norm_first', { x, weight: weights.vector(key('norm')), ...made(h) });
    else add(layer, 'norm', { residual: delta, weight: weights.vector(key('norm')), x, ...made(h) });
    product('qkv', h, qkv);
    const bias = config.qkvBias === 'present' ? weights.vector(key('qkv_bias')) : noBias;
    const pagesOf = pages[layer];
    assert(pagesOf, `layer ${layer} has pages`);
    add(layer, 'rope_kv_append', { qkv, bias, rotations: turns, q, pages: pagesOf });
    add(layer, 'attention', { q, pages: pagesOf, tables: shared.tables, y: attended, partial });
    if (rounded) add(layer, 'quantize_attended', { x: attended, ...made(rounded) });
    product('out', rounded ?? { kind: 'f32', y: attended }, delta);
    const weight = weights.vector(key('norm_mlp'));
    add(layer, 'norm', { residual: delta, weight, x, ...made(h) }, 'norm_mlp');
    product('gate_up', h, gateUp);
    add(layer, 'silu_mul', { x: gateUp, ...made(gated) });
    product('down', gated, delta);
  }
  add('head', 'head_norm', { x, residual: delta, weight: weights.vector('head_norm'), y: normed });
  weights.parts(headKey(config)).forEach((part, i) => {
    add('head', `logits[${i}]`, { x: normed, w: part.cells, scales: part.scales, y: logits });
  });
  add('head', 'sample', { logits, sampled: shared.sampled, ids });
  return ok({ roles: [...roles.values()], dispatches, reduction, logits, ids, pages });
}
