// How the logical cells of a tensor lie in a buffer: row pitch, f16, packed int8. Both directions.

import { assert, at } from '../core/assert.ts';
import { Float16Array } from '../core/float16.ts';
import { evaluate, type Scope } from './expr.ts';
import type { CellType, Dtype, TensorSpec } from './op.ts';

export type StoredCells = Exclude<CellType, 'Elem'>;

export interface Layout {
  readonly cells: StoredCells;
  readonly shape: readonly number[];
  /** Product of all extents but the last, and the last. */
  readonly rows: number;
  readonly columns: number;
  /** Cells from one row's start to the next. */
  readonly pitch: number;
  /** Size of the buffer, at least 16 (WebGPU binds no empty buffers), a multiple of 16. */
  readonly bytes: number;
}

/** Bytes of one cell. */
export const cellBytes: Readonly<Record<StoredCells, number>> = { f32: 4, f16: 2, i32: 4, u32: 4, i8: 1 };

export const storedCells = (cells: CellType, dtype: Dtype): StoredCells => (cells === 'Elem' ? dtype : cells);

/** The layout of a tensor at given dims. Throws when an extent is no whole number. */
export function layoutOf(
  spec: Pick<TensorSpec, 'cells' | 'shape' | 'rows'>,
  dims: Scope,
  dtype: Dtype,
): Layout {
  const shape = spec.shape.map((text) => {
    const extent = evaluate(text, dims);
    assert(Number.isInteger(extent) && extent >= 0, `extent "${text}" is ${extent}`);
    return extent;
  });
  const cells = storedCells(spec.cells, dtype);
  const columns = shape.at(-1) ?? 1;
  const rows = shape.slice(0, -1).reduce((a, b) => a * b, 1);
  const unit = cells === 'i8' ? 16 : spec.rows === 'vec4' ? 4 : 1;
  const pitch = Math.ceil(columns / unit) * unit;
  return {
    cells,
    shape,
    rows,
    columns,
    pitch,
    bytes: Math.max(16, Math.ceil((rows * pitch * cellBytes[cells]) / 16) * 16),
  };
}

type Store = Float32Array | InstanceType<typeof Float16Array> | Int32Array | Uint32Array | Int8Array;

function viewOf(cells: StoredCells, buffer: ArrayBuffer): Store {
  switch (cells) {
    case 'f32':
      return new Float32Array(buffer);
    case 'f16':
      return new Float16Array(buffer);
    case 'i32':
      return new Int32Array(buffer);
    case 'u32':
      return new Uint32Array(buffer);
    case 'i8':
      return new Int8Array(buffer);
  }
}

/** Cells into a buffer of `layout.bytes`, gaps zeroed. */
export function pack(layout: Layout, values: ArrayLike<number>): ArrayBuffer {
  assert(
    values.length === layout.rows * layout.columns,
    `${values.length} values for a tensor of [${layout.shape.join(', ')}]`,
  );
  const buffer = new ArrayBuffer(layout.bytes);
  const store = viewOf(layout.cells, buffer);
  for (let row = 0; row < layout.rows; row++) {
    for (let column = 0; column < layout.columns; column++) {
      store[row * layout.pitch + column] = at(values, row * layout.columns + column);
    }
  }
  return buffer;
}

/** Cells out of a buffer; `rows` picks rows of the flattened tensor. */
export function unpack(layout: Layout, buffer: ArrayBuffer, rows?: readonly number[]): Float64Array {
  const store = viewOf(layout.cells, buffer);
  const picked = rows ?? Array.from({ length: layout.rows }, (_, i) => i);
  const out = new Float64Array(picked.length * layout.columns);
  picked.forEach((row, i) => {
    const start = row * layout.pitch;
    for (let column = 0; column < layout.columns; column++)
      out[i * layout.columns + column] = at(store, start + column);
  });
  return out;
}

/**
 * As unpack, picking slices of the first dimension: rows of a matrix, cells of a vector, matrices of a stack.
 * It is what `Op.reference` means by rows.
 */
export function unpackFirst(layout: Layout, buffer: ArrayBuffer, picked: readonly number[]): Float64Array {
  if (layout.shape.length === 1) {
    const store = viewOf(layout.cells, buffer);
    return Float64Array.from(picked, (i) => at(store, i));
  }
  const each = layout.rows / (layout.shape[0] ?? 1);
  const rows = picked.flatMap((i) => Array.from({ length: each }, (_, j) => i * each + j));
  return unpack(layout, buffer, rows);
}

/** `values` rounded to what `cells` can hold, as doubles. Integers must already be in range. */
export function roundTo(cells: StoredCells, values: Float64Array): Float64Array {
  if (cells === 'f32') return Float64Array.from(values, Math.fround);
  if (cells === 'f16') return Float64Array.from(new Float16Array(values));
  return values;
}
