// What the panels read: the shown step, its cells, its marks; each computed once for a frame.

import { computed } from '@preact/signals';
import { activeCount, activeIn } from '../../stepper/index.ts';
import type { TouchedRegion } from '../../views/step/caption.ts';
import { laneStates } from '../../views/step/lane-grid.tsx';
import { cellOf, type Matrix } from '../../views/step/matrix.ts';
import { type LineSpan, lineMarks, type ShownStep } from '../../views/step/source-marks.ts';
import { chooseMemory, type Memory, ownerOf } from './memories.ts';
import { findings, frame, session, trailOf } from './session.ts';

/** Where in the source the shown step reads and writes memory. */
export const accessSpans = computed((): readonly LineSpan[] => {
  const f = frame.value;
  const bindings = session.value?.opened.bindings ?? [];
  const found = new Map<string, LineSpan>();
  if (!f) return [];
  for (let i = 0; i < f.accessSteps.length; i++) {
    if (f.accessSteps[i] !== f.time - 1) continue;
    if (bindings[(f.accesses.memory[i] ?? 0) - 1]?.space === 'uniform') continue;
    const [from = 0, to = 0] = [f.accesses.start[i], f.accesses.end[i]];
    const kind = f.accesses.mode[i] === 0 ? 'read' : 'write';
    found.set(`${from}:${kind}`, { from, to, kind });
  }
  return [...found.values()];
});

/** The step before a time, or null at the start. */
export const shownStep = computed((): ShownStep | null => {
  const now = session.value;
  const f = frame.value;
  if (!now || !f || f.time === 0) return null;
  const { steps } = now.opened;
  const statement = now.opened.statements[steps.statement[f.time - 1] ?? 0];
  const subgroup = steps.subgroup[f.time - 1] ?? 0;
  const [x, y, z] = now.opened.workgroupSize;
  if (!statement) return null;
  const lanes = Math.min(now.opened.subgroupSize, x * y * z - subgroup * now.opened.subgroupSize);
  const at = Math.max(...accessSpans.value.map((a) => a.from), -1);
  const line = at < 0 ? statement.span.line : lineAt(now.lines, at);
  return { subgroup, statement, line, active: activeCount(steps, f.time - 1), lanes };
});

/** The line of an offset, counted from 1. */
function lineAt(lines: readonly string[], offset: number): number {
  let end = 0;
  for (const [i, text] of lines.entries()) {
    end += text.length + 1;
    if (offset < end) return i + 1;
  }
  return lines.length;
}

export const marks = computed(() => {
  const f = frame.value;
  return f ? lineMarks(f.state, shownStep.value) : new Map();
});

const code = (state: (typeof laneStates)[number]): number => laneStates.indexOf(state);
// the stepper's states in its order: active, masked, barrier, done
const codes = [code('ready'), code('masked'), code('barrier'), code('done')] as const;

/** What each lane does, as indices into laneStates. */
export const lanes = computed((): Uint8Array => {
  const now = session.value;
  const f = frame.value;
  if (!now || !f) return new Uint8Array();
  const width = now.opened.subgroupSize;
  const shown = f.time - 1;
  const group = shown >= 0 ? (now.opened.steps.subgroup[shown] ?? 0) : null;
  return f.state.lanes.map((state, lane) => {
    const after = codes[state] ?? 0;
    if (group === null || Math.floor(lane / width) !== group) return after;
    if (after === code('barrier')) return after;
    return activeIn(now.opened.steps, shown, lane % width)
      ? code('active')
      : after === code('done')
        ? after
        : code('masked');
  });
});

/** The first output: always in view below the lanes, when there is something else to choose. */
export const output = computed((): Memory | undefined => {
  const memories = session.value?.memories.filter((m) => m.space !== 'uniform') ?? [];
  return memories.length > 1 ? memories.findLast((m) => m.space === 'storage' && m.written) : undefined;
});

/** The memory that chooses itself, among those that are not in view anyway. */
export const chosen = computed((): Memory | undefined => {
  const now = session.value;
  const f = frame.value;
  if (!now || !f) return undefined;
  const free = now.memories.filter((m) => m.space !== 'uniform' && m !== output.value);
  return chooseMemory(free, f.accesses, f.accessSteps, f.time - 1, trailOf(now.opened));
});

/** What the shown step touches, memory by memory, for the caption. */
export const touchedNow = computed((): readonly TouchedRegion[] => {
  const now = session.value;
  const f = frame.value;
  if (!now || !f) return [];
  const groups = new Map<
    string,
    { memory: Memory; mode: TouchedRegion['mode']; cells: Map<number, readonly [number, number]> }
  >();
  for (let i = 0; i < f.accessSteps.length; i++) {
    if (f.accessSteps[i] !== f.time - 1) continue;
    const byte = f.accesses.byte[i] ?? 0;
    const memory = ownerOf(now.memories, f.accesses.memory[i] ?? 0, byte);
    if (!memory || memory.space === 'uniform') continue;
    const mode = f.accesses.mode[i] === 0 ? 'read' : f.accesses.mode[i] === 1 ? 'write' : 'atomic';
    const key = `${memory.name}:${mode}`;
    const group = groups.get(key) ?? { memory, mode, cells: new Map() };
    groups.set(key, group);
    const m: Matrix = memory.matrix;
    for (let at = byte; at < byte + (f.accesses.bytes[i] ?? 4); at += m.cellBytes) {
      const cell = cellOf(m, at);
      if (cell) group.cells.set(cell.row * m.columns + cell.column, [cell.row, cell.column]);
    }
  }
  return [...groups.values()].map(({ memory, mode, cells }) => ({
    name: memory.name,
    mode,
    cells: [...cells.values()],
    flat:
      memory.space === 'workgroup'
        ? !/array<array/.test(memory.matrix.shape)
        : !memory.matrix.shape.includes(','),
    columns: memory.matrix.columns,
  }));
});

/** Lines that a finding names, with its message. */
export const findingLines = computed((): ReadonlyMap<number, string> => {
  const lines = new Map<number, string>();
  for (const f of findings.value) {
    if (f.kind === 'race') {
      lines.set(f.first.span.line, f.message);
      lines.set(f.second.span.line, f.message);
    } else lines.set('site' in f ? f.site.span.line : f.span.line, f.message);
  }
  return lines;
});
