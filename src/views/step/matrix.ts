// A memory as a matrix: which cell lies at which byte, and what its bits say. Tensors get the shape of their
// op's contract; any other variable gets one from its WGSL type. Pure; the drawing is memory-grid.tsx.

import { unreachable } from '../../core/assert.ts';
import { Float16Array } from '../../core/float16.ts';
import type { Layout } from '../../kernels/layout.ts';
import type { ScalarName, TypeInfo } from '../../stepper/api.ts';
import { figure } from '../format.ts';

/** How the bits of a cell are read. */
export const readings = ['f32', 'f16', 'i32', 'u32', 'i8', 'u8'] as const;
export type Reading = (typeof readings)[number];

export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly reading: Reading;
  /** Bytes of a cell. */
  readonly cellBytes: number;
  /** Byte of the memory at which the matrix begins. */
  readonly offset: number;
  /** Bytes from one row to the next, gaps included. */
  readonly rowBytes: number;
  /** In words, for the head of the panel: `[32, 32] f32`. */
  readonly shape: string;
}

const bytesOf: Readonly<Record<Reading, number>> = { f32: 4, f16: 2, i32: 4, u32: 4, i8: 1, u8: 1 };
const readingOf = (scalar: ScalarName): Reading => (scalar === 'bool' ? 'u32' : scalar);

/** A tensor as its contract lays it out. */
export const tensorMatrix = (layout: Layout): Matrix => {
  const cellBytes = bytesOf[layout.cells];
  const flat = layout.rows === 1 && layout.columns > 64;
  const columns = flat ? 32 : layout.columns;
  return {
    rows: flat ? Math.ceil(layout.columns / columns) : layout.rows,
    columns,
    reading: layout.cells,
    cellBytes,
    offset: 0,
    rowBytes: flat ? columns * cellBytes : layout.pitch * cellBytes,
    shape: `[${layout.shape.join(', ')}] ${layout.cells}`,
  };
};

interface Leaves {
  readonly scalar: ScalarName;
  /** Scalars of one element, without gaps. */
  readonly count: number;
  readonly bytes: number;
}

/** The scalars of a type that has only one kind of them; structs count as words. */
function leavesOf(type: TypeInfo): Leaves {
  switch (type.kind) {
    case 'scalar':
    case 'atomic':
      return { scalar: type.scalar, count: 1, bytes: bytesOf[readingOf(type.scalar)] };
    case 'vector':
      return { scalar: type.scalar, count: type.size, bytes: type.size * bytesOf[readingOf(type.scalar)] };
    case 'matrix':
      // a column of three takes the room of four
      return {
        scalar: type.scalar,
        count: type.columns * (type.rows === 3 ? 4 : type.rows),
        bytes: type.columns * (type.rows === 3 ? 4 : type.rows) * bytesOf[readingOf(type.scalar)],
      };
    case 'array': {
      const element = leavesOf(type.element);
      const count = type.count ?? 1;
      return {
        scalar: element.scalar,
        count: (type.stride / bytesOf[readingOf(element.scalar)]) * count,
        bytes: type.stride * count,
      };
    }
    case 'struct': {
      const last = type.members.at(-1);
      const bytes = last ? last.offset + leavesOf(last.type).bytes : 4;
      const scalars = new Set(type.members.map((m) => leavesOf(m.type).scalar));
      const [only] = scalars;
      return { scalar: scalars.size === 1 && only ? only : 'u32', count: Math.ceil(bytes / 4), bytes };
    }
    case 'pointer':
      return { scalar: 'u32', count: 1, bytes: 4 };
    default:
      return unreachable(type, 'type');
  }
}

/** Columns for a run of `count` cells that come in groups of `group`: whole groups, at most 32, not too tall. */
function wrap(count: number, group: number): number {
  if (count <= 16) return count;
  const wide = count > 512 ? 32 : 16;
  const groups = Math.max(1, Math.floor(wide / group));
  return Math.min(count, groups * group);
}

