// The comparison tested on itself: one strategy against itself, and against itself with every step made 5 % longer. All three take
// turns in one long run that is cut into comparisons, as the command makes them and as the page does, so no turn counts twice.

import { unwrap } from '../../src/core/result.ts';
import { replay } from '../../src/engine/replay.ts';
import type { Comparison, TurnTimes } from '../../src/measure/rank.ts';
import type { ServedRun } from '../../src/worker/serving/protocol.ts';
import { cutIntoComparisons, turnTimes, usualPrecision, usualTurns } from '../../src/worker/serving/turns.ts';
import { commitHash } from '../io.ts';
import {
  describeServing,
  type GpuOptions,
  openWorkload,
  type Serving,
  serveRequest,
  withServing,
} from './gpu.ts';
import { type Figures, figuresOf, type PageNull, pageNull, pageText } from './null-page.ts';
import { contestants } from './options.ts';
import { ratioText } from './print.ts';
import type { BatchingRequest } from './run.ts';
import { modelFor } from './served-model.ts';

export interface NullTest {
  readonly format: 'lockstep-null-test';
  /** 2: with what a page would have shown of the same turns. */
  readonly version: 2;
  readonly date: string;
  readonly commit: string | null;
  readonly device: string;
  readonly strategy: string;
  readonly workload: string;
  /** Requests a turn serves, and turns in all. */
  readonly requests: number;
  readonly turns: number;
  readonly planted: number;
  /** Seconds a token in each turn; null where a run was not finished. */
  readonly times: { readonly a: TurnTimes; readonly b: TurnTimes; readonly slowed: TurnTimes };
  readonly equal: readonly Comparison[];
  readonly slower: readonly Comparison[];
  readonly page: PageNull;
  readonly identical: boolean;
  readonly invalid: readonly string[];
}

const PLANTED = 0.05;

/** The first of the request's strategies, for so many turns. */
export const runNullTest = (wanted: BatchingRequest, options: GpuOptions, turns: number): Promise<NullTest> =>
  withServing(options, (session) => nullTestOn(session, wanted, options, turns));

export async function nullTestOn(
  session: Serving,
  wanted: BatchingRequest,
  options: GpuOptions,
  turns: number,
): Promise<NullTest> {
  const model = unwrap(modelFor(options.model, session.device.fallback));
  const { limits } = await session.limits(wanted.limits, model, options);
  const request = { ...wanted, limits };
  const [strategy = 'continuous'] = request.strategies;
  const own = unwrap(contestants([strategy, strategy, strategy], request.settings, limits));
  const entries = own.map((entry, i) => ({ ...entry, ...(i === 2 ? { slowdown: PLANTED } : {}) }));
  const workload = openWorkload(request, undefined, options.seconds);
  const hash = commitHash();
  const served = await session.serve(
    serveRequest(entries, workload, {
      model,
      limits,
      lookahead: request.lookahead,
      repeats: turns,
      seed: request.seed,
      // turns as long as in a comparison of two that keeps to the time
      ...(options.seconds === undefined
        ? {}
        : { seconds: (options.seconds * 3 * (turns + 1)) / (2 * (usualTurns + 1)) }),
      ...(hash ? { commit: hash } : {}),
    }),
  );
  const [a = [], b = [], slowed = []] = turnTimes(served.runs, entries.length);
  const [first = [], second = [], third = []] = entries.map((_, i) => turnFigures(served.runs, i));
  const each = (others: TurnTimes): Comparison[] =>
    cutIntoComparisons([a, others], { least: usualTurns, width: usualPrecision.width });
  return {
    format: 'lockstep-null-test',
    version: 2,
    date: new Date().toISOString(),
    commit: hash,
    device: describeServing(session.device, model),
    strategy,
    workload: request.workload,
    requests: served.requests,
    turns,
    planted: PLANTED,
    times: { a, b, slowed },
    equal: each(b),
    slower: each(slowed),
    page: pageNull(first, second, third),
    identical: served.identical.verdict === 'same',
    invalid: served.invalid,
  };
}

/** The page's figures of a contender's runs, turn by turn. */
function turnFigures(runs: readonly ServedRun[], contender: number): (Figures | null)[] {
  const turns = Array<Figures | null>(Math.max(0, ...runs.map((run) => run.repeat + 1))).fill(null);
  for (const { file, repeat, ...run } of runs)
    if (run.contender === contender && !file.header.incomplete)
      turns[repeat] = figuresOf(unwrap(replay(file)), file.header.settings.slots);
  return turns;
}

const share = (list: readonly Comparison[], verdict: Comparison['verdict']): string => {
  const count = list.filter((c) => c.verdict === verdict).length;
  return `${count} of ${list.length} (${((100 * count) / Math.max(1, list.length)).toFixed(0)} %)`;
};

export const nullText = (test: NullTest): string =>
  [
    `${test.device}`,
    `${test.strategy}, ${test.requests} requests a turn, ${test.turns} turns, cut into comparisons of 8 to 32`,
    `against itself, "no difference": ${share(test.equal, 'no difference')}`,
    `against itself with steps ${100 * test.planted} % longer, "slower": ${share(test.slower, 'slower')}`,
    `  intervals: ${test.slower.map(ratioText).join('; ')}`,
    ...pageText(test.page, test.planted),
    `answers identical: ${test.identical ? 'yes' : 'NO'}`,
    ...test.invalid.map((why) => `INVALID: ${why}`),
  ].join('\n');
