// The step keys: from step to step of the chosen track, and past its end of the one that goes on longest, so that every step of
// the axis is reached.

import { batch, computed } from '@preact/signals';
import { endOf } from '../../views/batching/axis.ts';
import { stopAt, stopsOf } from '../../views/batching/stops.ts';
import { asking, chosen, cursor, hovered, longest, mode, pin, stopReplay } from './cursor.ts';

const stops = computed(() =>
  chosen.value && longest.value ? stopsOf(chosen.value, longest.value, mode.value) : [],
);

/** The stop that the cursor stands on. */
function here(): number {
  const track = longest.value;
  const end = track && track.steps > 0 ? endOf(track, mode.value, track.steps - 1) : 0;
  return stopAt(stops.value, end, cursor.value ?? 0);
}

function goTo(stop: number): void {
  const to = stops.value[Math.min(stops.value.length - 1, Math.max(0, stop))];
  if (!to || asking.value) return;
  batch(() => {
    stopReplay();
    hovered.value = null;
    pin(to.at);
  });
}

/** Moves the cursor to the middle of the step `by` steps on. */
export const stepBy = (by: number): void => goTo(here() + by);

/** To the next (1) or last (−1) step at which a request joined, left or was thrown out. */
export function jump(direction: 1 | -1): void {
  const now = here();
  const next =
    direction === 1
      ? stops.value.findIndex((stop, i) => i > now && stop.turns)
      : stops.value.findLastIndex((stop, i) => i < now && stop.turns);
  goTo(next >= 0 ? next : direction === 1 ? stops.value.length - 1 : 0);
}
