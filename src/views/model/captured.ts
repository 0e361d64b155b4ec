// The buffers of a captured dispatch as tensors of its op's contract. Pure.

import { assert } from '../../core/assert.ts';
import type { KernelVersion } from '../../kernels/catalog.ts';
import type { Dims, Op } from '../../kernels/op.ts';
import { type Buffers, cellsOf, type TensorCells } from './tensor.ts';

/** One tensor of a captured dispatch. */
export interface Tensor {
  readonly name: string;
  readonly about: string;
  readonly role: 'in' | 'out' | 'scratch';
  readonly before: TensorCells;
  readonly after: TensorCells;
}

/** Bytes by binding name, just before and just after the dispatch, and its dims. */
export interface Captured {
  readonly buffers: Readonly<Record<string, { readonly before: ArrayBuffer; readonly after: ArrayBuffer }>>;
  readonly dims: Dims;
}

const sideOf = (buffers: Captured['buffers'], side: 'before' | 'after'): Buffers =>
  Object.fromEntries(Object.entries(buffers).map(([name, bytes]) => [name, bytes[side]]));

/** Every captured buffer: tensors of the op's contract, and what the version keeps between its passes. */
export function tensorsOf(
  { buffers, dims }: Captured,
  op: Op,
  version: Pick<KernelVersion, 'path' | 'scratch'>,
): readonly Tensor[] {
  const [before, after] = [sideOf(buffers, 'before'), sideOf(buffers, 'after')];
  return Object.keys(buffers).map((name): Tensor => {
    const tensor = op.tensors[name];
    const spec = tensor ?? version.scratch.find((scratch) => scratch.name === name);
    assert(spec, `${version.path}: "${name}" is neither a tensor of ${op.id} nor scratch`);
    return {
      name,
      about: tensor?.about ?? 'partial results between the passes',
      role: !tensor ? 'scratch' : tensor.role === 'in' ? 'in' : 'out',
      before: cellsOf(name, spec, dims, before),
      after: cellsOf(name, spec, dims, after),
    };
  });
}
