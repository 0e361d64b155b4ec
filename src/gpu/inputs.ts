// The inputs that all versions of a shape share, on the device, and the reference rows they are checked against.

import { assert } from '../core/assert.ts';
import type { Result } from '../core/result.ts';
import { ok } from '../core/result.ts';
import { evaluate } from '../kernels/expr.ts';
import { type Layout, layoutOf, pack } from '../kernels/layout.ts';
import type { Dims, Dtype, Expected, Op, Values } from '../kernels/op.ts';
import { movedOf } from '../kernels/traffic.ts';
import type { Gpu } from './device.ts';
import { type AllocationFailure, Scope } from './scope.ts';

/** Multiply-adds that a reference may cost: about half a second of JavaScript. */
const referenceBudget = 2.5e8;

export interface InputSet {
  readonly op: Op;
  readonly dims: Dims;
  readonly dtype: Dtype;
  readonly scope: Scope;
  /**
   * Copy 0 is what everything is checked with; the others exist to leave the caches cold. What a kernel changes in place it changes in
   * those copies too, run after run: they are never checked.
   */
  readonly ring: readonly Readonly<Record<string, GPUBuffer>>[];
  /** Slices of the outputs' first dimension that are compared; all where outputs differ in it. */
  readonly rows: readonly number[] | 'all';
  readonly expected: Readonly<Record<string, Expected>>;
  readonly ideal: Values;
}

/** Cells of an output that are compared at most: some tenths of a second. */
const comparedCells = 2 ** 23;

/** Rows spread over the whole output of `cells`, one from each stretch, the first and the last included. */
export function spotRows(op: Op, dims: Dims, extent: number, cells: number): number[] {
  const share = Math.min(
    referenceBudget / Math.max(1, evaluate(op.flops, dims) / 2),
    comparedCells / Math.max(1, cells),
  );
  const count = Math.min(extent, Math.max(4, Math.floor(extent * share)));
  if (count >= extent) return Array.from({ length: extent }, (_, i) => i);
  const stretch = extent / count;
  const rows = Array.from({ length: count }, (_, i) =>
    i === count - 1 ? extent - 1 : Math.floor(i * stretch + (i === 0 ? 0 : (stretch * ((i * 7) % 10)) / 10)),
  );
  return [...new Set(rows)]; // stretches of little more than a row may pick one twice
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
    const made =
      data.length < layout.rows * layout.columns
        ? uploadPeriod(scope, name, layout, data)
        : scope.upload(name, pack(layout, data));
    if (!made.ok) {
      scope.dispose();
      return made;
    }
    buffers[name] = made.value;
  }
  const outputs = Object.values(op.tensors)
    .filter((t) => t.role !== 'in')
    .map((t) => layoutOf(t, dims, dtype));
  const [extent = 0, ...others] = new Set(outputs.map(({ shape }) => shape[0] ?? 1));
  const cells = outputs.reduce((most, { rows, columns }) => Math.max(most, rows * columns), 0);
  const picked = others.length > 0 ? undefined : spotRows(op, dims, extent, cells);
  const rows = picked ?? 'all';
  const expected = op.reference(values, dims, picked);
  const ideal =
    op.ideal?.(values, dims, picked) ??
    Object.fromEntries(Object.entries(expected).map(([name, e]) => [name, e.value]));
  return ok({ op, dims, dtype, scope, ring: [buffers], rows, expected, ideal });
}

