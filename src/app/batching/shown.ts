// The comparison in view: where its runs come from, and the tracks made of them. It follows the address.

import { batch, computed, effect, signal } from '@preact/signals';
import { type Failure, failure } from '../../core/result.ts';
import type { Request } from '../../engine/request.ts';
import type { Standing } from '../../model/probe-report.ts';
import { type PageStates, pageStates } from '../../views/batching/page-states.ts';
import type { Taken } from '../../views/batching/summary.ts';
import type { Track } from '../../views/batching/track.ts';
import { asServed } from './as-served.ts';
import { compute, computeNow } from './compute.ts';
import type { OwnRuns } from './gpu-run.ts';
import { doubtsOf, lanesOf, modelOfRun, type ShownLane, standingOf, takenBy } from './lanes.ts';
import { recordedRuns } from './runs.ts';
import type { Served } from './serve.ts';
import { serveRequests } from './spec.ts';
import { batching, type sources } from './view.ts';
import { comparisonKey, cost, lesson, ofLesson, wanted } from './wanted.ts';

export type Source = (typeof sources)[number];

/** A comparison that is being measured now: the lane that runs, and how often it has. */
export interface Running {
  readonly lane: number;
  readonly repeat: number | 'warm-up';
  readonly repeats: number;
  /** Length of the axis while nobody knows how long the run will take. */
  readonly span: { readonly seconds: number; readonly steps: number };
}

export interface Shown {
  readonly source: Source;
  readonly lanes: readonly ShownLane[];
  /** One line: what the times rest on. */
  readonly device: string;
  /** Times come from a cost model, not from a device. */
  readonly simulated: boolean;
  readonly taken: Taken;
  readonly date: string | undefined;
  readonly browser: string | undefined;
  /** The model that answered; null on the virtual clock. */
  readonly model: string | null;
  /** How the model that answered came to its numerics; null on the virtual clock and in runs of before it was recorded. */
  readonly standing: Standing | null;
  /** The requests, in the order in which the first run took them. */
  readonly requests: readonly Request[];
  /** Why these runs are not to be trusted, or stopped early. */
  readonly invalid: readonly string[];
  /** How many requests the workload has, when the first of them were served to keep to a time. */
  readonly of: number | null;
  /** Null once everything has been measured. */
  readonly running: Running | null;
}

const current = signal<Shown | null>(null);
/** What is being measured, drawn as it comes (live.ts); null when nothing runs. */
export const liveShown = signal<Shown | null>(null);
/** The comparison in view; null until the first one is there. */
export const shown = computed(() => liveShown.value ?? current.value);
export const showFailure = signal<Failure | null>(null);
/** True while a worker computes. */
export const computing = signal(false);

/** The reader's own measured runs of this visit, by their comparison's key. */
export const ownRuns = signal<ReadonlyMap<string, OwnRuns>>(new Map());
export const fileRuns = signal<readonly Served[]>([]);
/** The recorded comparisons that were loaded, by their keys. */
const recorded = signal<ReadonlyMap<string, Shown>>(new Map());

/**
 * The run below the one that is drawn, for comparing by eye: the recorded one of the same model; on the virtual clock, where no model
 * answers, the reader's own before it.
 */
export const below = computed((): Shown | null => {
  const now = shown.value;
  const other = recorded.value.get(comparisonKey.value) ?? null;
  switch (now?.source) {
    case 'yours':
      return other?.model === now.model ? other : null;
    case 'virtual': {
      const own = ownRuns.value.get(comparisonKey.value);
      return own ? shownOf('yours', own.runs, own) : other;
    }
    default:
      return null;
  }
});

/** A comparison of these runs; null without any. */
export function shownOf(
  source: Source,
  runs: readonly Served[],
  told: {
    readonly keys?: readonly string[];
    readonly of?: number | null;
  } = {},
): Shown | null {
  const [first] = runs;
  if (!first) return null;
  const lanes = lanesOf(runs, told.keys);
  return {
    source,
    lanes,
    device: [...new Set(runs.map((run) => run.header.device))].join(' and '),
    simulated: runs.some((run) => run.header.clock === 'virtual'),
    taken: takenBy(lanes),
    date: first.header.date,
    browser: first.header.browser,
    model: modelOfRun(first.header),
    standing: standingOf(first.header),
    requests: first.requests,
    invalid: doubtsOf(lanes),
    of: told.of ?? null,
    running: null,
  };
}

const states = new WeakMap<Track, PageStates>();

/** Page states of a lane's drawn run, made when first asked for. */
export function pagesOf(lane: ShownLane): PageStates {
  const known = states.get(lane.track);
  if (known) return known;
  const made = pageStates(lane.track, lane.limits.pages, lane.limits.pageSize);
  states.set(lane.track, made);
  return made;
}

