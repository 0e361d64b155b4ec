// Where the cursor goes: every stepping command as a search over the recorded steps, in either direction. The
// cursor is a time: at time t the steps before t have happened, and step t − 1 is the one shown.

import { activeIn, type StatementInfo, type StepColumns } from '../../stepper/index.ts';

export type Direction = 'forward' | 'back';

/** One lane of the workgroup, and the lanes of a subgroup. */
export interface LaneRef {
  readonly lane: number;
  readonly width: number;
}

/** Everything but a single step looks for a step that satisfies something. */
export type Goal =
  /** The next statement of any subgroup. */
  | { readonly kind: 'statement' }
  /** The same subgroup's next statement that is not inside a call from here; of one lane when it is followed. */
  | { readonly kind: 'over'; readonly follow?: LaneRef }
  /** Out of the function: the next statement of a caller, of the subgroup or of the followed lane. */
  | { readonly kind: 'out'; readonly follow?: LaneRef }
  /** The next of these steps (ascending): barriers, findings, breakpoints. */
  | { readonly kind: 'among'; readonly steps: ArrayLike<number> }
  /** The next statement that a lane executes. */
  | ({ readonly kind: 'lane' } & LaneRef)
  /** The next execution of a source line by any subgroup. */
  | { readonly kind: 'line'; readonly line: number };

export interface Recording {
  readonly steps: StepColumns;
  readonly length: number;
  readonly statements: readonly StatementInfo[];
}

/** First index of an ascending list whose value is ≥ `value`. */
export function lowerBound(list: ArrayLike<number>, value: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((list[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Whether a lane executes a step. */
const executes = (r: Recording, { lane, width }: LaneRef, step: number): boolean =>
  r.steps.subgroup[step] === Math.floor(lane / width) && activeIn(r.steps, step, lane % width);

/** The last step up to `shown` that a lane executed: where it stands. */
function laneAt(r: Recording, lane: LaneRef, shown: number): number {
  for (let step = shown; step >= 0; step--) if (executes(r, lane, step)) return step;
  return shown;
}

function test(
  r: Recording,
  goal: Exclude<Goal, { kind: 'statement' | 'among' }>,
  shown: number,
): (step: number) => boolean {
  const { subgroup, depth, statement } = r.steps;
  switch (goal.kind) {
    case 'over':
    case 'out': {
      const { follow } = goal;
      const here = depth[follow ? laneAt(r, follow, shown) : shown] ?? 0;
      const most = goal.kind === 'over' ? here : Math.max(1, here) - 1;
      return (s) =>
        (follow ? executes(r, follow, s) : subgroup[s] === subgroup[shown]) && (depth[s] ?? 0) <= most;
    }
    case 'lane':
      return (s) => executes(r, goal, s);
    case 'line': {
      const on = new Set(r.statements.filter((x) => x.span.line === goal.line).map((x) => x.id));
      return (s) => on.has(statement[s] ?? 0);
    }
  }
}

/** The time that a command leads to from `time`: the end of the axis when nothing more is found. */
export function travel(r: Recording, time: number, goal: Goal, direction: Direction): number {
  const forward = direction === 'forward';
  if (goal.kind === 'statement') return forward ? Math.min(r.length, time + 1) : Math.max(0, time - 1);
  if (goal.kind === 'among') {
    // a step is shown at the time after it
    const at = lowerBound(goal.steps, forward ? time : time - 1);
    const found = forward ? goal.steps[at] : goal.steps[at - 1];
    return found === undefined ? (forward ? r.length : 0) : found + 1;
  }
  const matches = test(r, goal, Math.max(0, time - 1));
  if (forward) {
    for (let step = time; step < r.length; step++) if (matches(step)) return step + 1;
    return r.length;
  }
  for (let step = time - 2; step >= 0; step--) if (matches(step)) return step + 1;
  return 0;
}

/** A step named so that it can be found again in another run of changed code: line, subgroup, which time. */
export interface Place {
  readonly text: string;
  /** Which of the line's statements, from 0: a loop's head has several. */
  readonly ordinal: number;
  readonly subgroup: number;
  readonly occurrence: number;
}

const lineText = (source: readonly string[], line: number): string => (source[line - 1] ?? '').trim();

/** Statements before this one on its line. */
const ordinalOf = (r: Recording, statement: StatementInfo): number =>
  r.statements.filter((s) => s.span.line === statement.span.line && s.id < statement.id).length;

export function placeOf(r: Recording, source: readonly string[], time: number): Place | null {
  const shown = time - 1;
  const statement = r.statements[r.steps.statement[shown] ?? 0];
  if (shown < 0 || !statement) return null;
  const group = r.steps.subgroup[shown] ?? 0;
  let occurrence = 0;
  for (let s = 0; s < shown; s++)
    if (r.steps.subgroup[s] === group && r.steps.statement[s] === statement.id) occurrence++;
  return {
    text: lineText(source, statement.span.line),
    ordinal: ordinalOf(r, statement),
    subgroup: group,
    occurrence,
  };
}

/** The time of a place in another recording; null when it does not come there. */
export function findPlace(r: Recording, source: readonly string[], place: Place): number | null {
  const ids = r.statements
    .filter((s) => lineText(source, s.span.line) === place.text && ordinalOf(r, s) === place.ordinal)
    .map((s) => s.id);
  const on = new Set(ids);
  const seen = new Map<number, number>();
  for (let s = 0; s < r.length; s++) {
    const id = r.steps.statement[s] ?? 0;
    if (r.steps.subgroup[s] !== place.subgroup || !on.has(id)) continue;
    const count = seen.get(id) ?? 0;
    if (count === place.occurrence) return s + 1;
    seen.set(id, count + 1);
  }
  return null;
}

/** The time right after a line that `matches` runs for the `nth` time (from 0) in a subgroup; null when it never does. */
export function findLine(
  r: Recording,
  source: readonly string[],
  matches: (line: string) => boolean,
  subgroup: number,
  nth: number,
): number | null {
  const on = new Set(r.statements.filter((s) => matches(lineText(source, s.span.line))).map((s) => s.id));
  const seen = new Map<number, number>();
  for (let step = 0; step < r.length; step++) {
    const id = r.steps.statement[step] ?? 0;
    if (r.steps.subgroup[step] !== subgroup || !on.has(id)) continue;
    const count = seen.get(id) ?? 0;
    if (count === nth) return step + 1;
    seen.set(id, count + 1);
  }
  return null;
}
