// A run as a link carries it: what a run file holds with its steps column by column, so that it packs into a fifth. Times are whole
// nanoseconds, and tokens stand beside it: runs that are compared answer alike, so that one copy does for all.

import { at } from '../core/assert.ts';
import { err, type Failure, failure, ok, type Result } from '../core/result.ts';
import { anything, either, fields, list, oneOf, optional, type Shape, whole } from '../core/shape.ts';
import { replaySteps } from './replay.ts';
import { RUN_FILE_VERSION, type RunFile, type RunStep } from './run-file.ts';
import { wrongShape } from './run-shape.ts';
import type { Trace } from './trace.ts';

/** What few steps have. */
type Rare = Omit<RunStep, 'planned' | 'start' | 'end' | 'host' | 'readback' | 'arrived' | 'rows' | 'tokens'>;

/** A number a step. Nanoseconds; null: the run file says nothing of it. */
interface StepColumns {
  /** After the end of the step before; negative where it was planned ahead. */
  readonly planned: readonly number[];
  /** After it was planned. */
  readonly start: readonly number[];
  /** After it started. */
  readonly end: readonly number[];
  readonly host: readonly (number | null)[];
  readonly readback: readonly (number | null)[];
  readonly arrived: readonly number[];
  /** Request, tokens, padding; and again for the next row. */
  readonly rows: readonly (readonly number[])[];
  /** 0: nothing. */
  readonly rare: readonly (Rare | 0)[];
}

export type RunColumns = Pick<RunFile, 'header' | 'requests' | 'aborts' | 'idles' | 'lost'> & {
  readonly steps: StepColumns;
};

const nano = (seconds: number): number => Math.round(seconds * 1e9);
const secondsOf = (nanos: number): number => nanos / 1e9;
/** Rounded all alike, so that what comes first still does, unless it came within a nanosecond. */
const rounded = (seconds: number): number => secondsOf(nano(seconds));

const timed = <T extends { readonly time: number }>(all: readonly T[]): readonly T[] =>
  all.map((one) => ({ ...one, time: rounded(one.time) }));

export function columnsOf({ header, requests, aborts, idles, steps, lost }: RunFile): RunColumns {
  const column = <T>(of: (step: RunStep, before: RunStep | undefined) => T): T[] =>
    steps.map((step, s) => of(step, steps[s - 1]));
  const told = (seconds: number | undefined): number | null => (seconds === undefined ? null : nano(seconds));
  return {
    header,
    requests: requests.map((request) => ({ ...request, arrival: rounded(request.arrival) })),
    aborts: timed(aborts),
    idles: timed(idles),
    ...(lost === undefined ? {} : { lost: rounded(lost) }),
    steps: {
      planned: column((step, before) => nano(step.planned) - nano(before?.end ?? 0)),
      start: column((step) => nano(step.start) - nano(step.planned)),
      end: column((step) => nano(step.end) - nano(step.start)),
      host: column((step) => told(step.host)),
      readback: column((step) => told(step.readback)),
      arrived: column((step) => step.arrived),
      rows: column((step) => step.rows.flat()),
      rare: column(rareOf),
    },
  };
}

function rareOf(step: RunStep): Rare | 0 {
  const { planned, start, end, host, readback, arrived, rows, tokens, ...rare } = step;
  return Object.keys(rare).length > 0 ? rare : 0;
}

const nanos = whole(Number.MIN_SAFE_INTEGER);
const columns: Shape = fields<StepColumns>({
  planned: list(nanos),
  start: list(nanos),
  end: list(nanos),
  host: list(either(oneOf(null), nanos)),
  readback: list(either(oneOf(null), nanos)),
  arrived: list(nanos),
  rows: list(list(nanos)),
  rare: list(anything),
});
/** What is not looked at here is looked at in the run file that it becomes. */
export const runColumns: Shape = fields<RunColumns>({
  header: anything,
  requests: anything,
  aborts: anything,
  idles: anything,
  lost: optional(anything),
  steps: columns,
});

/** The run file again, without tokens; or what is wrong with it. `run` has the shape of `runColumns`. */
function fileOf({ steps, ...run }: RunColumns): Result<RunFile, string> {
  const count = steps.planned.length;
  const uneven = Object.entries(steps).find(([, column]) => column.length !== count);
  if (uneven) return err(`"steps.${uneven[0]}" has ${uneven[1].length} steps, not ${count}`);
  const cut = steps.rows.find((row) => row.length % 3 !== 0);
  if (cut) return err(`"steps.rows" has ${cut.length} numbers in a step, three a row`);
  let now = 0;
  const file = {
    format: 'lockstep-run',
    version: RUN_FILE_VERSION,
    ...run,
    steps: steps.planned.map((after, s): RunStep => {
      const planned = now + after;
      const start = planned + (steps.start[s] as number);
      now = start + (steps.end[s] as number);
      const [host, readback] = [steps.host[s] ?? null, steps.readback[s] ?? null];
      return {
        ...(steps.rare[s] || {}),
        planned: secondsOf(planned),
        arrived: steps.arrived[s] as number,
        start: secondsOf(start),
        end: secondsOf(now),
        rows: inThrees(steps.rows[s] ?? []),
        tokens: [],
        ...(host === null ? {} : { host: secondsOf(host) }),
        ...(readback === null ? {} : { readback: secondsOf(readback) }),
      };
    }),
  } as const;
  const problem = wrongShape(file);
  return problem === undefined ? ok(file) : err(problem);
}

const inThrees = (flat: readonly number[]): RunStep['rows'] =>
  Array.from({ length: flat.length / 3 }, (_, i) => [
    at(flat, 3 * i),
    at(flat, 3 * i + 1),
    at(flat, 3 * i + 2),
  ]);

/** Replays it; each row that gives tokens takes the next ones of its request's answer. */
export function replayColumns(
  run: RunColumns,
  answers: ReadonlyMap<number, readonly number[]>,
): Result<Trace, Failure> {
  const made = fileOf(run);
  const refuse = (why: string): Result<never, Failure> =>
    err(failure('incomplete', `The run in the link cannot be read: ${why}.`, 'It was cut or edited.'));
  if (!made.ok) return refuse(made.error);
  const steps = made.value.steps.map((step) => ({ ...step, tokens: [] as number[] }));
  const given = new Map<number, number>();
  const batches = replaySteps({ ...made.value, steps });
  for (const step of steps) {
    const turn = batches.next();
    if (turn.done) return turn.value;
    const { rows, id, samples } = turn.value;
    for (let row = 0; row < rows && !step.failed; row++) {
      const of = id[row] as number;
      if (step.overrun?.includes(of)) continue;
      const from = given.get(of) ?? 0;
      const next = answers.get(of)?.slice(from, from + (samples[row] as number)) ?? [];
      if (next.length < (samples[row] as number)) return refuse(`an answer of R${of + 1} is too short`);
      step.tokens.push(...next);
      given.set(of, from + next.length);
    }
  }
  const end = batches.next();
  return end.done ? end.value : refuse('it has more steps than it says');
}
