// Comparisons that outlive their tab: every finished run is written to IndexedDB as it comes, and of the run that goes on what has
// come so far, so that a closed or reloaded tab loses some seconds of it. What ended early is offered; what reached its end is there
// again by itself.

import { signal } from '@preact/signals';
import { createStore, delMany, getMany, keys, promisifyRequest, set } from 'idb-keyval';
import { replay } from '../../engine/replay.ts';
import type { Request } from '../../engine/request.ts';
import { doubted, type RunFile, type RunHeader } from '../../engine/run-file.ts';
import type { LiveBlock } from '../../worker/serving/protocol.ts';
import { type CutRun, cutRun } from './cut-run.ts';
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

/** A comparison whose tab went away, how many runs of it are kept, and whether one of them was cut by that. */
export interface Early {
  readonly head: Head;
  readonly runs: number;
  readonly cut: boolean;
}

type KeptRun = CutRun;

/** The comparisons to offer, the newest first. */
export const early = signal<readonly Early[]>([]);

/** Comparisons that are kept at most. */
const MOST = 6;
const CUT = 'its tab was closed or reloaded before it ended';
/** Milliseconds between two writes of a run that goes on: what a crash loses of it, and seldom enough to take nothing from it. */
const EVERY = 2000;

/** 2: a comparison's key names its pool. */
const store = createStore('lockstep-comparisons-2', 'comparisons');
const runKey = (id: string, n: number): string => `${id}/${String(n).padStart(4, '0')}`;
/** What the run that goes on has sent, in parts; and what it serves. */
const liveKey = (id: string, n: number): string => `${id}/live/${String(n).padStart(6, '0')}`;
const requestsKey = (id: string): string => `${id}/requests`;
const idOf = (key: string): string => key.split('/')[0] ?? '';
const lockOf = (id: string): string => `lockstep-comparison ${id}`;

interface Kept {
  readonly head: Head;
  /** Keys of its runs, of the parts of one that went on, and of everything but its head. */
  readonly runs: readonly string[];
  readonly live: readonly string[];
  readonly all: readonly string[];
}

/** Everything that is kept, the newest first. */
async function readAll(): Promise<readonly Kept[]> {
  const all = (await keys<string>(store)).sort();
  const heads = await getMany<Head>(all.filter((key) => !key.includes('/')).reverse(), store);
  return heads.flatMap((head) => {
    const own = all.filter((key) => key.includes('/') && idOf(key) === head?.id);
    const runs = own.filter((key) => /^\d+$/.test(key.split('/')[1] ?? ''));
    const live = own.filter((key) => key.split('/')[1] === 'live');
    return head ? [{ head, runs, live, all: own }] : [];
  });
}

/** The runs of a comparison that are still there: another tab may discard them meanwhile. */
const runsOf = async (kept: Kept | undefined): Promise<readonly KeptRun[]> =>
  (await getMany<KeptRun>([...(kept?.runs ?? [])], store)).filter((run) => run !== undefined);

/** The run that went on when its tab went away; null when no step of one is kept. */
async function cutOf({ head, live }: Kept): Promise<KeptRun | null> {
  if (live.length === 0) return null;
  const [requests] = await getMany<readonly Request[]>([requestsKey(head.id)], store);
  const parts = await getMany<readonly LiveBlock[]>([...live], store);
  // another tab may discard them meanwhile
  const whole = parts.filter((part) => part !== undefined);
  if (!requests || whole.length < live.length) return null;
  try {
    return cutRun(whole.flat(), requests, CUT);
  } catch {
    return null; // another version wrote it
  }
}

/** Comparisons that some tab is measuring now: it holds a lock, which the browser takes back when it goes away. */
async function running(): Promise<ReadonlySet<string>> {
  const { held = [] } = (await navigator.locks?.query()) ?? {};
  return new Set(held.map(({ name = '' }) => name));
}

const remove = (gone: readonly Kept[]): Promise<void> =>
  delMany(
    gone.flatMap(({ head, all }) => [head.id, ...all]),
    store,
  );