/** A tensor that repeats `data` (Op.period), copied on the device. */
function uploadPeriod(
  scope: Scope,
  name: string,
  layout: Layout,
  data: Float64Array,
): Result<GPUBuffer, AllocationFailure> {
  assert(layout.pitch === layout.columns && data.length > 0, `${name}: a period of cells without gaps`);
  const shape = [data.length];
  const once = pack(
    { ...layout, shape, rows: 1, columns: data.length, pitch: data.length, bytes: 4 * data.length },
    data,
  );
  assert(layout.cells === 'u32' || layout.cells === 'f32', `${name}: a period of words`);
  const period = scope.upload(`${name} (one period)`, once);
  if (!period.ok) return period;
  const whole = scope.storage(name, layout.bytes);
  if (whole.ok) {
    const { device } = scope.gpu;
    const encoder = device.createCommandEncoder({ label: 'period' });
    for (let from = 0; from < layout.bytes; from += once.byteLength)
      encoder.copyBufferToBuffer(
        period.value,
        0,
        whole.value,
        from,
        Math.min(once.byteLength, layout.bytes - from),
      );
    device.queue.submit([encoder.finish()]);
  }
  scope.free(period.value);
  return whole;
}

/** Bytes that one round of the ring reads: what a cache would have to hold. */
export function ringBytes({
  ring,
  op,
  dims,
  dtype,
}: Pick<InputSet, 'ring' | 'op' | 'dims' | 'dtype'>): number {
  const each = Object.values(movedOf(op, dims, dtype)).reduce((sum, { reads }) => sum + reads, 0);
  return ring.length * each;
}

const mostCopies = 256;
/** Bytes of all copies: memory may be shared with all else, and swaps long before an allocation fails. */
const mostHeld = 2 ** 31;

/**
 * The same inputs with copies added on the device until one round of the ring reads `enough` bytes. What a kernel finds there is in
 * no cache any more. Gives the set as it was where less than `least` would be read, or where the device has no memory left: a ring
 * of buffers that were never made would be read in no time.
 */
export async function growRing(
  set: InputSet,
  { enough, least }: { readonly enough: number; readonly least: number },
): Promise<InputSet> {
  const [first = {}] = set.ring;
  const { device, cap, memory } = set.scope.gpu;
  const once = ringBytes({ ...set, ring: [first] });
  const held = Object.values(first).reduce((sum, { size }) => sum + size, 0);
  const copies = Math.min(
    mostCopies,
    Math.ceil(enough / Math.max(1, once)),
    Math.max(1, Math.floor(mostHeld / Math.max(1, held))),
    1 + Math.floor((cap - memory.live) / Math.max(1, held)),
  );
  if (copies * once < least) return set;
  const ring = [...set.ring];
  device.pushErrorScope('validation');
  device.pushErrorScope('out-of-memory');
  const encoder = device.createCommandEncoder({ label: 'ring' });
  while (ring.length < copies) {
    const copy = copyOf(set.scope, first, `copy ${ring.length}`, encoder);
    if (!copy) break;
    ring.push(copy);
  }
  device.queue.submit([encoder.finish()]);
  const [exhausted, invalid] = await Promise.all([device.popErrorScope(), device.popErrorScope()]);
  const grown = { ...set, ring };
  if (!exhausted && !invalid && ringBytes(grown) >= least) return grown;
  for (const copy of ring.slice(set.ring.length)) freeAll(set.scope, copy);
  return set;
}

/** A copy of all buffers, or none. */
function copyOf(
  scope: Scope,
  from: Readonly<Record<string, GPUBuffer>>,
  label: string,
  encoder: GPUCommandEncoder,
): Record<string, GPUBuffer> | undefined {
  const copy: Record<string, GPUBuffer> = {};
  for (const [name, buffer] of Object.entries(from)) {
    const made = scope.storage(`${name} (${label})`, buffer.size);
    if (!made.ok) {
      freeAll(scope, copy);
      return undefined;
    }
    copy[name] = made.value;
  }
  for (const [name, buffer] of Object.entries(from)) {
    const to = copy[name];
    if (to) encoder.copyBufferToBuffer(buffer, 0, to, 0, buffer.size);
  }
  return copy;
}

function freeAll(scope: Scope, buffers: Readonly<Record<string, GPUBuffer>>): void {
  for (const buffer of Object.values(buffers)) scope.free(buffer);
}
