// The text of a result link: of each track the run that is drawn, of all its runs the figures that the page ranks, and what is
// known against them, so that who opens it sees the same figures with the same spread. Links of before carry a set of run files.

import { err, type Failure, failure, ok, type Result } from '../../core/result.ts';
import { anything, either, fields, finite, list, oneOf, text, whole } from '../../core/shape.ts';
import { outputsOf } from '../../engine/outputs.ts';
import type { Request } from '../../engine/request.ts';
import { columnsOf, type RunColumns, replayColumns, runColumns } from '../../engine/run-columns.ts';
import type { BoundShares } from '../../measure/bound.ts';
import { sameOutputs } from '../../views/batching/same-outputs.ts';
import { FACTS, type Figures, factOf, type Taken } from '../../views/batching/summary.ts';
import { pack, unpack } from '../packed.ts';
import { answeredOf, type HarnessSums, type ShownLane } from './lanes.ts';
import { readRuns, runFileOf } from './runs.ts';
import type { Served } from './serve.ts';
import type { Shown } from './shown.ts';
import { MOST_TRACKS } from './spec.ts';

const FORMAT = 'lockstep-result';
const VERSION = 1;

type Answers = readonly (readonly number[])[];

interface LinkedLane {
  readonly key: string;
  readonly run: Omit<RunColumns, 'requests'>;
  /** Null: as the first lane's. */
  readonly requests: readonly Request[] | null;
  /** Of each request its id, then its tokens. Null: as far as this lane has tokens they are the first lane's. */
  readonly answers: Answers | null;
  /** A turn's figures, in the order of `facts`; null where it gave no whole run, or the run does not have it. */
  readonly turns: readonly (readonly (number | null)[] | null)[];
  readonly cut: number;
  readonly bound: BoundShares | null;
  readonly harness: HarnessSums | null;
}

interface Linked {
  readonly format: typeof FORMAT;
  readonly version: typeof VERSION;
  readonly taken: Taken;
  readonly of: number | null;
  readonly invalid: readonly string[];
  readonly facts: readonly string[];
  readonly lanes: readonly LinkedLane[];
}

const drawnRun = ({ runs, track }: ShownLane): Served | undefined =>
  runs.find((run) => run.track === track)?.served;

/** The text of the comparison in view; a finished one has a run in every lane. */
export function writeResult(shown: Shown): string {
  const drawn = shown.lanes.flatMap((lane) => {
    const run = drawnRun(lane);
    return run ? [{ lane, run, file: columnsOf(runFileOf(run)), outputs: outputsOf(run.trace) }] : [];
  });
  const [first] = drawn;
  const lanes = drawn.map(({ lane, run, file: { requests, ...columns }, outputs }): LinkedLane => {
    const alike = JSON.stringify(requests) === JSON.stringify(first?.file.requests);
    const begun = [...outputs].every(([id, tokens]) => begins(first?.outputs.get(id) ?? [], tokens));
    const samples = FACTS.map((fact) => factOf(fact, lane).samples);
    return {
      key: lane.key,
      run: columns,
      requests: run !== first?.run && alike ? null : requests,
      answers: run !== first?.run && begun ? null : [...outputs].map(([id, tokens]) => [id, ...tokens]),
      turns: lane.turns.map((turn, i) => turn && samples.map((values) => values[i] ?? null)),
      cut: lane.cut,
      bound: lane.bound,
      harness: lane.harness,
    };
  });
  const linked: Linked = {
    format: FORMAT,
    version: VERSION,
    taken: shown.taken,
    of: shown.of,
    invalid: doubtsIn(shown),
    facts: FACTS.map(({ id }) => id),
    lanes,
  };
  return JSON.stringify(linked);
}

const begins = (whole: readonly number[], part: readonly number[]): boolean =>
  part.every((token, i) => token === whole[i]);

/** Runs that stay behind may have answered otherwise: who opens the link cannot see it in those that it carries. */
function doubtsIn(shown: Shown): readonly string[] {
  if (sameOutputs(answeredOf(shown.lanes)).kind !== 'different') return shown.invalid;
  return [...new Set([...shown.invalid, 'the answers of its runs differ'])];
}

