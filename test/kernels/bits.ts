// Comparing outputs bit for bit.

import type { Values } from '../../src/kernels/op.ts';

/** The first cell of the first test shape whose bits differ, NaN equal to NaN; null when all agree. */
export function firstDifference(
  got: readonly Values[],
  want: readonly Values[],
): { readonly shape: number; readonly name: string; readonly cell: number } | null {
  for (const [shape, outputs] of want.entries()) {
    for (const [name, cells] of Object.entries(outputs)) {
      const others = got[shape]?.[name] ?? new Float64Array();
      for (let cell = 0; cell < Math.max(cells.length, others.length); cell++)
        if (!Object.is(cells[cell], others[cell])) return { shape, name, cell };
    }
  }
  return null;
}
