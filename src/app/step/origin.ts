// A picked cell: what it is made from at the cursor, or who reads it and how often, as the recording knows it.
// What lights up because of it is in lit.ts.

import { computed, effect, signal } from '@preact/signals';
import { addressOf, cellOf, indexOf } from '../../views/step/matrix.ts';
import { type Memory, ownerOf } from './memories.ts';
import { frame, session, stepper, time, whole } from './session.ts';
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

/** One load: of which cell, by whom, when and on which line. */
export interface Load {
  readonly memory: string;
  readonly cell: number;
  readonly lane: number;
  readonly step: number;
  readonly line: number;
}

export interface Origin {
  readonly of: Picked;
  readonly kind: 'made-from' | 'read-by';
  /** In the order in which they happen: of what the cell is made from, or of the cell itself. */
  readonly loads: readonly Load[];
  /** Their steps, ascending. */
  readonly steps: Int32Array;
  readonly writtenAt: { readonly step: number; readonly lane: number } | null;
  /** First and last time at which this is the answer. */
  readonly holds: readonly [number, number];
  /** Reads over the whole dispatch, where they are counted. */
  readonly everywhere: number | null;
  /** Why the recording cannot say. */
  readonly problem: string;
}

export const origin = signal<Origin | null>(null);

/** How many of the loads have happened at the cursor. */
export const soFar = computed((): number => {
  const at = frame.value?.time ?? time.value;
  const steps = origin.value?.steps ?? [];
  let low = 0;
  let high = steps.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((steps[middle] ?? 0) < at) low = middle + 1;
    else high = middle;
  }
  return low;
});

/** Line of a source offset, by binary search over line starts. */
function liner(lines: readonly string[]): (offset: number) => number {
  const starts: number[] = [];
  let next = 0;
  for (const text of lines) {
    starts.push(next);
    next += text.length + 1;
  }
  return (offset) => starts.findLastIndex((start) => start <= offset) + 1;
}

/** The machine's answer to where a cell comes from at a time, or who reads it. */
async function ask(cell: Picked, at: number): Promise<Origin | null> {
  const now = session.peek();
  const memory = now?.memories.find((m) => m.name === cell.name);
  if (!now || !memory) return null;
  const byte = addressOf(memory.matrix, cell.row, cell.column);
  const lineOf = liner(now.lines);
  const writes = (now.opened.firstWrites[memory.memory]?.[byte >> 2] ?? 0) < now.opened.length;
  const base: Omit<Origin, 'kind'> = {
    of: cell,
    loads: [],
    steps: new Int32Array(),
    writtenAt: null,
    holds: [0, now.opened.length],
    everywhere: everywhere(memory, byte),
    problem: '',
  };
  if (memory.written && writes) {
    const answer = await stepper().provenance(memory.memory, byte, at);
    if (!answer) return null;
    if (!answer.ok) return { ...base, kind: 'made-from', problem: answer.error.message };
    const { loads: found, steps, writtenAt, holds } = answer.value;
    const loads: Load[] = [];
    for (let i = 0; i < found.byte.length; i++) {
      const address = found.byte[i] ?? 0;
      const owner = ownerOf(now.memories, found.memory[i] ?? 0, address);
      const place = owner && cellOf(owner.matrix, address);
      if (!owner || !place || owner.space === 'uniform') continue;
      loads.push({
        memory: owner.name,
        cell: indexOf(owner.matrix, place.row, place.column),
        lane: found.lane[i] ?? 0,
        step: steps[i] ?? 0,
        line: lineOf(found.start[i] ?? 0),
      });
    }
    return {
      ...base,
      kind: 'made-from',
      loads,
      steps: Int32Array.from(loads, (l) => l.step),
      writtenAt: writtenAt ?? null,
      holds,
    };
  }
  const answer = await stepper().touching(memory.memory, byte, 'read');
  if (!answer) return null;
  const { accesses, steps } = answer;
  const index = indexOf(memory.matrix, cell.row, cell.column);
  const loads = Array.from(
    steps,
    (s, i): Load => ({
      memory: memory.name,
      cell: index,
      lane: accesses.lane[i] ?? 0,
      step: s,
      line: lineOf(accesses.start[i] ?? 0),
    }),
  );
  return { ...base, kind: 'read-by', loads, steps };
}

/** Reads of a 4-byte cell of a binding over all workgroups. */
export function everywhere(memory: Memory, byte: number): number | null {
  if (memory.memory === 0) return null;
  return whole.peek()?.reads[memory.memory - 1]?.[byte >> 2] ?? null;
}

/** Milliseconds that the cursor rests before a cell that it has seen written again is looked up again. */
const rest = 120;

/** Keeps the answer that of the picked cell at the cursor; the returned function stops that. */
export function followPicked(): () => void {
  let round = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const look = (cell: Picked): void => {
    const mine = ++round;
    ask(cell, time.peek()).then(
      (answer) => {
        if (mine === round) origin.value = answer;
      },
      () => undefined, // stopped: asked again when the kernel opens again
    );
  };
  const ends = [
    effect(() => {
      const cell = picked.value;
      void session.value;
      void whole.value;
      round++;
      if (cell) look(cell);
      else origin.value = null;
    }),
    effect(() => {
      const [from, to] = origin.value?.holds ?? [0, Number.POSITIVE_INFINITY];
      clearTimeout(timer);
      const cell = picked.peek();
      if (cell && (time.value < from || time.value > to)) timer = setTimeout(() => look(cell), rest);
    }),
  ];
  return () => {
    clearTimeout(timer);
    for (const end of ends) end();
  };
}