function show(next: Shown | null): void {
  batch(() => {
    current.value = next;
    showFailure.value = null;
    computing.value = false;
  });
}

function fail(failure: Failure): void {
  batch(() => {
    showFailure.value = failure;
    computing.value = false;
  });
}

/** An address holds no file, and another comparison in its place would pass for it. */
const fileClosed = failure(
  'file-closed',
  'The run file that was shown here is not open any more: the page keeps it only until it is reloaded.',
  'Open it again, or drop it here.',
);

/** Counts wishes, so that an answer that comes late is dropped. */
let wish = 0;

/** What needs no waiting for; what is still waited for comes too late. */
function showNow(next: Shown | null): void {
  wish++;
  show(next);
}

function showNothing(why: Failure): void {
  wish++;
  batch(() => {
    current.value = null;
    fail(why);
  });
}

async function showVirtual(): Promise<void> {
  const mine = ++wish;
  const want = wanted.value;
  if (!want.ok) return fail(want.error);
  // what the reader's device served of them is what is computed, unless all of it is asked for
  const own = size.value === 'short' ? ownRuns.value.get(comparisonKey.value) : undefined;
  const some = own && own.of !== null ? asServed(want.value, own.runs) : want.value;
  const requests = serveRequests(some, cost.value);
  const keys = some.tracks.map((t) => t.key);
  const of = some.requests.length < want.value.requests.length ? want.value.requests.length : null;
  const now = computeNow(requests);
  if (!now) computing.value = true;
  const done = now ?? (await compute(requests));
  if (mine !== wish || done === undefined) return;
  if (done.ok) show(shownOf('virtual', done.value, { keys, of }));
  else fail(done.error);
}

/** What is recorded of the open lesson; null when nothing is. */
async function loadRecorded(): Promise<Shown | null> {
  const [id, key] = [lesson.value?.id ?? '', comparisonKey.value];
  const found = shownOf('recorded', await recordedRuns(id));
  if (found) recorded.value = new Map(recorded.peek()).set(key, found);
  return found;
}

async function showRecorded(): Promise<void> {
  const mine = ++wish;
  try {
    const next = await loadRecorded();
    if (mine !== wish) return;
    if (!next) return showVirtual(); // nothing is recorded for this lesson: the same run is computed
    show(next);
  } catch (error) {
    if (mine === wish)
      fail({
        code: 'recorded',
        message: `The recorded run cannot be shown: ${error instanceof Error ? error.message : String(error)}`,
        hint: 'Run it on the virtual clock instead.',
      });
  }
}

/** The reader's runs of an earlier visit; without any, the same comparison is computed. */
async function showKept(key: string): Promise<void> {
  const mine = ++wish;
  const { restored } = await import('./kept.ts');
  const own = await restored(key).catch(() => null);
  if (mine !== wish) return;
  if (own) ownRuns.value = new Map(ownRuns.value).set(key, own);
  else await showVirtual();
}

async function showLink(text: string): Promise<void> {
  const mine = ++wish;
  const { completed, readLink } = await import('./result-link.ts');
  const read = await readLink(text);
  if (mine !== wish) return;
  if (!read.ok) return fail(read.error);
  const { linked } = read.value;
  const next = shownOf('link', read.value.runs, read.value);
  show(next && linked ? completed(next, linked) : next);
}

/** Loads what is drawn below the runs in view; without it they stand alone. */
function loadBelow(): void {
  if (ofLesson.value) loadRecorded().catch(() => undefined);
}

// what decides which runs are shown, apart from where the reader looks
const from = computed(() => batching.view.value.from);
const result = computed(() => batching.view.value.result);
const size = computed(() => batching.view.value.size);

/** Follows the address while the page is open; returns how to stop. */
export const follow = (): (() => void) =>
  effect(() => {
    switch (from.value) {
      case 'recorded':
        // of anything but a lesson's own comparison, nothing is recorded
        void (ofLesson.value ? showRecorded() : showVirtual());
        return;
      case 'virtual':
        loadBelow();
        void showVirtual();
        return;
      case 'yours': {
        loadBelow();
        const own = ownRuns.value.get(comparisonKey.value);
        if (own) showNow(shownOf('yours', own.runs, own));
        else void showKept(comparisonKey.value);
        return;
      }
      case 'file':
        if (fileRuns.value.length > 0) showNow(shownOf('file', fileRuns.value));
        else showNothing(fileClosed);
        return;
      case 'link':
        void showLink(result.value);
    }
  });