/** Storage may be blocked or full: a comparison then lasts as long as its tab. */
const quietly = (work: Promise<unknown>): void => void work.catch(() => undefined);

/** A comparison that is being measured: it keeps what it is given. */
export class Keeper {
  readonly #head: Head;
  readonly #left = new AbortController();
  #count = 0;
  /** Of the run that goes on: what is not written yet, and the keys of what is. */
  #blocks: LiveBlock[] = [];
  #parts: string[] = [];
  #served: readonly Request[] | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
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
    const { signal } = this.#left;
    // the last moments in which a page may write
    window.addEventListener('pagehide', this.#write, { signal });
    document.addEventListener('visibilitychange', this.#write, { signal });
  }

  /** What the run that goes on has sent; it is kept until the whole run is. One that warms up is no measurement. */
  live(block: LiveBlock, requests: readonly Request[]): void {
    if (block.repeat === 'warm-up') return;
    if (this.#served !== requests) quietly(set(requestsKey(this.#head.id), requests, store));
    this.#served = requests;
    // one that was refused has left no run
    if (block.header) quietly(delMany(this.#forget(), store));
    this.#blocks.push(block);
    this.#timer ??= setTimeout(this.#write, EVERY);
  }

  run(contender: number, file: RunFile): void {
    const run: KeptRun = { contender, file };
    const key = runKey(this.#head.id, this.#count++);
    const parts = this.#forget();
    quietly(
      store('readwrite', (all) => {
        all.put(run, key);
        for (const part of parts) all.delete(part);
        return promisifyRequest(all.transaction);
      }),
    );
  }

  readonly #write = (): void => {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#blocks.length === 0) return;
    const [blocks, key] = [this.#blocks, liveKey(this.#head.id, this.#parts.length)];
    this.#blocks = [];
    this.#parts.push(key);
    quietly(
      store('readwrite', (all) => {
        all.put(blocks, key);
        // a page that goes away does not live to see the transaction end by itself
        all.transaction.commit();
        return promisifyRequest(all.transaction);
      }),
    );
  };

  /** The run that goes on is over; the keys of its parts. */
  #forget(): string[] {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#blocks = [];
    return this.#parts.splice(0);
  }

  /** It ended, early or not, with the page there; null: with nothing to keep. */
  async end(own: OwnRuns | null): Promise<void> {
    const { id, key } = this.#head;
    this.#left.abort();
    this.#forget();
    try {
      const ended = own?.runs.map(({ header }) => header) ?? null;
      if (ended) await set(id, { ...this.#head, ended }, store);
      const [all, now] = [await readAll(), await running()];
      const old = all.filter(
        ({ head }, i) =>
          !now.has(lockOf(head.id)) && head.id !== id && (i >= MOST || (head.ended && head.key === key)),
      );
      const mine = all.filter(({ head }) => head.id === id);
      await remove([...old, ...(ended ? [] : mine)]);
      await delMany([...mine.flatMap(({ live }) => live), requestsKey(id)], store);
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
    const found: Early[] = [];
    for (const kept of left) {
      const cut = (await cutOf(kept)) !== null;
      const runs = kept.runs.length + (cut ? 1 : 0);
      // of one that had only warmed up, nothing was measured
      if (runs === 0) await remove([kept]);
      else found.push({ head: kept.head, runs, cut });
    }
    early.value = found;
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
  const kept = (await readAll()).find((one) => one.head.id === head.id);
  if (!kept) return null;
  const [whole, cut] = [await runsOf(kept), await cutOf(kept)];
  const runs = cut ? [...whole, cut] : whole;
  const taken = { ...head, ended: runs.map(({ file }) => doubted(file, [CUT]).header) };
  if (cut) await set(runKey(head.id, kept.runs.length), cut, store);
  await set(head.id, taken, store);
  await delMany([...kept.live, requestsKey(head.id)], store);
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
  // one that was cut may not have seen all of them arrive
  const served = Math.max(0, ...runs.map((run) => run.requests.length));
  return runs.length > 0 ? { runs, keys: trackKeys, of: served < requests ? requests : null } : null;
}
