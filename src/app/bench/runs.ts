// The runs that the page knows: recorded ones that come with the site, the reader's own (kept in the browser),
// opened files, and the one a link carries. Whose a run is never changes.

import { batch, computed, signal } from '@preact/signals';
import { get, set } from 'idb-keyval';
import type { Failure } from '../../core/result.ts';
import { parseResultFile, readResultFile } from '../../measure/read-results.ts';
import { type ResultFile, schemaName } from '../../measure/schema.ts';
import { decodeRun } from './link.ts';
import { bench } from './view.ts';

export type Origin = 'recorded' | 'yours' | 'file' | 'link';

export interface Run {
  /** `recorded/NAME`, `yours/DATE`, `file/NAME`, `link`. */
  readonly id: string;
  readonly origin: Origin;
  readonly file: ResultFile;
}

export const runs = signal<readonly Run[]>([]);
/** Why the last file or link could not be opened. */
export const openFailures = signal<readonly Failure[]>([]);
/** Ids of the runs that are compared, in the order they were ticked; the first is what the others relate to. */
export const compared = signal<readonly string[]>([]);
/** False until recorded and kept runs have been looked for. */
export const looked = signal(false);

const storageKey = 'lockstep.bench.runs';
const keep = 20;

/** Adds runs in front, replacing those with the same id. */
function add(...added: readonly Run[]): void {
  const ids = new Set(added.map((run) => run.id));
  runs.value = [...added, ...runs.value.filter((run) => !ids.has(run.id))];
}

async function store(): Promise<void> {
  const own = runs.value.filter((run) => run.origin === 'yours').slice(0, keep);
  try {
    await set(
      storageKey,
      own.map((run) => run.file),
    );
  } catch {
    // storage is full or blocked: the run stays for this visit, and Download keeps it
  }
}

export function addOwn(file: ResultFile): void {
  add({ id: `yours/${file.date}`, origin: 'yours', file });
  void store();
}

export function remove(id: string): void {
  runs.value = runs.value.filter((run) => run.id !== id);
  void store();
}

/** Opens files; each that is none is named in `openFailures`. Gives the ids of the others. */
export async function openFiles(files: readonly File[]): Promise<readonly string[]> {
  const failures: Failure[] = [];
  const opened: Run[] = [];
  for (const file of files) {
    const parsed = parseResultFile(await file.text(), file.name);
    if (parsed.ok) opened.push({ id: `file/${file.name}`, origin: 'file', file: parsed.value });
    else failures.push(parsed.error);
  }
  add(...opened);
  openFailures.value = failures;
  return opened.map((run) => run.id);
}

/** Opens what a link carries. */
export async function openLink(text: string): Promise<void> {
  const decoded = await decodeRun(text);
  if (decoded.ok) add({ id: 'link', origin: 'link', file: decoded.value });
  else openFailures.value = [decoded.error];
}

const recorded = import.meta.glob<string>(['/bench/results/*.json', '/bench/results/kernels/*.json'], {
  query: '?url',
  import: 'default',
  eager: true,
});

async function readRecorded(path: string, url: string): Promise<readonly Run[]> {
  const text = await (await fetch(url)).text();
  // other suites keep their results in the same folder, in their own schema
  if (!text.includes(`"${schemaName}"`)) return [];
  const parsed = parseResultFile(text, path);
  const name = path.split('/').at(-1)?.replace('.json', '') ?? path;
  return parsed.ok ? [{ id: `recorded/${name}`, origin: 'recorded', file: parsed.value }] : [];
}

async function readKept(): Promise<readonly Run[]> {
  // an older page kept its runs in its own schema
  const files = ((await get<unknown[]>(storageKey)) ?? []).map((value) => readResultFile(value));
  return files.flatMap((read) =>
    read.ok ? [{ id: `yours/${read.value.date}`, origin: 'yours' as const, file: read.value }] : [],
  );
}

/** Looks for kept and recorded runs. Call once; safe offline after the first visit, and without storage. */
export async function loadRuns(): Promise<void> {
  const sources = [readKept(), ...Object.entries(recorded).map(([path, url]) => readRecorded(path, url))];
  const found = (await Promise.allSettled(sources)).flatMap((s) => (s.status === 'fulfilled' ? s.value : []));
  const known = new Set(runs.value.map((run) => run.id));
  // all at once: the page must not show one run and then another
  batch(() => {
    runs.value = [...runs.value, ...found.filter((run) => !known.has(run.id))];
    looked.value = true;
  });
}

const has = (run: Run, op: string): boolean => run.file.results.some((row) => row.op === op);

/** The run in view: the one in the link, the one chosen, else the newest own, else a recorded one (a GPU's first). */
export const shown = computed((): Run | null => {
  const { result, run: id, op } = bench.view.value;
  const all = runs.value;
  if (result !== '') return all.find((run) => run.origin === 'link') ?? null;
  const chosen = all.find((run) => run.id === id);
  if (chosen) return chosen;
  const fitting = all.filter((run) => has(run, op));
  const own = fitting.find((run) => run.origin === 'yours');
  const onGpu = fitting.find((run) => run.origin === 'recorded' && !run.file.device.fallback);
  return own ?? onGpu ?? fitting[0] ?? all[0] ?? null;
});
