// What is timed: one version at one shape with its inputs on the device. An InputSet holds the inputs that all
// versions of a shape share, and the reference rows they are checked against; a Subject binds a version to them.

import { assert } from '../core/assert.ts';
import type { Result } from '../core/result.ts';
import { err, failure, ok } from '../core/result.ts';
import type { KernelVersion } from '../kernels/catalog.ts';
import { evaluate } from '../kernels/expr.ts';
import { type Layout, layoutOf, pack, unpack, unpackFirst } from '../kernels/layout.ts';
import type { Dims, Dtype, Expected, Op, Values } from '../kernels/op.ts';
import { type Prepared, prepare } from '../kernels/prepare.ts';
import type { ParamValues } from '../kernels/specialize.ts';
import { relativeRms, verify } from '../kernels/verify.ts';
import type { Gpu } from './device.ts';
import { type Bindable, bind, compile, type RunFailure, readBack } from './dispatch.ts';
import type { Pipelines } from './pipelines.ts';
import { type AllocationFailure, Scope } from './scope.ts';
import type { Run } from './timing.ts';

/** Multiply-adds that a reference may cost: about half a second of JavaScript. */
const referenceBudget = 2.5e8;

export interface InputSet {
  readonly op: Op;
  readonly dims: Dims;
  readonly dtype: Dtype;
  readonly scope: Scope;
  /** Copy 0 is what everything is checked with; the others exist to leave the caches cold. */
  readonly ring: readonly Readonly<Record<string, GPUBuffer>>[];
  /** Slices of the outputs' first dimension that are compared; all where outputs differ in it. */
  readonly rows: readonly number[] | 'all';
  readonly expected: Readonly<Record<string, Expected>>;
  readonly ideal: Values;
}

/** Rows spread over the whole output, one from each stretch, the first and the last included. */
function spotRows(op: Op, dims: Dims, extent: number): number[] {
  const flops = Math.max(1, evaluate(op.flops, dims));
  const count = Math.min(
    extent,
    Math.max(4, Math.floor(referenceBudget / (flops / 2 / Math.max(1, extent)))),
  );
  if (count >= extent) return Array.from({ length: extent }, (_, i) => i);
  const stretch = extent / count;
  return Array.from({ length: count }, (_, i) =>
    i === count - 1
      ? extent - 1
      : Math.min(extent - 1, Math.floor(i * stretch + (i === 0 ? 0 : (stretch * ((i * 7) % 10)) / 10))),
  );
}

/** Makes seeded inputs, uploads them and computes the reference rows. `values` overrides generated inputs. */
export function makeInputs(gpu: Gpu, op: Op, dims: Dims, dtype: Dtype): Result<InputSet, AllocationFailure> {
  const scope = new Scope(gpu, `${op.id} inputs`);
  const values = op.inputs(dims, 'normal', dtype, 42);
  const buffers: Record<string, GPUBuffer> = {};
  for (const [name, spec] of Object.entries(op.tensors)) {
    if (spec.role === 'out') continue;
    const layout = layoutOf(spec, dims, dtype);
    const data = values[name];
    assert(data, `${op.id}: inputs() made no "${name}"`);
    const made = scope.upload(name, pack(layout, data));
    if (!made.ok) {
      scope.dispose();
      return made;
    }
    buffers[name] = made.value;
  }
  const output = Object.values(op.tensors).find((t) => t.role !== 'in');
  const extent = output ? (layoutOf(output, dims, dtype).shape[0] ?? 1) : 0;
  const extents = Object.values(op.tensors).flatMap((t) =>
    t.role === 'in' ? [] : [layoutOf(t, dims, dtype).shape[0] ?? 1],
  );
  const picked = new Set(extents).size > 1 ? undefined : spotRows(op, dims, extent);
  const rows = picked ?? 'all';
  const expected = op.reference(values, dims, picked);
  const ideal =
    op.ideal?.(values, dims, picked) ??
    Object.fromEntries(Object.entries(expected).map(([name, e]) => [name, e.value]));
  return ok({ op, dims, dtype, scope, ring: [buffers], rows, expected, ideal });
}

/** Bytes of all copies of the inputs. */
export const ringBytes = ({ ring }: Pick<InputSet, 'ring'>): number =>
  ring.reduce((sum, copy) => sum + Object.values(copy).reduce((bytes, { size }) => bytes + size, 0), 0);

/**
 * The same inputs with copies added on the device until one round of the ring passes `bytes`; as many as fit. Kernels that
 * read each input once then find none of it in a cache. Gives the set as it was where the device has no memory left: a ring of
 * buffers that were never made would be read in no time.
 */
