// Comparisons take milliseconds each (a thousand resamples), so they are made one a task and kept: the page
// shows a figure first and its verdict a moment later, and no task grows long.

import { signal } from '@preact/signals';
import { type Comparison, compare, compareTurns, type TurnTimes } from '../../measure/rank.ts';
import type { VerdictOf } from '../../views/facts.ts';

type Samples = TurnTimes;
type Judge = (a: Samples, b: Samples) => Comparison;

interface Task {
  readonly a: Samples;
  readonly b: Samples;
  readonly judge: Judge;
  readonly known: WeakMap<Samples, WeakMap<Samples, Comparison>>;
}

const queue: Task[] = [];
const made = signal(0);
let running = false;

function next(): void {
  const task = queue.shift();
  if (!task) {
    running = false;
    return;
  }
  const { a, b, judge, known } = task;
  const ofA = known.get(a) ?? new WeakMap<Samples, Comparison>();
  known.set(a, ofA);
  if (!ofA.has(b)) ofA.set(b, judge(a, b));
  made.value++;
  setTimeout(next);
}

/** Verdicts by `judge`: one on a against b, or undefined until it is made; the caller renders again when it is. */
function verdicts(judge: Judge): VerdictOf {
  const known: Task['known'] = new WeakMap();
  return ({ samplesMs: a }, { samplesMs: b }) => {
    const found = known.get(a)?.get(b);
    if (found) return found;
    void made.value; // subscribes the rendering component
    if (!queue.some((task) => task.a === a && task.b === b && task.known === known))
      queue.push({ a, b, judge, known });
    if (!running) {
      running = true;
      setTimeout(next);
    }
    return undefined;
  };
}

/** Of rows that took turns in one run: what slowed both cancels. */
export const verdictOf = verdicts(compareTurns);

/** The verdict on two rows of different runs, whose samples took no turns. */
export const verdictAcross = verdicts(compare);