export const packResult = (shown: Shown): Promise<string> => pack(writeResult(shown));

const measured = either(oneOf(null), finite);
const count = whole(0);
const linkedShape = fields<Linked>({
  format: anything,
  version: anything,
  taken: oneOf('exact', 'turns', 'apart'),
  of: either(oneOf(null), count),
  invalid: list(text),
  facts: list(text),
  lanes: list(
    fields<LinkedLane>({
      key: text,
      run: runColumns,
      requests: either(oneOf(null), list(anything)),
      answers: either(oneOf(null), list(list(count))),
      turns: list(either(oneOf(null), list(measured))),
      cut: count,
      bound: either(
        oneOf(null),
        fields<BoundShares>({ launch: measured, bandwidth: measured, compute: measured }),
      ),
      harness: either(
        oneOf(null),
        fields<HarnessSums>({ encode: measured, between: measured, late: measured, waits: measured }),
      ),
    }),
  ),
});

/** What a link holds: runs, and the rest of the comparison that they were drawn from. */
export interface Opened {
  readonly runs: readonly Served[];
  readonly keys?: readonly string[];
  /** Null in links of before, which carry every run. */
  readonly linked: Linked | null;
}

export async function readLink(packed: string): Promise<Result<Opened, Failure>> {
  const unpacked = await unpack(packed, 'The run in the link');
  return unpacked.ok ? readResult(unpacked.value) : unpacked;
}

export function readResult(written: string): Result<Opened, Failure> {
  const data = parsed(written) as Linked | null;
  if (data?.format !== FORMAT) {
    const runs = readRuns(written);
    return runs.ok ? ok({ runs: runs.value, linked: null }) : runs;
  }
  if (data.version !== VERSION)
    return err(
      failure(
        'version',
        `The result in the link has version ${String(data.version)}; this build reads ${VERSION}.`,
        'Open it with the version of Lockstep that made it.',
      ),
    );
  const problem = linkedShape(data, '') ?? misfit(data);
  if (problem) return refuse(problem);
  const [first] = data.lanes;
  const runs: Served[] = [];
  for (const lane of data.lanes) {
    const requests = lane.requests ?? first?.requests ?? [];
    const answers = lane.answers ?? first?.answers ?? [];
    const byId = new Map(answers.map(([id = 0, ...tokens]) => [id, tokens]));
    const trace = replayColumns({ ...lane.run, requests }, byId);
    if (!trace.ok) return trace;
    runs.push({ trace: trace.value, header: lane.run.header, requests });
  }
  return ok({ runs, keys: data.lanes.map(({ key }) => key), linked: data });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // readRuns says what is wrong with it
  }
}

const refuse = (why: string): Result<never, Failure> =>
  err(failure('incomplete', `The result in the link cannot be read: ${why}.`, 'It was cut or edited.'));

/** What no part shows alone. */
function misfit({ facts, lanes }: Linked): string | undefined {
  if (lanes.length === 0 || lanes.length > MOST_TRACKS) return `it has ${lanes.length} tracks`;
  if (new Set(lanes.map(({ key }) => key)).size < lanes.length) return 'two tracks have one key';
  const short = lanes.find(({ turns }) => turns.some((turn) => turn && turn.length !== facts.length));
  return short && `a turn of "${short.key}" has not ${facts.length} figures`;
}

/** The comparison that the link was made of: the carried runs are drawn, and every turn counts. */
export function completed(shown: Shown, { facts, lanes, taken, of, invalid }: Linked): Shown {
  const figuresOf = (turn: readonly (number | null)[] | null): Figures | null =>
    turn && { figures: Object.fromEntries(facts.map((id, i) => [id, turn[i] ?? Number.NaN])) };
  return {
    ...shown,
    taken,
    of,
    invalid: [...new Set([...invalid, ...shown.invalid])],
    lanes: shown.lanes.map((lane, i) => {
      const linked = lanes[i];
      if (!linked) return lane;
      const { cut, bound, harness, turns } = linked;
      return { ...lane, cut, bound, harness, turns: turns.map(figuresOf) };
    }),
  };
}
