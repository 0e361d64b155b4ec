// Comparisons take milliseconds each (a thousand resamples), so they are made one a task and kept: the page
// shows a figure first and its verdict a moment later, and no task grows long.

import { signal } from '@preact/signals';
import { type Comparison, compare } from '../../measure/rank.ts';
import type { VerdictOf } from '../../views/facts.ts';

type Samples = readonly number[];

const known = new WeakMap<Samples, WeakMap<Samples, Comparison>>();
const queue: (readonly [Samples, Samples])[] = [];
const made = signal(0);
let running = false;

function next(): void {
  const pair = queue.shift();
  if (!pair) {
    running = false;
    return;
  }
  const [a, b] = pair;
  const ofA = known.get(a) ?? new WeakMap<Samples, Comparison>();
  known.set(a, ofA);
  if (!ofA.has(b)) ofA.set(b, compare(a, b));
  made.value++;
  setTimeout(next);
}

/** The verdict on a against b, or undefined until it is made; the caller renders again when it is. */
export const verdictOf: VerdictOf = (a, b) => {
  const found = known.get(a.samplesMs)?.get(b.samplesMs);
  if (found) return found;
  void made.value; // subscribes the rendering component
  if (!queue.some(([x, y]) => x === a.samplesMs && y === b.samplesMs)) queue.push([a.samplesMs, b.samplesMs]);
  if (!running) {
    running = true;
    setTimeout(next);
  }
  return undefined;
};
