// A tour: stops that set the cursor and the views, each with a few sentences and perhaps something to do. A
// tour is one file in src/app/tours.

import { computed, effect, signal } from '@preact/signals';
import { collect } from '../../core/collect.ts';
import { accessSpans, shownStep, touchedNow } from './now.ts';
import { findings, isUpToDate, seek, session, time, verdict } from './session.ts';
import { placeTime, type TourPlace } from './tour-place.ts';
import { fresh, type StepView, step } from './view.ts';

/** What a task is told of the page. */
export interface TourState {
  readonly kernel: string;
  readonly workgroup: number;
  /** Text of the shown line. */
  readonly line: string;
  readonly subgroup: number;
  /** Names of the memories that the shown step touches. */
  readonly touches: readonly string[];
  readonly picked: string;
  /** Lines struck out, races found, wrong cells. */
  readonly struck: number;
  readonly races: number;
  readonly wrong: number;
  /** The cursor has left the place where the stop put it. */
  readonly moved: boolean;
}

export interface TourStop {
  readonly title: string;
  readonly text: string;
  /** What the stop sets in the address; the rest stays. */
  readonly view: Partial<StepView>;
  readonly at: TourPlace;
  readonly task?: { readonly text: string; readonly done: (now: TourState) => boolean };
}

export interface Tour {
  readonly id: string;
  readonly title: string;
  readonly about: string;
  readonly kernel: string;
  /** Six to ten. */
  readonly stops: readonly TourStop[];
}

export const tours = collect<Tour>(import.meta.glob('../tours/*.ts', { eager: true }));

export const tour = computed(() => tours.get(step.view.value.tour) ?? null);
export const stopNumber = computed(() => Math.min(step.view.value.stop, (tour.value?.stops.length ?? 1) - 1));
export const tourStop = computed(() => tour.value?.stops[stopNumber.value] ?? null);

/** Where the stop put the cursor. */
const placed = signal<number | null>(null);

export const tourState = computed((): TourState => {
  const { kernel, cell, strike } = step.view.value;
  const now = session.value;
  return {
    kernel,
    workgroup: now?.opened.workgroup ?? 0,
    line: now?.lines[(shownStep.value?.line ?? 1) - 1] ?? '',
    subgroup: shownStep.value?.subgroup ?? 0,
    touches: accessSpans.value.length === 0 ? [] : touchedNow.value.map((t) => t.name),
    picked: cell,
    struck: strike.length,
    races: findings.value.filter((f) => f.kind === 'race').length,
    wrong: verdict.value?.failed ?? 0,
    moved: placed.value !== null && time.value !== placed.value,
  };
});

/** Begins a tour, or goes to one of its stops. */
export function goToStop(id: string, stop: number): void {
  const found = tours.get(id);
  const at = found?.stops[stop];
  if (!found || !at) return;
  const anew =
    stop === 0 ? { ...fresh, kernel: found.kernel, order: 'round-robin' as const, sg: '32' as const } : {};
  placed.value = null;
  step.go({ ...anew, ...at.view, tour: id, stop, t: '' });
}

export const endTour = (): void => step.go({ tour: '', stop: 0 });

function timeOf(place: TourPlace): number | null {
  const now = session.peek();
  if (!now) return null;
  if (place === 'start') return 0;
  if (place === 'end') return now.opened.length;
  if (place === 'stay') return time.peek();
  return 'touch' in place ? null : placeTime(now.recording, now.lines, place);
}

/** Puts the cursor where the stop wants it, once its kernel is open. */
export function followTour(firstTouch: (memory: string, nth: number) => Promise<number | null>): () => void {
  let settled = '';
  return effect(() => {
    const current = tour.value;
    const stop = tourStop.value;
    const now = session.value;
    const key = `${current?.id}:${stopNumber.value}`;
    if (!current || !stop) settled = ''; // a tour that is begun again is one
    if (!current || !stop || !now || !isUpToDate() || settled === key) return;
    const wanted = stop.view.kernel ?? (stopNumber.value === 0 ? current.kernel : null);
    const open = now.subject.contract
      ? `${now.subject.contract.op.id}/${now.subject.contract.version.id}`
      : '';
    if (wanted !== null && open !== wanted) return;
    settled = key;
    const put = (to: number | null): void => {
      if (to === null || settled !== key) return; // the reader may have gone on before the answer
      placed.value = to;
      seek(to);
    };
    if (typeof stop.at === 'object' && 'touch' in stop.at)
      void firstTouch(stop.at.touch, stop.at.nth).then(put);
    else put(timeOf(stop.at));
  });
}
