// Host side of the int8 ops: rows to int8 with scales, and products of rows in double precision. How packed
// weights lie in memory is packing.ts's; this works on logical cells.

import { at } from '../core/assert.ts';
import { quantizeRun } from './packing.ts';

export interface QuantizedRows {
  /** [rows][columns], whole numbers from −127 to 127. */
  readonly cells: Float64Array;
  /** [rows][ceil(columns / group)] */
  readonly scales: Float64Array;
}

/** Symmetric int8 of every run of `group` cells of every row; the last group of a row may be shorter. */
export function quantizeRows(
  values: Float64Array,
  rows: number,
  columns: number,
  group: number,
): QuantizedRows {
  const groups = columns > 0 ? Math.ceil(columns / group) : 0;
  const cells = new Float64Array(rows * columns);
  const scales = new Float64Array(rows * groups);
  for (let row = 0; row < rows; row++) {
    for (let g = 0; g < groups; g++) {
      const from = row * columns + g * group;
      const to = Math.min(from + group, (row + 1) * columns);
      scales[row * groups + g] = quantizeRun(values, from, to, (i, q) => {
        cells[i] = q;
      });
    }
  }
  return { cells, scales };
}

/** All row indices, or those picked. */
export const rowsOr = (rows: readonly number[] | undefined, count: number): readonly number[] =>
  rows ?? Array.from({ length: count }, (_, i) => i);

/** c[row, n] = Σ over k of x[row, k] · w[n, k] for the picked rows of x, in double precision. */
export function productOfRows(
  x: Float64Array,
  w: Float64Array,
  k: number,
  n: number,
  rows: readonly number[],
): Float64Array {
  const out = new Float64Array(rows.length * n);
  rows.forEach((row, i) => {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let t = 0; t < k; t++) sum += at(x, row * k + t) * at(w, j * k + t);
      out[i * n + j] = sum;
    }
  });
  return out;
}
