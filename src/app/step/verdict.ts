// Whether a dispatch's result is right: its outputs against the op's double-precision reference, cell by cell.

import { unpack } from '../../kernels/layout.ts';
import { verify } from '../../kernels/verify.ts';
import { indexOf } from '../../views/step/matrix.ts';
import type { Whole } from '../../worker/step-protocol.ts';
import type { Session } from './session.ts';

/** Outputs compared with the op's reference: wrong cells by binding name, row by row in the memory's matrix. */
export interface Verdict {
  readonly cells: number;
  readonly failed: number;
  readonly wrong: ReadonlyMap<string, ReadonlySet<number>>;
  /** What each cell should be, unpadded, by output; and without quantization, where the op says. */
  readonly expected: ReadonlyMap<string, Float64Array>;
  readonly ideal: ReadonlyMap<string, Float64Array>;
  readonly reason: string;
}

/** Null without a contract, and before the last pass. */
export function judge({ subject, opened, memories }: Session, all: Whole): Verdict | null {
  const { contract } = subject;
  const lastPass = subject.launch.pass === subject.launch.passes.length - 1;
  if (!contract || !lastPass) return null;
  const expected = contract.op.reference(contract.inputs, contract.dims);
  const tolerance = contract.op.tolerance(contract.dims, contract.dtype);
  const wrong = new Map<string, ReadonlySet<number>>();
  let cells = 0;
  let failed = 0;
  for (const [name, want] of Object.entries(expected)) {
    const layout = subject.layouts.get(name);
    const binding = opened.bindings.find((b) => b.name === name);
    const memory = memories.find((m) => m.name === name);
    const bytes = all.outputs.find(
      (o) => o.group === binding?.group && o.binding === binding?.binding,
    )?.bytes;
    if (!layout || !bytes || !memory) continue;
    const buffer = new Uint8Array(layout.bytes);
    buffer.set(bytes.subarray(0, layout.bytes));
    const got = unpack(layout, buffer.buffer);
    const result = verify(got, want, tolerance);
    cells += result.cells;
    failed += result.failed;
    if (result.failed === 0) continue;
    const bad = new Set<number>();
    for (let i = 0; i < got.length; i++) {
      const one = verify(
        got.subarray(i, i + 1),
        { value: want.value.subarray(i, i + 1), magnitude: want.magnitude.subarray(i, i + 1) },
        tolerance,
      );
      if (one.failed === 0) continue;
      const [row, column] = [Math.floor(i / layout.columns), i % layout.columns];
      const folded = memory.matrix.columns !== layout.columns;
      bad.add(folded ? i : indexOf(memory.matrix, row, column));
    }
    wrong.set(name, bad);
  }
  const values = (all: Readonly<Record<string, Float64Array>>) => new Map(Object.entries(all));
  return cells === 0
    ? null
    : {
        cells,
        failed,
        wrong,
        expected: new Map(Object.entries(expected).map(([name, e]) => [name, e.value])),
        ideal: values(contract.op.ideal?.(contract.inputs, contract.dims) ?? {}),
        reason: tolerance.reason,
      };
}
