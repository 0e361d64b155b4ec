// A picked cell: what it was made from, or who reads it and how often. The contract's index map answers at
// once; the recording answers exactly.

import { computed, effect, signal } from '@preact/signals';
import { parseCellMap, readsOf } from '../../../kernels/indexmap.ts';
import { addressOf, cellOf, exactValue, indexOf } from '../../../views/step/matrix.ts';
import { type Memory, ownerOf } from './memories.ts';
import { session, stepper, verdict, whole } from './session.ts';
import { step } from './view.ts';

export interface Picked {
  readonly name: string;
  readonly row: number;
  readonly column: number;
}

/** `c:3,4` */
export const picked = computed((): Picked | null => {
  const match = /^(\w+):(\d{1,7}),(\d{1,7})$/.exec(step.view.value.cell);
  if (!match) return null;
  const [, name = '', row, column] = match;
  const memory = session.value?.memories.find((m) => m.name === name);
  if (!memory || Number(row) >= memory.matrix.rows || Number(column) >= memory.matrix.columns) return null;
  return { name, row: Number(row), column: Number(column) };
});

/** Picks a cell; picking it again lets it go. */
export function pick(memory: Memory, row: number, column: number): void {
  const same =
    picked.value?.name === memory.name && picked.value.row === row && picked.value.column === column;
  step.adjust({ cell: same ? '' : `${memory.name}:${row},${column}`, ...(same ? {} : { drawer: 'origin' }) });
}

export interface Origin {
  readonly of: Picked;
  readonly kind: 'made-from' | 'read-by';
  /** By memory: cells with how often they were loaded. */
  readonly cells: ReadonlyMap<string, ReadonlyMap<number, number>>;
  /** Steps of the loads, ascending. */
  readonly steps: Int32Array;
  readonly lanes: ReadonlySet<number>;
  /** Lane-loads in all. */
  readonly loads: number;
  readonly writtenAt: { readonly step: number; readonly lane: number } | null;
  /** How often each line loads it: the source's answer. */
  readonly lines: ReadonlyMap<number, number>;
  /** Reads over the whole dispatch, where they are counted. */
  readonly everywhere: number | null;
  /** Why the recording cannot say. */
  readonly problem: string;
}

export const origin = signal<Origin | null>(null);

/** The machine's answer to where a cell came from, or who read it. */
async function ask(cell: Picked): Promise<Origin | null> {
  const now = session.peek();
  const memory = now?.memories.find((m) => m.name === cell.name);
  if (!now || !memory) return null;
  const byte = addressOf(memory.matrix, cell.row, cell.column);
  const writes = (now.opened.firstWrites[memory.memory]?.[byte >> 2] ?? 0) < now.opened.length;
  const cells = new Map<string, Map<number, number>>();
  const lines = new Map<number, number>();
  const base = { of: cell, lines, cells, everywhere: everywhere(memory, byte), problem: '' };
  if (memory.written && writes) {
    const answer = await stepper().provenance(memory.memory, byte);
    if (!answer) return null;
    if (!answer.ok)
      return {
        ...base,
        kind: 'made-from',
        steps: new Int32Array(),
        lanes: new Set(),
        loads: 0,
        writtenAt: null,
        problem: answer.error.message,
      };
    const { loads, steps, writtenAt } = answer.value;
    for (let i = 0; i < loads.byte.length; i++) {
      const at = loads.byte[i] ?? 0;
      const owner = ownerOf(now.memories, loads.memory[i] ?? 0, at);
      const found = owner && cellOf(owner.matrix, at);
      if (!owner || !found || owner.space === 'uniform') continue;
      const list = cells.get(owner.name) ?? new Map<number, number>();
      cells.set(owner.name, list);
      const index = indexOf(owner.matrix, found.row, found.column);
      list.set(index, (list.get(index) ?? 0) + 1);
      count(lines, now.lines, loads.start[i] ?? 0);
    }
    return {
      ...base,
      kind: 'made-from',
      steps,
      lanes: new Set(loads.lane),
      loads: loads.byte.length,
      writtenAt: writtenAt ?? null,
    };
  }
  const answer = await stepper().touching(memory.memory, byte, 'read');
  if (!answer) return null;
  const { accesses, steps } = answer;
  for (const start of accesses.start) count(lines, now.lines, start);
  return {
    ...base,
    kind: 'read-by',
    steps,
    lanes: new Set(accesses.lane),
    loads: steps.length,
    writtenAt: null,
  };
}

/** Reads of a 4-byte cell of a binding over all workgroups. */
function everywhere(memory: Memory, byte: number): number | null {
  if (memory.memory === 0) return null;
  return whole.peek()?.reads[memory.memory - 1]?.[byte >> 2] ?? null;
}

