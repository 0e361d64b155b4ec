// The shape of a run file's parts. A file comes from anybody: what is not so is said by its path, before an engine
// is made from it. Whether its plans can be is for replay.ts to find.

import {
  anything,
  either,
  fields,
  finite,
  flag,
  list,
  named,
  oneOf,
  optional,
  type Shape,
  text,
  tuple,
  whole,
} from '../core/shape.ts';
import { CLOCKS } from './executor.ts';
import { QUEUE_ORDERS, type Settings } from './plan.ts';
import type { PromptPart, Request, Sampling, StopRule } from './request.ts';
import type { Harness, RunAbort, RunFile, RunHeader, RunIdle, RunStep } from './run-file.ts';
import type { Limits, StepLimits } from './view.ts';

/** More than any device has, and few enough that an engine's tables can be made. */
const MOST_PAGES = 1 << 24;
const MOST_TOKENS = 1 << 22;
const MOST_SLOTS = 1 << 14;
/** Runs are arranged turn by turn: a list of turns must be made. */
const MOST_TURNS = 1 << 16;

const count = whole(0);
/** JSON writes what was not measured as null. */
const measured = either(oneOf(null), finite);
const ids = list(count);

const limits = fields<Limits>({
  pages: whole(1, MOST_PAGES),
  pageSize: whole(4, 64),
  window: whole(1, MOST_TOKENS),
  vocabulary: whole(1, 2 ** 31 - 1),
  step: optional(fields<StepLimits>({ rows: whole(1), tokens: whole(1) })),
});

const settings = fields<Settings>({
  slots: whole(1, MOST_SLOTS),
  order: oneOf(...Object.keys(QUEUE_ORDERS)),
  prefixCache: flag,
  holdFinished: flag,
});

const harness = fields<Harness>({
  lag: fields<Harness['lag']>({ waits: measured, mean: measured, max: measured }),
  encode: fields<Harness['encode']>({ mean: measured, p90: measured }),
  between: fields<Harness['between']>({ mean: measured, p90: measured }),
});

const header = fields<RunHeader>({
  date: optional(text),
  commit: optional(text),
  device: text,
  browser: optional(text),
  clock: oneOf(...CLOCKS),
  lookahead: oneOf(0, 1),
  strategy: text,
  preset: optional(text),
  knobs: named(either(either(text, flag), finite)),
  settings,
  limits,
  workload: fields<RunHeader['workload']>({ id: text, knobs: named(anything) }),
  numerics: named(text),
  tuned: named(anything),
  seeds: named(finite),
  turn: optional(whole(0, MOST_TURNS)),
  keptAwake: optional(flag),
  incomplete: optional(text),
  invalid: optional(list(text)),
  bound: optional(
    fields<NonNullable<RunHeader['bound']>>({
      launch: measured,
      bandwidth: measured,
      compute: measured,
      explained: optional(finite),
    }),
  ),
  harness: optional(harness),
});

type Given = Extract<PromptPart, { readonly tokens: unknown }>;
type Seeded = Extract<PromptPart, { readonly seed: unknown }>;

const request = fields<Request>({
  id: whole(0, 2 ** 32 - 1),
  arrival: finite,
  prompt: list(
    either(
      fields<Given>({ tokens: list(whole(0, 2 ** 31 - 1)) }),
      fields<Seeded>({ seed: finite, length: whole(0, MOST_TOKENS) }),
    ),
  ),
  maxTokens: whole(1, MOST_TOKENS),
  endsAfter: optional(finite),
  predicted: optional(finite),
  priority: optional(finite),
  deadline: optional(finite),
  stop: optional(
    fields<StopRule>({
      endToken: optional(finite),
      sequences: optional(list(list(finite))),
      minTokens: optional(finite),
      ignoreEnd: optional(flag),
    }),
  ),
  sampling: optional(
    fields<Sampling>({ temperature: finite, topK: optional(finite), topP: optional(finite), seed: finite }),
  ),
  forkOf: optional(count),
  model: optional(text),
  cacheSalt: optional(finite),
  abortAt: optional(finite),
});

const waits = list(tuple(count, count));

const file: Shape = fields<RunFile>({
  // both were looked at before: a wrong one is a matter of its own
  format: anything,
  version: anything,
  header,
  requests: list(request),
  aborts: list(
    fields<RunAbort>({ id: count, time: finite, beforeStep: count, committed: count, arrived: count }),
  ),
  idles: list(
    fields<RunIdle>({
      time: finite,
      beforeStep: count,
      committed: count,
      arrived: count,
      waits,
      release: optional(ids),
    }),
  ),
  steps: list(
    fields<RunStep>({
      planned: finite,
      arrived: count,
      ahead: optional(count),
      start: finite,
      end: finite,
      release: optional(ids),
      preempt: optional(ids),
      admit: optional(list(tuple(count, count, count))),
      rows: list(tuple(count, count, count)),
      waits: optional(waits),
      tokens: ids,
      overrun: optional(ids),
      host: optional(finite),
      readback: optional(finite),
      failed: optional(oneOf(true)),
    }),
  ),
  lost: optional(finite),
});

/** What is wrong with a run file's parts; undefined when it has the shape of one. */
export function wrongShape(data: RunFile): string | undefined {
  const problem = file(data, '');
  if (problem) return problem;
  const { step, window } = data.header.limits;
  return step && step.tokens < window
    ? `"header.limits.step.tokens" is ${step.tokens}, less than the window of ${window}`
    : undefined;
}
