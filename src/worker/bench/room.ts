// Which shapes are not even tried: their inputs are made and checked on the host, so what cannot fit must be known before.

import { assert } from '../../core/assert.ts';
import type { Gpu } from '../../gpu/device.ts';
import { layoutOf } from '../../kernels/layout.ts';
import type { Dims, Dtype, Op } from '../../kernels/op.ts';
import type { RowStatus } from '../../measure/schema.ts';

/** Cells of inputs that a page makes: 2 GiB of doubles, some seconds of JavaScript. */
const mostCells = 2 ** 28;
/** Bytes of a shape that a CPU adapter is asked for: more is there to fill a GPU's memory bus, and takes a CPU minutes. */
const mostBytesOnCpu = 2 ** 29;

const mib = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MiB`;

/** Why a shape is not tried on this device, or null. */
export function noRoom(
  gpu: Pick<Gpu, 'fallback' | 'cap'> & {
    readonly limits: Pick<GPUSupportedLimits, 'maxStorageBufferBindingSize'>;
  },
  op: Op,
  dims: Dims,
  dtype: Dtype,
): { readonly status: Extract<RowStatus, 'refused' | 'skipped'>; readonly why: string } | null {
  const most = gpu.limits.maxStorageBufferBindingSize;
  const periods = op.period?.(dims) ?? {};
  const tensors = Object.entries(op.tensors).map(([name, spec]) => {
    const { bytes, rows, columns } = layoutOf(spec, dims, dtype);
    const cells = rows * columns;
    return { name, role: spec.role, bytes, cells: Math.min(cells, periods[name] ?? cells) };
  });
  // what is changed in place is kept twice: as it was given, and as it becomes
  const total = tensors.reduce((sum, { role, bytes }) => sum + (role === 'inout' ? 2 : 1) * bytes, 0);
  const made = tensors.reduce((sum, { role, cells }) => sum + (role === 'out' ? 0 : cells), 0);
  const [largest] = tensors.toSorted((a, b) => b.bytes - a.bytes);
  assert(largest, `${op.id} has tensors`);
  const refused = (why: string) => ({ status: 'refused' as const, why: `refused: ${why}` });
  if (largest.bytes > most)
    return refused(`${largest.name} needs ${mib(largest.bytes)}; this device binds ${mib(most)} at most.`);
  if (total > gpu.cap) return refused(`its tensors need ${mib(total)}; ${mib(gpu.cap)} may be used here.`);
  if (made > mostCells) return refused(`its inputs have ${made} cells; a page makes ${mostCells} at most.`);
  if (gpu.fallback && total > mostBytesOnCpu)
    return {
      status: 'skipped',
      why: `skipped: ${mib(total)} are there to fill a GPU's memory bus; a CPU adapter is asked for ${mib(mostBytesOnCpu)} at most`,
    };
  return null;
}