function count(lines: Map<number, number>, source: readonly string[], offset: number): void {
  let at = 0;
  for (const [i, text] of source.entries()) {
    at += text.length + 1;
    if (offset < at) {
      lines.set(i + 1, (lines.get(i + 1) ?? 0) + 1);
      return;
    }
  }
}

/** Cells to light up, by memory. */
export interface Lit {
  readonly cells: ReadonlyMap<string, ReadonlyMap<number, number>>;
  readonly about: string;
}

/** What the contract says a cell is made from: there before the recording has answered. */
function byContract(cell: Picked): ReadonlyMap<string, ReadonlyMap<number, number>> {
  const now = session.value;
  const contract = now?.subject.contract;
  const cells = new Map<string, Map<number, number>>();
  const memory = now?.memories.find((m) => m.name === cell.name);
  const layout = now?.subject.layouts.get(cell.name);
  if (!now || !contract || !memory || !layout) return cells;
  const line = contract.op.cellMap.find((text) => parseCellMap(text).output === cell.name);
  if (!line) return cells;
  try {
    let rest = cell.row * layout.columns + cell.column;
    const index = layout.shape
      .toReversed()
      .map((extent) => {
        const i = rest % extent;
        rest = Math.floor(rest / extent);
        return i;
      })
      .toReversed();
    const shapeOf = (tensor: string): readonly number[] => now.subject.layouts.get(tensor)?.shape ?? [];
    for (const region of readsOf(parseCellMap(line), index, contract.dims, shapeOf)) {
      const to = now.memories.find((m) => m.name === region.tensor);
      if (to) cells.set(region.tensor, boxOf(region.ranges, shapeOf(region.tensor), to));
    }
  } catch {
    cells.clear(); // an index map that does not fit a changed shape: the recording's answer comes
  }
  return cells;
}

function boxOf(
  ranges: readonly (readonly [number, number])[],
  shape: readonly number[],
  to: Memory,
): Map<number, number> {
  let flat = [0];
  ranges.forEach(([from, end], d) => {
    const extent = shape[d] ?? 1;
    flat = flat.flatMap((at) =>
      Array.from({ length: Math.max(0, end - from) }, (_, i) => at * extent + from + i),
    );
    if (flat.length > 200_000) flat = [];
  });
  const columns = shape.at(-1) ?? 1;
  return new Map(
    flat.map((i) => [
      columns === to.matrix.columns ? indexOf(to.matrix, Math.floor(i / columns), i % columns) : i,
      1,
    ]),
  );
}

export const lit = computed((): Lit | null => {
  const cell = picked.value;
  if (!cell) return null;
  const o = origin.value;
  const name = `${cell.name}[${cell.row}, ${cell.column}]`;
  if (o && o.of.name === cell.name && o.of.row === cell.row && o.of.column === cell.column) {
    if (o.kind === 'read-by') return null;
    return { cells: o.cells, about: `loads that made ${name}, how often` };
  }
  return { cells: byContract(cell), about: `what ${name} is made from` };
});

/** Lanes to ring in the grid: those that loaded for, or read, the picked cell. */
export const ringedLanes = computed(
  (): ReadonlySet<number> => (picked.value && origin.value ? origin.value.lanes : new Set()),
);

export function followPicked(): () => void {
  let round = 0;
  return effect(() => {
    const cell = picked.value;
    void session.value;
    void whole.value;
    const mine = ++round;
    if (!cell) {
      origin.value = null;
      return;
    }
    ask(cell).then(
      (answer) => {
        if (mine === round) origin.value = answer;
      },
      () => undefined, // stopped: asked again when the kernel opens again
    );
  });
}

/** What hovering a cell adds: reads over the whole dispatch, or what the reference says. */
export function describeCell(memory: Memory, row: number, column: number): string {
  const layout = session.value?.subject.layouts.get(memory.name);
  const want = verdict.value?.expected.get(memory.name);
  if (layout && want) {
    const index =
      memory.matrix.columns === layout.columns
        ? row * layout.columns + column
        : row * memory.matrix.columns + column;
    const ideal = verdict.value?.ideal.get(memory.name)?.[index];
    const value = want[index];
    const parts = value === undefined ? [] : [`reference ${exactValue('f32', value)}`];
    if (ideal !== undefined) parts.push(`unquantized ${exactValue('f32', ideal)}`);
    return parts.join(' · ');
  }
  const reads = everywhere(memory, addressOf(memory.matrix, row, column));
  return reads !== null && !memory.written ? `read ${reads}× in the whole dispatch` : '';
}
