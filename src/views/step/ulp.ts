// How far two results are apart, cell by cell: integers bit for bit, floats in units of the last place. Pure.

import { f16Bits, f32Bits } from './bits.ts';
import { addressOf, bitsOf, cellOf, type Matrix } from './matrix.ts';

export interface Difference {
  readonly cells: number;
  /** Cells whose bits differ. */
  readonly different: number;
  /** Largest distance in units of the last place; 0 for integers that agree, null when a NaN meets a number. */
  readonly worst: number | null;
  /** Largest absolute difference of two finite cells. */
  readonly apart: number;
  readonly first: {
    readonly row: number;
    readonly column: number;
    readonly ours: number;
    readonly theirs: number;
  } | null;
}

/** Distance of two floats as counts of representable numbers between them; NaN meets NaN at 0. */
export function ulps(a: number, b: number, kind: 'f32' | 'f16'): number | null {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) && Number.isNaN(b) ? 0 : null;
  const order = (x: number): number => {
    const bits = kind === 'f32' ? f32Bits(x) : f16Bits(x);
    const sign = kind === 'f32' ? 0x80000000 : 0x8000;
    return bits >= sign ? sign - bits : bits;
  };
  return Math.abs(order(a) - order(b));
}

export function difference(m: Matrix, ours: Uint8Array, theirs: Uint8Array): Difference {
  const [a, b] = [bitsOf(m, ours), bitsOf(m, theirs)];
  let cells = 0;
  let different = 0;
  let worst: number | null = 0;
  let most = 0;
  let first: Difference['first'] = null;
  for (let row = 0; row < m.rows; row++) {
    for (let column = 0; column < m.columns; column++) {
      if (!cellOf(m, addressOf(m, row, column))) continue;
      const [x, y] = [a.at(row, column), b.at(row, column)];
      cells++;
      if (Object.is(x, y)) continue;
      different++;
      first ??= { row, column, ours: x, theirs: y };
      if (Number.isFinite(x) && Number.isFinite(y)) most = Math.max(most, Math.abs(x - y));
      const apart = m.reading === 'f32' || m.reading === 'f16' ? ulps(x, y, m.reading) : Math.abs(x - y);
      worst = worst === null || apart === null ? null : Math.max(worst, apart);
    }
  }
  return { cells, different, worst, apart: most, first };
}
