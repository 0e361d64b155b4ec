// Where the reader looks: the cursor, the part of the axis in view, the replay. One cursor for all tracks.

import { batch, computed, effect, signal } from '@preact/signals';
import {
  type AxisMode,
  endOf,
  moved,
  placeOf,
  type Range,
  startOf,
  stepAt,
  timeOf,
  wholeRange,
  zoomed,
} from '../../views/batching/axis.ts';
import { type Tick, ticksOf } from '../../views/batching/ticks.ts';
import type { Track } from '../../views/batching/track.ts';
import type { ShownLane } from './lanes.ts';
import { shown } from './shown.ts';
import { batching } from './view.ts';
import { lesson, ofLesson } from './wanted.ts';

export const mode = computed((): AxisMode => batching.view.value.axis);
/** Lanes that a presentation has room for. */
const PRESENTED = 2;
/** The lanes that are drawn: all, or the first two of a presentation. */
export const lanes = computed((): readonly ShownLane[] => {
  const all = shown.value?.lanes ?? [];
  return batching.view.value.show === 'present' ? all.slice(0, PRESENTED) : all;
});
export const tracks = computed(() => lanes.value.map((lane) => lane.track));
/** The track that keys act on. */
export const chosen = computed(
  () => tracks.value[Math.min(batching.view.value.lane, tracks.value.length - 1)],
);
/** What is being measured now; null when nothing is. */
export const running = computed(() => shown.value?.running ?? null);
export const whole = computed((): Range => {
  const { from, to } = wholeRange(tracks.value, mode.value);
  const span = running.value?.span;
  return { from, to: span ? Math.max(to, mode.value === 'time' ? span.seconds : span.steps) : to };
});

export const range = computed((): Range => {
  const [from, to] = batching.view.value.zoom.map(Number);
  const all = whole.value;
  if (from === undefined || to === undefined || !(to > from) || from >= all.to) return all;
  return { from: Math.max(all.from, from), to: Math.min(all.to, to) };
});

/** The labels of the axis for a plot of this width; none past the last step. */
export function axisTicks(width: number): readonly Tick[] {
  const steps = Math.max(0, ...tracks.value.map((track) => track.steps));
  return ticksOf(range.value, mode.value, width).filter((t) => mode.value === 'time' || t.place < steps);
}

/** Digits that tell a millisecond of a week: places of two steps never become one. */
const short = (value: number): string => String(Number(value.toPrecision(9)));

export function showRange(next: Range): void {
  const all = whole.value;
  const fits = next.from <= all.from && next.to >= all.to * 0.9999;
  batching.adjust({ zoom: fits ? [] : [short(next.from), short(next.to)] });
}

export const zoomBy = (
  factor: number,
  around = cursor.value ?? (range.value.from + range.value.to) / 2,
): void => showRange(zoomed(range.value, whole.value, factor, around));
export const panBy = (share: number): void =>
  showRange(moved(range.value, whole.value, share * (range.value.to - range.value.from)));

/** Place under the pointer; null when it is elsewhere. */
export const hovered = signal<number | null>(null);
/** The request under the pointer, and where the pointer is in the timeline. */
export interface Pointed {
  readonly track: Track;
  /** Index in the track. */
  readonly r: number;
  readonly x: number;
  readonly y: number;
}
export const pointed = signal<Pointed | null>(null);
/** Pixels by which dense rows are scrolled down, in all tracks alike. */
export const rowScroll = signal(0);

/** Second up to which the replay has come; null when it does not play. */
export const playedTo = signal<number | null>(null);
export const playing = signal(false);

/** Whether the lesson's question waits for its answer: nothing of the run is shown then. */
export const asking = computed((): boolean => {
  const { from, guess, at, door } = batching.view.value;
  const asks = lesson.value;
  if (running.value || !asks || !ofLesson.value || from !== 'recorded' || at !== '' || door !== '')
    return false;
  return guess.length < asks.marks.length && !guess.includes('skip');
});

/** All of the run up to this second is drawn. */
export const until = computed((): number => {
  if (asking.value) return Number.NEGATIVE_INFINITY;
  return playedTo.value ?? Number.POSITIVE_INFINITY;
});

export const pinned = computed((): number | null => {
  const { at } = batching.view.value;
  const place = at === '' ? Number.NaN : Number(at);
  return Number.isNaN(place) ? null : place;
});

export const pin = (place: number | null): void =>
  batching.adjust({ at: place === null ? '' : short(place) });