export async function growRing(set: InputSet, bytes: number): Promise<InputSet> {
  const [first = {}] = set.ring;
  const { device } = set.scope.gpu;
  const each = ringBytes({ ring: [first] });
  const ring = [...set.ring];
  device.pushErrorScope('validation');
  device.pushErrorScope('out-of-memory');
  const encoder = device.createCommandEncoder({ label: 'ring' });
  grow: while (ring.length * each < bytes && ring.length < 256) {
    const copy: Record<string, GPUBuffer> = {};
    for (const [name, buffer] of Object.entries(first)) {
      const made = set.scope.storage(`${name} (copy ${ring.length})`, buffer.size);
      if (!made.ok) break grow;
      encoder.copyBufferToBuffer(buffer, 0, made.value, 0, buffer.size);
      copy[name] = made.value;
    }
    ring.push(copy);
  }
  device.queue.submit([encoder.finish()]);
  const [exhausted, invalid] = await Promise.all([device.popErrorScope(), device.popErrorScope()]);
  if (!exhausted && !invalid) return { ...set, ring };
  for (const copy of ring.slice(set.ring.length))
    for (const buffer of Object.values(copy)) set.scope.free(buffer);
  return set;
}

export interface Check {
  readonly verified: boolean;
  readonly maxError: number;
  readonly accuracy: number;
  /** The first cell that is wrong, as a sentence; empty when none is. */
  readonly why: string;
}

export interface Subject {
  readonly version: KernelVersion;
  readonly prepared: Prepared;
  readonly params: ParamValues;
  /** Dispatches of one run. */
  readonly dispatches: number;
  /**
   * Runs by input copy; cut into parts of about `chunk` slices of the split dim when given (more where a binding could not start
   * there otherwise).
   */
  runs(ring: InputSet['ring'], chunk?: number): Promise<Result<readonly Run[], RunFailure>>;
  /** Calls `body` with the first `rows` slices of a run, which end with it. */
  first<T>(rows: number, body: (run: Run) => Promise<T>): Promise<Result<T, RunFailure>>;
  /** Changes a tensor in place: only the first run after `clear` gives what the reference gives. */
  readonly inPlace: boolean;
  /** Zeroes the outputs, so that a pipeline that does nothing cannot pass; gives in-place tensors their input again. */
  clear(): void;
  /** Compares what stands in the outputs now with the reference rows. */
  check(): Promise<Check>;
  dispose(): void;
}

