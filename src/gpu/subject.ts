// What is timed: one version at one shape, bound to the inputs that all versions of the shape share (inputs.ts).

import { assert } from '../core/assert.ts';
import type { Result } from '../core/result.ts';
import { err, failure, ok } from '../core/result.ts';
import type { KernelVersion } from '../kernels/catalog.ts';
import { cellBytes, type Layout, unpack, unpackFirst } from '../kernels/layout.ts';
import { type Prepared, prepare } from '../kernels/prepare.ts';
import type { ParamValues } from '../kernels/specialize.ts';
import { relativeRms, verify } from '../kernels/verify.ts';
import type { Gpu } from './device.ts';
import { type Bindable, bind, compile, type RunFailure, readBack } from './dispatch.ts';
import type { InputSet } from './inputs.ts';
import type { Pipelines } from './pipelines.ts';
import { Scope } from './scope.ts';
import type { Run } from './timing.ts';

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
    for (const { name, role } of at.value.buffers) {
      // for copy 0, in-place tensors use our scratch copy; for cold copies, the copy's own buffer
      const apart = role === 'inout' && inputs !== set.ring[0];
      const buffer = apart ? inputs[name] : (own[name] ?? inputs[name]);
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
        const asked = op.tensors[name]?.role === 'out' && layout.cells === 'f32' && !want.value.includes(0);
        // where unwritten cells are not looked for, the rows that are compared are enough
        const some =
          !asked && set.rows !== 'all' ? await readSlices(gpu, buffer, layout, set.rows) : undefined;
        const bytes = some ? new ArrayBuffer(0) : await readBack(gpu, buffer, layout.bytes);
        const got =
          some ?? (set.rows === 'all' ? unpack(layout, bytes) : unpackFirst(layout, bytes, set.rows));
        const verdict = verify(got, want, tolerance);
        maxError = Math.max(maxError, verdict.maxError);
        const untouched = asked ? unwritten(layout, bytes) : 0;
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

/** Slices of the first dimension, read back alone; undefined where they do not begin at a word. */
async function readSlices(
  gpu: Gpu,
  buffer: GPUBuffer,
  layout: Layout,
  picked: readonly number[],
): Promise<Float64Array | undefined> {
  const extent = layout.shape[0] ?? 1;
  const each = layoutBytes(layout) / extent;
  if (layout.shape.length === 1 || each % 4 !== 0) return undefined;
  return Scope.with(gpu, 'slices', async (scope) => {
    const gathered = scope.storage('gathered', picked.length * each);
    if (!gathered.ok) return undefined;
    const encoder = gpu.device.createCommandEncoder({ label: 'slices' });
    picked.forEach((slice, i) => {
      encoder.copyBufferToBuffer(buffer, slice * each, gathered.value, i * each, each);
    });
    gpu.device.queue.submit([encoder.finish()]);
    const rows = (layout.rows / extent) * picked.length;
    return unpack({ ...layout, rows }, await readBack(gpu, gathered.value));
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
  const size = cellBytes[layout.cells];
  return layout.shape.length === 1 ? (layout.shape[0] ?? 0) * size : layout.rows * layout.pitch * size;
}
