// Spot checks of ops whose reference is computed whole: the wanted rows of every output, packed.

import { assert } from '../core/assert.ts';
import type { Expected } from './op.ts';

/** Rows `rows` of outputs whose first dimension has `extents` rows each; all of them without `rows`. */
export function pickRows(
  outputs: Readonly<Record<string, Expected>>,
  extents: Readonly<Record<string, number>>,
  rows?: readonly number[],
): Readonly<Record<string, Expected>> {
  if (!rows) return outputs;
  const pick = (cells: Float64Array, extent: number): Float64Array => {
    const size = cells.length / extent;
    const out = new Float64Array(rows.length * size);
    rows.forEach((row, i) => {
      assert(row < extent, `row ${row} of an output of ${extent}`);
      out.set(cells.subarray(row * size, (row + 1) * size), i * size);
    });
    return out;
  };
  return Object.fromEntries(
    Object.entries(outputs).map(([name, { value, magnitude }]) => {
      const extent = extents[name];
      assert(extent !== undefined, `no extent of the output "${name}"`);
      return [name, { value: pick(value, extent), magnitude: pick(magnitude, extent) }];
    }),
  );
}