/** A variable of `bytes` bytes at `offset`, laid out by its type: an array of arrays is a matrix. */
export function typeMatrix(type: TypeInfo, offset: number, bytes: number): Matrix {
  const { scalar } = leavesOf(type);
  const reading = readingOf(scalar);
  const cellBytes = bytesOf[reading];
  const base = { reading, cellBytes, offset, shape: type.name };
  if (type.kind === 'array' && type.element.kind === 'array') {
    const rows = type.count ?? Math.floor(bytes / type.stride);
    const inner = leavesOf(type.element);
    return { ...base, rows, columns: Math.max(1, inner.bytes / cellBytes), rowBytes: type.stride };
  }
  const cells = Math.max(1, Math.floor(bytes / cellBytes));
  const group = type.kind === 'array' ? Math.max(1, type.stride / cellBytes) : 1;
  const columns = Math.max(1, wrap(cells, group));
  return { ...base, rows: Math.ceil(cells / columns), columns, rowBytes: columns * cellBytes };
}

/** The same bytes read as another type: packed u32 as four i8 is a matrix four times as wide. */
export function reread(m: Matrix, reading: Reading): Matrix {
  if (reading === m.reading) return m;
  const cellBytes = bytesOf[reading];
  const columns = Math.max(1, Math.floor((m.columns * m.cellBytes) / cellBytes));
  return { ...m, reading, cellBytes, columns };
}

export const addressOf = (m: Matrix, row: number, column: number): number =>
  m.offset + row * m.rowBytes + column * m.cellBytes;

/** The cell that holds a byte; null for bytes outside and in the gaps between rows. */
export function cellOf(m: Matrix, byte: number): { readonly row: number; readonly column: number } | null {
  const from = byte - m.offset;
  if (from < 0) return null;
  const row = Math.floor(from / m.rowBytes);
  const column = Math.floor((from % m.rowBytes) / m.cellBytes);
  return row < m.rows && column < m.columns ? { row, column } : null;
}

/** Index of a cell, row by row, as highlights and marks count them. */
export const indexOf = (m: Matrix, row: number, column: number): number => row * m.columns + column;

export interface Bits {
  /** The number that a cell's bits say, or NaN past the end. */
  at(row: number, column: number): number;
  readonly length: number;
}

function viewOf(reading: Reading, bytes: Uint8Array): ArrayLike<number> {
  const { buffer, byteOffset, byteLength } = bytes;
  const count = Math.floor(byteLength / bytesOf[reading]);
  switch (reading) {
    case 'f32':
      return new Float32Array(buffer, byteOffset, count);
    case 'f16':
      return new Float16Array(buffer as ArrayBuffer, byteOffset, count);
    case 'i32':
      return new Int32Array(buffer, byteOffset, count);
    case 'u32':
      return new Uint32Array(buffer, byteOffset, count);
    case 'i8':
      return new Int8Array(buffer, byteOffset, count);
    case 'u8':
      return bytes;
    default:
      return unreachable(reading, 'reading');
  }
}

/** The numbers in a memory's bytes (from its byte 0 on). */
export function bitsOf(m: Matrix, bytes: Uint8Array): Bits {
  const view = viewOf(m.reading, bytes);
  return {
    length: view.length,
    at: (row, column) => view[addressOf(m, row, column) / m.cellBytes] ?? Number.NaN,
  };
}

/** A value in full, as a hover shows it: f32 with the digits that tell it apart. */
export function exactValue(reading: Reading, value: number): string {
  if (reading === 'u32' || reading === 'i32' || reading === 'i8' || reading === 'u8') return String(value);
  if (!Number.isFinite(value)) return String(value);
  return String(Number(value.toPrecision(reading === 'f16' ? 5 : 9)));
}

/** A value for a small cell: at most four characters. */
export function shortValue(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1000) return String(value).replace('-', '−');
  if (size >= 1000)
    return figure(value, 1).length > 4 ? value.toExponential(0).replace('+', '') : figure(value, 1);
  return (size < 1 ? value.toFixed(1) : value.toPrecision(2)).replace('-', '−').replace(/^(−?)0\./, '$1.');
}
