// One sentence on what just happened, and one on who waits. Pure.

import type { Caption, TimelineState } from '../../stepper/recording.ts';

/** Cells of one memory that a step touches, as the sentence names them. */
export interface TouchedRegion {
  readonly name: string;
  readonly mode: 'read' | 'write' | 'atomic';
  /** Row and column of each distinct cell. */
  readonly cells: readonly (readonly [row: number, column: number])[];
  /** A single row: written with one index. */
  readonly flat: boolean;
  readonly columns: number;
}

const span = (low: number, high: number): string => (low === high ? String(low) : `${low}…${high}`);

/** `a[10…11, 0…15]` when the cells fill a box, else `24 cells of a`. */
export function regionText(r: TouchedRegion): string {
  if (r.cells.length === 0) return r.name;
  if (r.flat) {
    const at = r.cells.map(([row, column]) => row * r.columns + column).sort((a, b) => a - b);
    const [low = 0, high = 0] = [at[0], at.at(-1)];
    return high - low + 1 === at.length ? `${r.name}[${span(low, high)}]` : `${at.length} cells of ${r.name}`;
  }
  const rows = r.cells.map(([row]) => row);
  const columns = r.cells.map(([, column]) => column);
  const [top, bottom] = [Math.min(...rows), Math.max(...rows)];
  const [left, right] = [Math.min(...columns), Math.max(...columns)];
  const box = (bottom - top + 1) * (right - left + 1);
  return box === r.cells.length
    ? `${r.name}[${span(top, bottom)}, ${span(left, right)}]`
    : `${r.cells.length} cells of ${r.name}`;
}

const verbs = { read: 'reads', write: 'writes', atomic: 'updates' } as const;

function listed(parts: readonly string[]): string {
  return parts.length <= 1 ? (parts[0] ?? '') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
}

/** `0–4 and 7` */
export function ranges(numbers: readonly number[]): string {
  const parts: string[] = [];
  for (let i = 0; i < numbers.length; ) {
    let j = i;
    while (j + 1 < numbers.length && numbers[j + 1] === (numbers[j] ?? 0) + 1) j++;
    if (j > i + 1) parts.push(`${numbers[i]}–${numbers[j]}`);
    else parts.push(...numbers.slice(i, j + 1).map(String));
    i = j + 1;
  }
  return listed(parts);
}

/** What step `caption` did. */
export function happened(
  caption: Caption,
  touched: readonly TouchedRegion[],
  text: string,
  subgroups: number,
): string {
  const who = subgroups === 1 ? 'The subgroup' : `Subgroup ${caption.subgroup}`;
  const masked = caption.lanes - caption.active;
  const share = masked > 0 ? ` with ${caption.active} of ${caption.lanes} lanes, ${masked} masked` : '';
  if (caption.kind === 'barrier') return `${who} arrives at the barrier on line ${caption.line}${share}.`;
  const short = text.replace(/\s+/g, ' ');
  const code = short.length > 56 ? `${short.slice(0, 54)}…` : short;
  if (touched.length === 0) return `${who} runs ${code}${share}.`;
  const does = listed(touched.map((r) => `${verbs[r.mode]} ${regionText(r)}`));
  const conflicts = Math.max(
    0,
    ...caption.accesses.filter((a) => a.memory.space === 'workgroup').map((a) => a.bankWays),
  );
  const banks = conflicts > 1 ? `; a ${conflicts}-way bank conflict` : '';
  return `${who} ${does}${share}${banks}.`;
}

/** Who waits for whom. */
export function waiting(state: TimelineState): string {
  const at = new Map<number, number[]>();
  for (const s of state.subgroups)
    if (s.status === 'barrier' && s.barrier)
      at.set(s.barrier.line, [...(at.get(s.barrier.line) ?? []), s.index]);
  const total = state.subgroups.length;
  const parts = [...at].map(([line, groups]) =>
    groups.length === total
      ? `All subgroups stand at the barrier on line ${line}: it opens.`
      : `Subgroup${groups.length > 1 ? 's' : ''} ${ranges(groups)} wait${groups.length > 1 ? '' : 's'} at line ${line} for ${total - groups.length} more.`,
  );
  return parts.join(' ');
}
