// Comparisons that outlive their tab: every finished run is written to IndexedDB as it comes, so that a closed or reloaded tab
// loses the run that went on and no other. What ended early is offered; what reached its end is there again by itself.

import { signal } from '@preact/signals';
import { createStore, delMany, getMany, keys, set } from 'idb-keyval';
import { replay } from '../../engine/replay.ts';
import { doubted, type RunFile, type RunHeader } from '../../engine/run-file.ts';
import type { OwnRuns } from './gpu-run.ts';
import type { Served } from './serve.ts';
import type { batching } from './view.ts';

/** What was asked for: enough to look at its runs again. */
export interface Asked {
  /** The comparison's key (wanted.ts). */
  readonly key: string;
  /** Keys of the tracks, by contender. */
  readonly tracks: readonly string[];
  /** How many requests the workload has. */
  readonly requests: number;
  readonly view: Partial<typeof batching.view.value>;
}

export interface Head extends Asked {
  /** ISO date of its begin, and what tells two of one moment apart. */
  readonly id: string;
  /** Headers of its runs as they were at its end; null when its tab went away before. */
  readonly ended: readonly RunHeader[] | null;
}

/** A comparison whose tab went away, and how many runs of it are kept. */
export interface Early {
  readonly head: Head;
  readonly runs: number;
}

interface KeptRun {
  readonly contender: number;
  readonly file: RunFile;
}

/** The comparisons to offer, the newest first. */
export const early = signal<readonly Early[]>([]);

/** Comparisons that are kept at most. */
const MOST = 6;
const CUT = 'its tab was closed or reloaded before it ended';

/** 2: a comparison's key names its pool. */
const store = createStore('lockstep-comparisons-2', 'comparisons');
const runKey = (id: string, n: number): string => `${id}/${String(n).padStart(4, '0')}`;
const idOf = (key: string): string => key.split('/')[0] ?? '';
const lockOf = (id: string): string => `lockstep-comparison ${id}`;

interface Kept {
  readonly head: Head;
  /** Keys of its runs. */
  readonly runs: readonly string[];
}

/** Everything that is kept, the newest first. */
async function readAll(): Promise<readonly Kept[]> {
  const all = (await keys<string>(store)).sort();
  const heads = await getMany<Head>(all.filter((key) => !key.includes('/')).reverse(), store);
  return heads.flatMap((head) => {
    const runs = all.filter((key) => key.includes('/') && idOf(key) === head?.id);
    return head ? [{ head, runs }] : [];
  });
}

/** The runs of a comparison that are still there: another tab may discard them meanwhile. */
const runsOf = async (kept: Kept | undefined): Promise<readonly KeptRun[]> =>
  (await getMany<KeptRun>([...(kept?.runs ?? [])], store)).filter((run) => run !== undefined);

/** Comparisons that some tab is measuring now: it holds a lock, which the browser takes back when it goes away. */
async function running(): Promise<ReadonlySet<string>> {
  const { held = [] } = (await navigator.locks?.query()) ?? {};
  return new Set(held.map(({ name = '' }) => name));
}

const remove = (gone: readonly Kept[]): Promise<void> =>
  delMany(
    gone.flatMap(({ head, runs }) => [head.id, ...runs]),
    store,
  );

/** Storage may be blocked or full: a comparison then lasts as long as its tab. */
const quietly = (work: Promise<unknown>): void => void work.catch(() => undefined);

/** A comparison that is being measured: it keeps what it is given. */
export class Keeper {
  readonly #head: Head;
  #count = 0;
  #release: () => void = () => undefined;

  constructor(asked: Asked) {
    const id = `${new Date().toISOString()} ${crypto.randomUUID()}`;
    this.#head = { ...asked, id, ended: null };
    void navigator.locks?.request(
      lockOf(id),
      () =>
        new Promise<void>((resolve) => {
          this.#release = resolve;
        }),
    );
    quietly(set(id, this.#head, store));
  }

  run(contender: number, file: RunFile): void {
    const run: KeptRun = { contender, file };
    quietly(set(runKey(this.#head.id, this.#count++), run, store));
  }

  /** It ended, early or not, with the page there; null: with nothing to keep. */
  async end(own: OwnRuns | null): Promise<void> {
    const { id, key } = this.#head;
    try {
      const ended = own?.runs.map(({ header }) => header) ?? null;
      if (ended) await set(id, { ...this.#head, ended }, store);
      const [all, now] = [await readAll(), await running()];
      const old = all.filter(
        ({ head }, i) =>
          !now.has(lockOf(head.id)) && head.id !== id && (i >= MOST || (head.ended && head.key === key)),
      );
      await remove([...old, ...all.filter(({ head }) => head.id === id && !ended)]);
    } catch {
      // as for `quietly`
    } finally {
      this.#release();
    }
  }
}

/** Looks for comparisons whose tab went away. */
export async function readEarly(): Promise<void> {
  try {
    const [all, now] = [await readAll(), await running()];
    const left = all.filter(({ head }) => head.ended === null && !now.has(lockOf(head.id)));
    await remove(left.filter(({ runs }) => runs.length === 0));
    early.value = left.flatMap(({ head, runs }) => (runs.length > 0 ? { head, runs: runs.length } : []));
  } catch {
    early.value = [];
  }
}

/** The runs of a comparison that was measured in an earlier visit and reached its end, or was opened since; null without one. */
export async function restored(key: string): Promise<OwnRuns | null> {
  const found = (await readAll()).find(({ head }) => head.ended !== null && head.key === key);
  return found ? ownRunsOf(found.head, await runsOf(found)) : null;
}

/** Takes what ended early as it is: its runs say that it was cut. Null when its runs cannot be read. */
export async function accept({ head }: Early): Promise<OwnRuns | null> {
  const runs = await runsOf((await readAll()).find((one) => one.head.id === head.id));
  const taken = { ...head, ended: runs.map(({ file }) => doubted(file, [CUT]).header) };
  await set(head.id, taken, store);
  await readEarly();
  return ownRunsOf(taken, runs);
}

export async function discard({ head }: Early): Promise<void> {
  await remove((await readAll()).filter((one) => one.head.id === head.id));
  await readEarly();
}

function ownRunsOf({ ended, tracks, requests }: Head, kept: readonly KeptRun[]): OwnRuns | null {
  const runs: Served[] = [];
  const trackKeys: string[] = [];
  for (const [i, { contender, file }] of kept.entries()) {
    const trace = replay(file);
    if (!trace.ok) return null;
    runs.push({ trace: trace.value, header: ended?.[i] ?? file.header, requests: file.requests });
    trackKeys.push(tracks[contender] ?? file.header.strategy);
  }
  const served = runs[0]?.requests.length ?? 0;
  return runs.length > 0 ? { runs, keys: trackKeys, of: served < requests ? requests : null } : null;
}
