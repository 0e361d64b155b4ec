// What a picked cell lights up: the loads that have happened at the cursor, those to come, and the lanes that make them.
// The contract's index map answers at once; the recording answers exactly.

import { computed } from '@preact/signals';
import { parseCellMap, readsOf } from '../../kernels/indexmap.ts';
import { addressOf, exactValue, indexOf } from '../../views/step/matrix.ts';
import type { Memory } from './memories.ts';
import { everywhere, origin, type Picked, picked, soFar } from './origin.ts';
import { session, verdict } from './session.ts';

/** Cells by how often they have been loaded for the picked one at the cursor; 0: they will be. */
export type LitCells = ReadonlyMap<number, number>;

export interface Lit {
  /** The cells that are lit, by the name of their memory. */
  readonly cells: ReadonlyMap<string, LitCells>;
  readonly about: string;
}

/** What the contract says a cell is made from: there before the recording has answered. */
function byContract(cell: Picked): ReadonlyMap<string, LitCells> {
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

/** The recording's answer, when it is that of the picked cell. */
const answer = computed(() => {
  const [cell, o] = [picked.value, origin.value];
  return cell && o && o.of.name === cell.name && o.of.row === cell.row && o.of.column === cell.column
    ? o
    : null;
});

export const lit = computed((): Lit | null => {
  const cell = picked.value;
  if (!cell) return null;
  const name = `${cell.name}[${cell.row}, ${cell.column}]`;
  const o = answer.value;
  if (!o) return { cells: byContract(cell), about: `what ${name} is made from` };
  if (o.kind === 'read-by') return null;
  const done = soFar.value;
  const cells = new Map<string, Map<number, number>>();
  for (const [i, load] of o.loads.entries()) {
    const list = cells.get(load.memory) ?? new Map<number, number>();
    cells.set(load.memory, list);
    list.set(load.cell, (list.get(load.cell) ?? 0) + (i < done ? 1 : 0));
  }
  return { cells, about: `loaded for ${name} by now, how often` };
});

/** Lanes to ring in the grid: those that have loaded for, or read, the picked cell by now; before the first of
 * them, those that will. */
export const ringedLanes = computed((): ReadonlySet<number> => {
  const o = answer.value;
  if (!o) return new Set();
  const by = o.loads.slice(0, soFar.value);
  return new Set((by.length > 0 ? by : o.loads).map((l) => l.lane));
});

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