/** The cursor: the replay's, the pointer's, the pinned one, else a place where the tracks differ. */
export const cursor = computed((): number | null => {
  if (asking.value) return null;
  const [first] = tracks.value;
  if (playedTo.value !== null && first) return placeOfTime(playedTo.value);
  if (running.value) return hovered.value ?? head.value;
  return hovered.value ?? pinned.value ?? restingPlace.value;
});

/** The last step that has come of the run that is being measured. */
const head = computed((): number | null => {
  const track = tracks.value[running.value?.lane ?? 0];
  if (!track || track.steps === 0) return null;
  const last = track.steps - 1;
  return (startOf(track, mode.value, last) + endOf(track, mode.value, last)) / 2;
});

/** A second on the axis in view. In equal steps every track counts for itself, so the longest one leads. */
function placeOfTime(time: number): number {
  if (mode.value === 'time') return time;
  return Math.max(...tracks.value.map((track) => placeOf(track, 'steps', time)));
}

/** Where the cursor stands before anyone moves it: in the middle of the longest wait of the first track. */
const restingPlace = computed((): number | null => {
  const [track] = tracks.value;
  if (!track || track.steps === 0) return null;
  const { from, to } = track.waits;
  let best = -1;
  for (let w = 0; w < from.length; w++)
    if (best < 0 || (to[w] as number) - (from[w] as number) > (to[best] as number) - (from[best] as number))
      best = w;
  const time =
    best < 0
      ? track.end * 0.45
      : (from[best] as number) + 0.78 * ((to[best] as number) - (from[best] as number));
  const place = placeOf(track, mode.value, time);
  const step = stepAt(track, mode.value, place) ?? 0;
  return (startOf(track, mode.value, step) + endOf(track, mode.value, step)) / 2;
});

/** The track that goes on longest on the axis in view. */
export const longest = computed(() => {
  const length = (track: Track): number => (mode.value === 'time' ? track.end : track.steps);
  return tracks.value.reduce<Track | undefined>(
    (most, track) => (most && length(most) >= length(track) ? most : track),
    undefined,
  );
});

/** The track that steps are counted in at a place: the chosen one, past its end the one that goes on. */
export function goingAt(place: number): Track | undefined {
  const track = chosen.value;
  return track && track.steps > 0 && place < endOf(track, mode.value, track.steps - 1)
    ? track
    : longest.value;
}

/** The axis in time or in equal steps; the pinned place stays at its moment. */
export function toggleAxis(): void {
  const next: AxisMode = mode.value === 'time' ? 'steps' : 'time';
  const here = pinned.value;
  const track = here === null ? undefined : goingAt(here);
  const at = here === null || !track ? '' : short(placeOf(track, next, timeOf(track, mode.value, here)));
  hovered.value = null;
  batching.adjust({ axis: next, zoom: [], at });
}

/** A run of milliseconds is stretched to this many seconds; a run of minutes is shortened to it. */
const REPLAY_SECONDS = 7;
let frame = 0;

const end = computed(() => Math.max(0, ...tracks.value.map((t) => t.end)));

/** Seconds of the run that pass in one second of the replay. */
export const replaySpeed = computed(() => end.value / REPLAY_SECONDS);

const still = (): boolean => matchMedia('(prefers-reduced-motion: reduce)').matches;

export function stopReplay(): void {
  cancelAnimationFrame(frame);
  batch(() => {
    playing.value = false;
    playedTo.value = null;
  });
}

export function pauseReplay(): void {
  cancelAnimationFrame(frame);
  playing.value = false;
}

/** Plays on from where it stands, or from the start. With reduced motion the end is shown at once. */
export function playReplay(): void {
  if (still() || end.value === 0) {
    stopReplay();
    return;
  }
  let before = performance.now();
  batch(() => {
    playing.value = true;
    hovered.value = null;
    playedTo.value ??= 0;
  });
  const tick = (now: number): void => {
    const next = (playedTo.value ?? 0) + ((now - before) / 1e3) * replaySpeed.value;
    before = now;
    if (next >= end.value) {
      stopReplay();
      return;
    }
    playedTo.value = next;
    frame = requestAnimationFrame(tick);
  };
  cancelAnimationFrame(frame);
  frame = requestAnimationFrame(tick);
}

/** Plays when the question has just been answered. Returns how to stop. */
export function playWhenAnswered(): () => void {
  let asked = asking.peek();
  return effect(() => {
    const now = asking.value;
    const begin = asked && !now && batching.view.peek().from === 'recorded';
    asked = now;
    if (begin) playReplay();
  });
}

/** A second of a track on the axis in view. */
export const startPlace = (track: Track, time: number): number => placeOf(track, mode.value, time);
