// Rounding of rows to int8 in double precision, shared by the plain op and by those that make the row first.

import { assert, at } from '../../src/core/assert.ts';
import type { Expected, Tolerance } from '../../src/kernels/op.ts';
import { quantizeRows } from '../../src/kernels/quantized.ts';

/** f32 division is good to 2.5 ulp (WGSL, "Accuracy"): what rounding alone adds to the error of a row. */
const division = 2 ** -21;

/**
 * Cells and scales of rows of k cells that are known up to `relative` · magnitude. Cells are exact unless their quotient is
 * nearer to a half than it is known: then a step of one is allowed.
 */
export function roundedRows(
  exact: Expected | undefined,
  k: number,
  relative: number,
  group = k,
): { readonly q: Expected; readonly scales: Expected } {
  assert(exact, 'there are rows to round');
  const { cells, scales } = quantizeRows(exact.value, exact.value.length / k, k, group);
  const groups = Math.ceil(k / group);
  const scaleOf = (i: number): number => Math.floor(i / k) * groups + Math.floor((i % k) / group);
  // a scale is the largest cell / 127, and that is known as well as the least known cell
  const sizes = new Float64Array(scales.length);
  exact.magnitude.forEach((size, i) => {
    if (Number.isFinite(size)) sizes[scaleOf(i)] = Math.max(at(sizes, scaleOf(i)), size / 127);
  });
  const magnitude = cells.map((_, i) => {
    const scale = at(scales, scaleOf(i));
    const quotient = scale > 0 ? Math.abs(at(exact.value, i)) / scale : 0;
    const unsure = (at(exact.magnitude, i) + quotient * at(sizes, scaleOf(i))) / scale;
    // the tolerance is purely relative: a magnitude of 1 / tolerance allows a step of one
    return Math.abs((quotient % 1) - 0.5) < relative * unsure ? 1 / relative : 0;
  });
  return { q: { value: cells, magnitude }, scales: { value: scales, magnitude: sizes } };
}

/** For rows that are known up to `made` · magnitude. */
export const roundedTolerance = (made: number): Tolerance => ({
  relative: made + division,
  absolute: 0,
  reason:
    'scales within 2.5 ulp of amax / 127 (WGSL division) beside the error of the row; cells exact, unless within that of a half',
});
