// The bytes that a run of an op must move: what its GB/s are counted in, what bounds it, and how large a ring keeps it cold.

import { evaluate } from './expr.ts';
import { layoutOf } from './layout.ts';
import type { Dims, Dtype, Op } from './op.ts';

export interface Moved {
  readonly reads: number;
  readonly writes: number;
}

/** Bytes of each tensor that a run reads and writes at least once: all of it, unless the op says less. */
export function movedOf(op: Op, dims: Dims, dtype: Dtype): Readonly<Record<string, Moved>> {
  return Object.fromEntries(
    Object.entries(op.tensors).map(([name, spec]) => {
      const { bytes } = layoutOf(spec, dims, dtype);
      const of = (said: string | undefined, whole: boolean): number =>
        said === undefined ? (whole ? bytes : 0) : Math.min(bytes, evaluate(said, dims));
      const { reads, writes } = spec.moves ?? {};
      return [name, { reads: of(reads, spec.role !== 'out'), writes: of(writes, spec.role !== 'in') }];
    }),
  );
}

/** Bytes that a run reads and writes at least once. */
export const compulsoryBytes = (op: Op, dims: Dims, dtype: Dtype): number =>
  Object.values(movedOf(op, dims, dtype)).reduce((sum, { reads, writes }) => sum + reads + writes, 0);
