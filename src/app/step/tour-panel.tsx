// The stop of a tour: what to look at, what to do, and the way on.

import { useEffect } from 'preact/hooks';
import { session, stepper } from './session.ts';
import { endTour, followTour, goToStop, stopNumber, tour, tourState, tourStop } from './tour.ts';

/** The time after the nth step that reads or writes a memory; from the worker, which has the accesses. */
async function nthTouch(name: string, nth: number): Promise<number | null> {
  const memory = session.peek()?.memories.find((m) => m.name === name);
  if (!memory) return null;
  try {
    const steps = await stepper().stepsOf(memory.memory, memory.matrix.offset, nth + 1);
    const step = steps?.[nth];
    return step === undefined ? null : step + 1;
  } catch {
    return null; // the stepper was stopped
  }
}

export function TourPanel() {
  useEffect(() => followTour(nthTouch), []);
  const current = tour.value;
  const stop = tourStop.value;
  if (!current || !stop) return null;
  const at = stopNumber.value;
  const done = stop.task?.done(tourState.value) ?? false;
  const last = at === current.stops.length - 1;
  return (
    <section class="tour panel" aria-label={`Tour: ${current.title}`}>
      <p class="tour-where">
        {current.title} · {at + 1} of {current.stops.length}
      </p>
      <h2>{stop.title}</h2>
      <p>{stop.text}</p>
      {stop.task && (
        <p class={done ? 'task good-text' : 'task'} aria-live="polite">
          {done ? '✔ ' : '→ '}
          {stop.task.text}
        </p>
      )}
      <div class="tour-buttons">
        <button type="button" class="small" disabled={at === 0} onClick={() => goToStop(current.id, at - 1)}>
          Back
        </button>
        {!last && (
          <button
            type="button"
            class={`small${done || !stop.task ? ' primary' : ''}`}
            onClick={() => goToStop(current.id, at + 1)}
          >
            Next
          </button>
        )}
        <button type="button" class="quiet small" onClick={endTour}>
          {last ? 'Done' : 'Leave the tour'}
        </button>
      </div>
    </section>
  );
}
