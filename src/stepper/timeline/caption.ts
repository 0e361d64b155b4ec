// One sentence about a step, and the numbers in it.

import { bankLoad, sectors } from '../analysis/banks.ts';
import type { MemoryRef } from '../api.ts';
import type { Caption } from '../recording.ts';
import { activeCount } from './active.ts';
import type { Timeline } from './timeline.ts';

const MODES = ['read', 'write', 'atomic'] as const;
type AccessSummary = Caption['accesses'][number];

/** The accesses of a step, one entry for each memory, variable and mode. */
export function summarize(timeline: Timeline, step: number): AccessSummary[] {
  const { kernel } = timeline.run;
  const a = timeline.accesses(step);
  const groups = new Map<
    string,
    { ref: MemoryRef; name: string; mode: AccessSummary['mode']; rows: number[] }
  >();
  for (let i = 0; i < a.byte.length; i++) {
    const memory = a.memory[i] ?? 0;
    const byte = a.byte[i] ?? 0;
    const mode = MODES[a.mode[i] ?? 0] ?? 'read';
    const owner = kernel.workgroupVars.find((v) => byte >= v.offset && byte < v.offset + v.bytes);
    const name =
      memory === 0 ? (owner?.name ?? 'workgroup memory') : (kernel.bindings[memory - 1]?.name ?? '');
    const key = `${memory}:${name}:${mode}:${a.start[i]}`;
    const ref: MemoryRef = memory === 0 ? { space: 'workgroup' } : { space: 'binding', index: memory - 1 };
    const group = groups.get(key) ?? { ref, name, mode, rows: [] };
    group.rows.push(i);
    groups.set(key, group);
  }
  return [...groups.values()].map(({ ref, name, mode, rows }) => {
    const access = rows.map((i) => ({ lane: a.lane[i] ?? 0, byte: a.byte[i] ?? 0 }));
    const at = access.map(({ byte }) => byte);
    const size = a.bytes[rows[0] ?? 0] ?? 4;
    const distinct = (unit: number): number => sectors(at, size, unit).touched.length;
    const own = ref.space === 'workgroup';
    return {
      memory: ref,
      name,
      mode,
      lanes: rows.length,
      bytes: rows.length * size,
      sectors: own ? 0 : distinct(32),
      lines: own ? 0 : distinct(128),
      bankWays: own ? bankLoad(access, size).ways : 0,
    };
  });
}

const verbs = { read: 'reads', write: 'writes', atomic: 'updates' } as const;
const times = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;

function accessPhrase(s: AccessSummary): string {
  if (s.memory.space === 'workgroup') {
    const conflict = s.bankWays > 1 ? `, a ${s.bankWays}-way bank conflict` : '';
    return `${verbs[s.mode]} ${s.name}${conflict}`;
  }
  return `${verbs[s.mode]} ${s.name} (${times(s.sectors, 'sector')})`;
}

/** What step `step` does. */
export function caption(timeline: Timeline, step: number): Caption | undefined {
  const { kernel } = timeline.run;
  const { steps } = timeline;
  const statement = kernel.statements[steps.statement[step] ?? -1];
  if (!statement) return undefined;
  const subgroup = steps.subgroup[step] ?? 0;
  const { machine } = timeline.runner;
  const lanes = machine.subgroups[subgroup]?.lanes ?? 0;
  const active = activeCount(steps, step);
  const accesses = summarize(timeline, step);
  const who = machine.subgroups.length === 1 ? 'The subgroup' : `Subgroup ${subgroup}`;
  const share = active === lanes ? `all ${times(lanes, 'lane')}` : `${active} of ${times(lanes, 'lane')}`;
  const text = kernel.source
    .slice(statement.span.start, statement.span.end)
    .replace(/\s+/g, ' ')
    .replace(/;$/, '');
  const short = text.length > 60 ? `${text.slice(0, 57)}…` : text;
  const does = accesses.length > 0 ? `: ${accesses.map(accessPhrase).join(', ')}` : '';
  const sentence =
    statement.kind === 'barrier'
      ? `${who} arrives at the barrier on line ${statement.span.line} with ${share}.`
      : `${who} executes ${short} on line ${statement.span.line} with ${share}${does}.`;
  return { sentence, subgroup, line: statement.span.line, kind: statement.kind, active, lanes, accesses };
}
