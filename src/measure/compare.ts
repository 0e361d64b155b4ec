// Result files side by side: each row against the same row of the first file. Nothing is called faster inside the noise,
// and a row that only one file has is named, never dropped.

import { type Comparison, compare } from './rank.ts';
import type { ResultFile, ResultRow } from './schema.ts';

export interface NamedFile {
  readonly name: string;
  readonly file: ResultFile;
}

export type ComparedCell =
  /** `against`: the first file's row is the base; above 1 this file's is faster. Null in the first file, or without a base. */
  | { readonly kind: 'time'; readonly medianMs: number; readonly against: Comparison | null }
  | { readonly kind: 'none'; readonly why: string };

export interface ComparedRow {
  /** `matmul 512 f32 · 04_vec4_8x4` */
  readonly name: string;
  /** One a file, in their order. */
  readonly cells: readonly ComparedCell[];
}

export interface ComparedFiles {
  /** Rows that at least two files have. */
  readonly rows: readonly ComparedRow[];
  /** Names of the rows that only this file has, by file; files without such rows are left out. */
  readonly only: readonly { readonly file: string; readonly rows: readonly string[] }[];
  /** What a reader must know before believing a ratio: devices, clocks, parameters that differ; invalid runs. */
  readonly notes: readonly string[];
}

/** Rows by what they are; the dims belong to it, because a shape's name may come to mean another size. */
function byKey({ results, calls = [] }: ResultFile): Map<string, { name: string; row: ResultRow }> {
  const entries = [
    ...results.map((row) => ({ row, kind: '' })),
    ...calls.map((row) => ({ row, kind: ' (call)' })),
  ].map(({ row, kind }) => {
    const { op, shape, dtype, peer, version, dims } = row;
    const who = peer === 'lockstep' ? version : `${peer} ${version}`;
    const name = `${op} ${shape} ${dtype} · ${who}${kind}`;
    return [`${name} ${JSON.stringify(dims)}`, { name, row }] as const;
  });
  return new Map(entries);
}

const hasTime = (row: ResultRow | undefined): row is ResultRow & { readonly medianMs: number } =>
  row?.verified === true && row.medianMs !== null;

function cellOf(row: ResultRow | undefined, base: ResultRow | undefined): ComparedCell {
  if (!row) return { kind: 'none', why: 'not in this file' };
  if (!hasTime(row)) return { kind: 'none', why: row.why ?? 'not measured' };
  const against = hasTime(base) && base !== row ? compare(row.samplesMs, base.samplesMs) : null;
  return { kind: 'time', medianMs: row.medianMs, against };
}

const differs = (values: readonly string[]): boolean => new Set(values).size > 1;

function notesOf(files: readonly NamedFile[]): string[] {
  const notes = files.flatMap(({ name, file }) => file.invalid.map((why) => `${name} is invalid: ${why}`));
  const say = (what: string, of: (file: ResultFile) => string): void => {
    if (differs(files.map(({ file }) => of(file))))
      notes.push(
        `${what} differ: ${files.map(({ name, file }) => `${name}: ${of(file) || 'not told'}`).join('; ')}`,
      );
  };
  say('devices', ({ device }) =>
    [device.vendor, device.architecture, device.device, device.description].filter(Boolean).join(' '),
  );
  say('browsers', ({ device }) => device.browser);
  say('commits', ({ commit }) => commit?.slice(0, 9) ?? '');
  return notes;
}

/** Compares every file with the first. Takes two or more. */
export function compareFiles(files: readonly NamedFile[]): ComparedFiles {
  const maps = files.map(({ file }) => byKey(file));
  const names = new Map(maps.flatMap((map) => [...map].map(([key, { name }]) => [key, name] as const)));
  const rows: ComparedRow[] = [];
  const only = files.map(({ name }) => ({ file: name, rows: [] as string[] }));
  const notes = notesOf(files);
  for (const [key, name] of names) {
    const found = maps.map((map) => map.get(key)?.row);
    const holders = found.flatMap((row, i) => (row ? [i] : []));
    const [first, second] = holders;
    if (second === undefined) {
      if (first !== undefined) only[first]?.rows.push(name);
      continue;
    }
    rows.push({ name, cells: found.map((row) => cellOf(row, found[0])) });
    const present = found.filter((row) => row !== undefined);
    if (differs(present.filter(hasTime).map(({ clock }) => clock ?? '')))
      notes.push(`${name}: clocks differ`);
    if (differs(present.map(({ params }) => JSON.stringify(params))))
      notes.push(`${name}: parameters differ`);
  }
  return { rows, only: only.filter((one) => one.rows.length > 0), notes };
}