/** Compiles `version` for the set's shape and gives it outputs of its own. */
export async function makeSubject(
  gpu: Gpu,
  pipelines: Pipelines,
  set: InputSet,
  version: KernelVersion,
  values: ParamValues,
): Promise<Result<Subject, RunFailure>> {
  const { op, dims, dtype } = set;
  const prepared = prepare(op, version, dims, dtype, values);
  if (!prepared.ok) return err(failure('validation', prepared.error.message, prepared.error.hint));
  const compiled = await compile(pipelines, prepared.value);
  if (!compiled.ok) return compiled;
  const scope = new Scope(gpu, prepared.value.label);
  const own: Record<string, GPUBuffer> = {};
  const layouts: Record<string, Layout> = {};
  for (const { name, role, layout } of prepared.value.buffers) {
    layouts[name] = layout;
    if (role === 'in') continue;
    const made = scope.storage(name, layout.bytes);
    if (!made.ok) {
      scope.dispose();
      return made;
    }
    own[name] = made.value;
  }

  const total = op.split ? (dims[op.split] ?? 0) : 0;
  /** Bytes of a slice of each tensor that has the split dim; it has it first, so a part of it is a range of its bytes. */
  const slices = new Map(
    Object.entries(layouts).flatMap(([name, layout]) =>
      total > 0 && op.tensors[name]?.shape[0] === op.split ? [[name, layoutBytes(layout) / total]] : [],
    ),
  );
  const granule = sliceGranule([...slices.values()], gpu.device.limits.minStorageBufferOffsetAlignment);

  /** One dispatch list: the whole run, or `length` slices of the split dim from `start`; its uniforms belong to `owner`. */
  const part = async (
    owner: Scope,
    inputs: Readonly<Record<string, GPUBuffer>>,
    slice: { readonly start: number; readonly length: number },
  ): Promise<Result<Run[number], RunFailure>> => {
    const cut = op.split && slice.length < total ? { ...slice, dim: op.split } : undefined;
    const at = cut ? prepare(op, version, { ...dims, [cut.dim]: cut.length }, dtype, values) : prepared;
    if (!at.ok) return err(failure('validation', at.error.message, at.error.hint));
    const pipeline = cut ? await compile(pipelines, at.value) : compiled;
    if (!pipeline.ok) return pipeline;
    const uniform = owner.uniform('uniform', at.value.uniform);
    if (!uniform.ok) return uniform;
    const bindings: Record<string, Bindable> = {};
    for (const { name } of at.value.buffers) {
      const buffer = own[name] ?? inputs[name];
      assert(buffer, `${at.value.label}: no buffer "${name}"`);
      const each = slices.get(name);
      bindings[name] =
        cut && each ? { buffer, offset: cut.start * each, size: Math.max(16, cut.length * each) } : buffer;
    }
    return ok(bind(gpu.device, pipeline.value, bindings, uniform.value));
  };

  return ok({
    version,
    prepared: prepared.value,
    params: prepared.value.params,
    dispatches: prepared.value.passes.length,
    inPlace: prepared.value.buffers.some(({ role }) => role === 'inout'),
    async runs(ring, chunk) {
      const step = chunk ? Math.min(Math.ceil(chunk / granule) * granule, total) || 1 : Math.max(total, 1);
      const made: Run[] = [];
      for (const inputs of ring) {
        const parts: Run[number][] = [];
        for (let start = 0; start < Math.max(total, 1); start += step) {
          const bound = await part(scope, inputs, { start, length: Math.min(step, total - start) });
          if (!bound.ok) return bound;
          parts.push(bound.value);
        }
        made.push(parts);
      }
      return ok(made);
    },
    first: (rows, body) =>
      Scope.with(gpu, prepared.value.label, async (owner) => {
        const [inputs = {}] = set.ring;
        const bound = await part(owner, inputs, { start: 0, length: Math.min(rows, total) });
        return bound.ok ? ok(await body([bound.value])) : bound;
      }),
    clear() {
      const encoder = gpu.device.createCommandEncoder({ label: 'clear' });
      for (const { name, role } of prepared.value.buffers) {
        const buffer = own[name];
        const given = set.ring[0]?.[name];
        if (buffer && role === 'out') encoder.clearBuffer(buffer);
        if (buffer && given && role === 'inout')
          encoder.copyBufferToBuffer(given, 0, buffer, 0, Math.min(given.size, buffer.size));
      }
      gpu.device.queue.submit([encoder.finish()]);
    },
    async check() {
      const tolerance = op.tolerance(dims, dtype);
      let maxError = 0;
      let accuracy = 0;
      let why = '';
      for (const [name, want] of Object.entries(set.expected)) {
        const layout = layouts[name];
        const buffer = own[name];
        assert(layout && buffer, `${op.id}: no output "${name}"`);
        const bytes = await readBack(gpu, buffer, layout.bytes);
        const got = set.rows === 'all' ? unpack(layout, bytes) : unpackFirst(layout, bytes, set.rows);
        const verdict = verify(got, want, tolerance);
        maxError = Math.max(maxError, verdict.maxError);
        const untouched =
          op.tensors[name]?.role !== 'out' || want.value.includes(0) ? 0 : unwritten(layout, bytes);
        if (untouched > 0 && !why)
          why = `failed verification: ${name}: ${untouched} of ${layout.rows * layout.columns} cells were not written`;
        const ideal = set.ideal[name];
        if (ideal) accuracy = Math.max(accuracy, relativeRms(got, ideal));
        if (!verdict.verified && !why) {
          why = `failed verification: ${name}: ${verdict.failed} of ${verdict.cells} cells, worst ${verdict.worst?.got} for ${verdict.worst?.want}`;
        }
      }
      return { verified: why === '', maxError, accuracy, why };
    },
    dispose: () => scope.dispose(),
  });
}

/**
 * f32 cells that are zero as `clear` left them: a tile that was never written is seen also between the rows that are compared.
 * Four neighbours at least, because a sum of products of integers is now and then zero; asked only where no expected cell is.
 */
export function unwritten(layout: Layout, buffer: ArrayBuffer): number {
  if (layout.cells !== 'f32') return 0;
  const words = new Uint32Array(buffer);
  const pitch = layout.shape.length === 1 ? layout.columns : layout.pitch;
  let count = 0;
  for (let row = 0; row < layout.rows; row++) {
    const start = row * pitch;
    let run = 0;
    for (let i = start; i <= start + layout.columns; i++) {
      if (i < start + layout.columns && words[i] === 0) run++;
      else {
        if (run >= 4) count += run;
        run = 0;
      }
    }
  }
  return count;
}

/** Slices that parts must be a multiple of, so that the ranges of all tensors, of so many bytes a slice, start where a binding may. */
export function sliceGranule(bytesASlice: readonly number[], alignment: number): number {
  const common = (a: number, b: number): number => (b === 0 ? a : common(b, a % b));
  return bytesASlice.reduce((most, bytes) => {
    assert(Number.isInteger(bytes), `a slice of ${bytes} bytes`);
    const own = alignment / common(alignment, bytes);
    return (most * own) / common(most, own);
  }, 1);
}

/** Bytes of all rows without the rounding of the buffer's end. */
function layoutBytes(layout: Layout): number {
  const size = { f32: 4, f16: 2, i32: 4, u32: 4, i8: 1 }[layout.cells];
  return layout.shape.length === 1 ? (layout.shape[0] ?? 0) * size : layout.rows * layout.pitch * size;
}
