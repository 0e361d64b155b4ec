// Root-mean-square normalisation in double precision, shared by the plain op and its fused forms.

import { at } from '../../src/core/assert.ts';
import type { Expected, Tolerance } from '../../src/kernels/op.ts';

/** One row of y = x / sqrt(mean(x²) + epsilon) · weight (Zhang & Sennrich 2019), written at `out` of both arrays. */
export function normRow(
  row: (i: number) => number,
  weight: ArrayLike<number>,
  n: number,
  epsilon: number,
  into: Expected,
  out: number,
): void {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += row(i) ** 2;
  const scale = 1 / Math.sqrt(sum / n + epsilon);
  for (let i = 0; i < n; i++) {
    const value = row(i) * scale * at(weight, i);
    into.value[out + i] = value;
    into.magnitude[out + i] = Math.abs(value);
  }
}

export const normTolerance = (n: number): Tolerance => ({
  relative: (n / 2 + 8) * 2 ** -24,
  absolute: 1e-30,
  reason: 'the square root halves the γ_n of the sum of squares; two more products and inverseSqrt (2 ulp)',
});
