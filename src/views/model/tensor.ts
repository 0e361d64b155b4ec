// A captured buffer as a matrix with its figures, for the heat map. Pure.

import type { Layout } from '../../kernels/layout.ts';
import { bitsOf, type Matrix, tensorMatrix } from '../step/matrix.ts';

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

/** The tensor's matrix, with the rows that are in `bytes`. */
export function matrixOf(layout: Layout, bytes: number): Matrix {
  const matrix = tensorMatrix(layout);
  const rows = Math.floor((bytes - matrix.offset) / Math.max(1, matrix.rowBytes));
  return { ...matrix, rows: Math.max(0, Math.min(matrix.rows, rows)) };
}

export function tensorStats(matrix: Matrix, bytes: Uint8Array): TensorStats {
  const bits = bitsOf(matrix, bytes);
  const of = matrix.rows * matrix.columns;
  const rows = Math.min(matrix.rows, Math.max(1, Math.floor(mostCells / Math.max(1, matrix.columns))));
  let [min, max, sum, squares, strange, cells] = [
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    0,
    0,
    0,
    0,
  ];
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < matrix.columns; column++) {
      const x = bits.at(row, column);
      cells++;
      if (!Number.isFinite(x)) {
        strange++;
        continue;
      }
      min = Math.min(min, x);
      max = Math.max(max, x);
      sum += x;
      squares += x * x;
    }
  }
  const finite = Math.max(1, cells - strange);
  return { cells, of, min, max, mean: sum / finite, rms: Math.sqrt(squares / finite), strange };
}
