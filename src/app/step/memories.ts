// The memories of a subject as the page shows them: workgroup variables and storage bindings as matrices, and
// which of them is worth looking at now.

import type { AccessColumns } from '../../stepper/index.ts';
import { cellOf, indexOf, type Matrix, reread, tensorMatrix, typeMatrix } from '../../views/step/matrix.ts';
import type { TouchedCell } from '../../views/step/memory-grid.tsx';
import type { Opened } from '../../worker/step-protocol.ts';
import type { Subject } from './subject.ts';

export interface Memory {
  /** Unique in the kernel: the variable's name. */
  readonly name: string;
  /** 0 the workgroup's, 1 + i binding i. */
  readonly memory: number;
  readonly space: 'workgroup' | 'storage' | 'uniform';
  readonly written: boolean;
  readonly matrix: Matrix;
  /** One sentence: the contract's, or the type. */
  readonly about: string;
}

export function memoriesOf(
  subject: Subject,
  opened: Opened,
  sizes: (memory: number) => number,
): readonly Memory[] {
  const shared = opened.workgroupVars.map(
    (v): Memory => ({
      name: v.name,
      memory: 0,
      space: 'workgroup',
      written: true,
      matrix: typeMatrix(v.type, v.offset, v.bytes),
      about: `workgroup memory, ${v.type.name}`,
    }),
  );
  const bound = opened.bindings.map((b, i): Memory => {
    const layout = subject.layouts.get(b.name);
    return {
      name: b.name,
      memory: i + 1,
      space: b.space,
      written: b.access === 'read_write',
      matrix: layout
        ? packedReading(subject, b.name, tensorMatrix(layout))
        : typeMatrix(b.type, 0, sizes(i + 1)),
      about: subject.contract?.op.tensors[b.name]?.about ?? b.type.name,
    };
  });
  return [...shared, ...bound];
}

const formats = ['f32', 'f16', 'i8'] as const;

/** Weights and pages are words to the kernel; the contract's format says what lies in them. */
function packedReading(subject: Subject, name: string, matrix: Matrix): Matrix {
  const format = formats[subject.dims['format'] ?? -1];
  return format && matrix.reading === 'u32' && /^(pages|w|weights|table)$/.test(name)
    ? reread(matrix, format)
    : matrix;
}

/** The one of `memories` that holds a byte of the machine's memory `memory`. */
export function ownerOf(memories: readonly Memory[], memory: number, byte: number): Memory | undefined {
  const candidates = memories.filter((m) => m.memory === memory);
  return candidates.findLast((m) => m.matrix.offset <= byte);
}

/**
 * The memory that the reader should see: what the shown step touches, workgroup memory and writes first, with
 * the steps just before it counting too, so that it does not jump back and forth inside a loop. It depends on
 * the cursor alone, so a link shows what its sender saw.
 */
export function chooseMemory(
  memories: readonly Memory[],
  accesses: AccessColumns,
  steps: Int32Array,
  shown: number,
  trail: number,
): Memory | undefined {
  const score = new Map<Memory, number>();
  let lastKey = '';
  for (let i = 0; i < steps.length; i++) {
    const owner = ownerOf(memories, accesses.memory[i] ?? 0, accesses.byte[i] ?? 0);
    if (!owner) continue;
    const key = `${steps[i]}:${owner.name}:${accesses.mode[i]}`;
    if (key === lastKey) continue; // once a step, not once a lane
    lastKey = key;
    const age = shown - (steps[i] ?? 0);
    const weight =
      (owner.space === 'workgroup' ? 3 : 1) *
      (accesses.mode[i] === 0 ? 1 : 2) *
      (age === 0 ? 6 : 1 - age / (trail + 1));
    score.set(owner, (score.get(owner) ?? 0) + weight);
  }
  const [best] = [...score].sort(([, a], [, b]) => b - a);
  return (
    best?.[0] ??
    memories.find((m) => m.space === 'workgroup') ??
    memories.find((m) => m.written) ??
    memories[0]
  );
}

/** The cells of a memory that the shown step and its trail touch; the newest touch of a cell counts. */
export function touchedCells(
  memory: Memory,
  matrix: Matrix,
  accesses: AccessColumns,
  steps: Int32Array,
  shown: number,
): ReadonlyMap<number, TouchedCell> {
  const cells = new Map<number, { mode: TouchedCell['mode']; age: number; lanes: number[] }>();
  for (let i = 0; i < steps.length; i++) {
    if (accesses.memory[i] !== memory.memory) continue;
    const age = shown - (steps[i] ?? 0);
    const mode = accesses.mode[i] === 0 ? 'read' : accesses.mode[i] === 1 ? 'write' : 'atomic';
    const first = accesses.byte[i] ?? 0;
    for (let byte = first; byte < first + (accesses.bytes[i] ?? 4); byte += matrix.cellBytes) {
      const cell = cellOf(matrix, byte);
      if (!cell) continue;
      const index = indexOf(matrix, cell.row, cell.column);
      const known = cells.get(index);
      const lane = accesses.lane[i] ?? 0;
      if (!known || known.age > age || (known.age === age && known.mode === 'read' && mode !== 'read'))
        cells.set(index, { mode, age, lanes: [lane] });
      else if (known.age === age && known.mode === mode && !known.lanes.includes(lane))
        known.lanes.push(lane);
    }
  }
  return cells;
}
