// A captured buffer as the values that it stands for, packed or not, with their figures: what the heat map draws. Pure.

import { dimOf } from '../../kernels/dims.ts';
import { evaluate } from '../../kernels/expr.ts';
import { type Layout, layoutOf } from '../../kernels/layout.ts';
import type { Dims, Packing, TensorSpec } from '../../kernels/op.ts';
import { blockUnits, KvPages, rowReader, rowUnits } from '../../kernels/packing.ts';
import { bitsOf, exactValue, type Reading, tensorMatrix } from '../step/matrix.ts';

/** A tensor as a matrix of values. */
export interface TensorCells {
  readonly rows: number;
  readonly columns: number;
  /** Cells, row by row; a wrapped vector may end within its last row. */
  readonly length: number;
  /** `[192, 64] int8 × scale` */
  readonly shape: string;
  at(row: number, column: number): number;
  /** A cell as the tensor counts it: `[3, 0, 17]`, `K of page 4, head 0, token 7: 3`. */
  name(row: number, column: number): string;
  /** The digits that tell a value apart. */
  exact(value: number): string;
}

/** Bytes of the tensors of one dispatch, by name. */
export type Buffers = Readonly<Record<string, ArrayBuffer>>;

const storage = { 0: 'f32', 1: 'f16', 2: 'int8 × scale' } as const;
const stored = (format: number): string =>
  format === 0 || format === 1 || format === 2 ? storage[format] : `format ${format}`;
/** A product with an f32 scale has the digits of an f32. */
const readingOf = (format: number): Reading => (format === 1 ? 'f16' : 'f32');

/** The values of tensor `name`: its rows that are in its buffer. Int8 rows take their scales from `buffers` too. */
export function cellsOf(
  name: string,
  spec: Pick<TensorSpec, 'cells' | 'shape' | 'rows' | 'packed'>,
  dims: Dims,
  buffers: Buffers,
): TensorCells {
  const bytes = buffers[name] ?? new ArrayBuffer(0);
  const layout = layoutOf(spec, dims, 'f32');
  switch (spec.packed?.kind) {
    case 'rows':
      return packedRows(spec.packed, layout, dims, bytes, buffers);
    case 'kv':
      return kvBlocks(layout, dims, bytes);
    case undefined:
      return plain(layout, bytes);
  }
}

function packedRows(
  packed: Extract<Packing, { kind: 'rows' }>,
  layout: Layout,
  dims: Dims,
  bytes: ArrayBuffer,
  buffers: Buffers,
): TensorCells {
  const [format, columns, group] = [packed.format, packed.columns, packed.group].map((text) =>
    evaluate(text, dims),
  ) as [number, number, number];
  const scales = new Float32Array(buffers[packed.scales] ?? new ArrayBuffer(0));
  const rowBytes = rowUnits(format, columns) * 16;
  const rows = Math.min(layout.rows, Math.floor(bytes.byteLength / Math.max(1, rowBytes)));
  return {
    rows,
    columns,
    length: rows * columns,
    shape: `[${[...layout.shape.slice(0, -1), columns].join(', ')}] ${stored(format)}`,
    at: rowReader(format, bytes, scales, columns, group),
    name: (row, column) => `[${row}, ${column}]`,
    exact: (value) => exactValue(readingOf(format), value),
  };
}

/** A row is one token of one head of a page: its K, then its V. */
function kvBlocks(layout: Layout, dims: Dims, bytes: ArrayBuffer): TensorCells {
  const [format, headDim, page] = [dimOf(dims, 'format'), dimOf(dims, 'head_dim'), dimOf(dims, 'page')];
  const geometry = { format, headDim, page };
  const pages = new KvPages(geometry, new Uint32Array(bytes));
  const heads = layout.shape.at(-2) ?? 1;
  const blocks = Math.min(layout.rows, Math.floor(bytes.byteLength / (blockUnits(geometry) * 16)));
  const place = (row: number, column: number) => ({
    block: Math.floor(row / page),
    kind: column < headDim ? ('k' as const) : ('v' as const),
    token: row % page,
    cell: column % headDim,
  });
  return {
    rows: blocks * page,
    columns: 2 * headDim,
    length: blocks * page * 2 * headDim,
    shape: `[${[...layout.shape.slice(0, -1), page].join(', ')}, K and V of ${headDim}] ${stored(format)}`,
    at(row, column) {
      const { block, kind, token, cell } = place(row, column);
      return pages.read(block, kind, token, cell);
    },
    name(row, column) {
      const { block, kind, token, cell } = place(row, column);
      return `${kind.toUpperCase()} of page ${Math.floor(block / heads)}, head ${block % heads}, token ${token}: [${cell}]`;
    },
    exact: (value) => exactValue(readingOf(format), value),
  };
}

/** Cells that are values. A long vector is wrapped into lines. */
function plain(layout: Layout, bytes: ArrayBuffer): TensorCells {
  const matrix = tensorMatrix(layout);
  const bits = bitsOf(matrix, new Uint8Array(bytes));
  const wrapped = matrix.rows * matrix.columns > layout.rows * layout.columns;
  const held = wrapped
    ? Math.floor(bytes.byteLength / matrix.cellBytes)
    : Math.floor(bytes.byteLength / Math.max(1, matrix.rowBytes)) * matrix.columns;
  const length = Math.min(layout.rows * layout.columns, held);
  return {
    rows: Math.ceil(length / Math.max(1, matrix.columns)),
    columns: matrix.columns,
    length,
    shape: matrix.shape,
    at: bits.at,
    name: (row, column) => `[${indices(layout.shape, row * matrix.columns + column).join(', ')}]`,
    exact: (value) => exactValue(matrix.reading, value),
  };
}

/** The indices of a cell of a tensor of this shape, counted row by row. */
function indices(shape: readonly number[], cell: number): number[] {
  const out: number[] = [];
  let rest = cell;
  for (const extent of [...shape].reverse()) {
    out.unshift(rest % Math.max(1, extent));
    rest = Math.floor(rest / Math.max(1, extent));
  }
  return out;
}

export interface TensorStats {
  /** Cells that were looked at: all, or the first so many of a large tensor. */
  readonly cells: number;
  readonly of: number;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly rms: number;
  /** NaN and infinities. */
  readonly strange: number;
}

/** Most cells that figures are computed from: a page must stay quick. */
const mostCells = 2 ** 21;

export function tensorStats(tensor: TensorCells): TensorStats {
  const of = tensor.length;
  const cells = Math.min(of, mostCells);
  let [min, max, sum, squares, strange] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0, 0];
  for (let cell = 0; cell < cells; cell++) {
    const x = tensor.at(Math.floor(cell / tensor.columns), cell % tensor.columns);
    if (!Number.isFinite(x)) {
      strange++;
      continue;
    }
    min = Math.min(min, x);
    max = Math.max(max, x);
    sum += x;
    squares += x * x;
  }
  const finite = Math.max(1, cells - strange);
  return { cells, of, min, max, mean: sum / finite, rms: Math.sqrt(squares / finite), strange };
}
