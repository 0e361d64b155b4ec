// The way to the GPU: serves the requests of a comparison under each strategy on the reader's own device, in
// turns, and fits the virtual clock to it. Steps are the worker's; the page gets run files.

import { err, type Failure, failure, ok, type Result } from '../../core/result.ts';
import { replay } from '../../engine/replay.ts';
import type { Request } from '../../engine/request.ts';
import { doubted } from '../../engine/run-file.ts';
import type {
  Calibration,
  LiveBlock,
  ServedRun,
  ServeEvent,
  ServeReport,
} from '../../worker/serving/protocol.ts';
import { ask, cancel, device, watchHidden } from '../gpu.ts';
import { LiveComparison } from './live.ts';
import type { Served } from './serve.ts';
import { modelFor, promptsFor } from './serving-model.ts';
import { LISTED, limitsOnGpu, type Wanted } from './spec.ts';
import { titlesOf } from './titles.ts';
import { turnsFor } from './turns-for.ts';

export interface Progress {
  readonly done: number;
  readonly total: number;
  readonly what: string;
  readonly secondsLeft: number | null;
}

export interface OwnRuns {
  readonly runs: readonly Served[];
  /** Keys of the tracks, run by run. */
  readonly keys: readonly string[];
  /** How many requests the workload has, when the first of them were served to keep to a time. */
  readonly of: number | null;
}

const again = 'Run again: a new worker is started. Or use the virtual clock.';

export interface ServeOptions {
  /** As many of the requests as let the comparison take about so long on this device; null: all of them. */
  readonly seconds: number | null;
  /** Runs are shown while they go on. */
  readonly draw: boolean;
  /** Gets each run when it has ended. */
  readonly onRun: (run: ServedRun) => void;
  /** Gets what comes of a run that goes on, drawn or not, and the requests that it serves. */
  readonly onLive: (block: LiveBlock, requests: readonly Request[]) => void;
}

/** Seconds after which listed requests, which cannot be fewer, are served no more often: somebody waits for a first answer. */
export const LONGEST = 12;

/**
 * Milliseconds after which a block counts as taken in any case, so that the next one is sent: also where nothing is drawn, in a hidden
 * page or because the reader wants none of it, what a closed tab leaves is what came until then.
 */
const TAKEN_AFTER = 2000;

const once = (work: () => void): (() => void) => {
  let done = false;
  return () => {
    if (!done) work();
    done = true;
  };
};

/** The device is open. Ends with what was measured, also when it was cancelled. */
export async function serveOnGpu(
  asked: Wanted,
  { seconds, draw, onRun, onLive }: ServeOptions,
  onProgress: (progress: Progress) => void,
): Promise<Result<OwnRuns, Failure>> {
  const fallback = device.value?.fallback ?? false;
  const turns = turnsFor(asked.tracks.length);
  const model = modelFor(asked, fallback);
  const want = { ...asked, requests: await promptsFor(model, asked.requests) };
  const limits = limitsOnGpu(want.limits, model.config);
  const live = draw ? new LiveComparison(want, limits, turns) : null;
  const titles = titlesOf(want.tracks.map(({ key }) => key));
  const contenders = want.tracks.map((track) => ({
    label: titles.get(track.key) ?? track.key,
    strategy: track.preset?.id ?? track.strategy.id,
    knobs: track.given,
  }));
  /** As they come: a worker that dies takes its answer with it, and no finished run. */
  const finished: ServedRun[] = [];
  const listen = (event: ServeEvent, taken: () => void): void => {
    switch (event.type) {
      case 'progress':
        onProgress(event);
        return;
      case 'live': {
        onLive(event, want.requests);
        const answer = once(taken);
        live?.take(event, answer);
        setTimeout(answer, TAKEN_AFTER);
        return;
      }
      case 'run':
        finished.push(event.run);
        onRun(event.run);
        live?.finished(event.run);
    }
  };
  const unwatch = watchHidden();
  try {
    const request = {
      model,
      limits,
      contenders,
      requests: want.requests,
      ...(want.closed ? { closed: want.closed } : {}),
      workload: want.workload,
      lookahead: want.lookahead,
      repeats: turns,
      ...(seconds === null ? {} : { seconds }),
      ...(asked.workload.id === LISTED ? { longest: LONGEST } : {}),
      seed: 1,
      live: true,
    };
    const answer = await ask((client) => client.serve(request, listen), again);
    if (answer.ok) return ownRunsOf(want, answer.value);
    // every finished run arrived as an event: what ended the comparison does not take them back
    const cut = finished[0] && cutShort(finished, answer.error.message);
    return cut ? ownRunsOf(want, cut) : answer;
  } finally {
    live?.end();
    unwatch();
  }
}

type Ran = Pick<ServeReport, 'runs' | 'invalid' | 'requests'>;

const cutShort = (runs: readonly ServedRun[], why: string): Ran => ({
  runs,
  invalid: [`the comparison is incomplete: ${why}`],
  requests: Math.max(...runs.map(({ file }) => file.requests.length)),
});

/** What the page keeps of a comparison. */
function ownRunsOf(want: Wanted, { runs: measured, invalid, requests }: Ran): Result<OwnRuns, Failure> {
  const runs: Served[] = [];
  const refusals = measured.flatMap(({ refused }) =>
    refused ? [`${refused.count} requests were not taken: ${refused.why}`] : [],
  );
  for (const { file } of measured) {
    const trace = replay(file);
    if (!trace.ok) return trace;
    const { header } = doubted(file, [...invalid, ...refusals]);
    runs.push({ trace: trace.value, header, requests: file.requests });
  }
  if (runs.length === 0)
    return err(failure('nothing', 'The run ended before anything was measured.', 'Run it again.'));
  const keys = measured.map(({ contender, file }) => want.tracks[contender]?.key ?? file.header.strategy);
  const of = requests < want.requests.length ? want.requests.length : null;
  return ok({ runs, keys, of });
}

/** Fits the virtual clock's coefficients to steps measured on the open device; takes up to 20 s. */
export async function fitClock(
  want: Wanted,
  onProgress: (progress: Progress) => void,
): Promise<Result<Calibration, Failure>> {
  const model = modelFor(want, device.value?.fallback ?? false);
  const request = {
    model,
    limits: limitsOnGpu(want.limits, model.config),
    command: 'Batching page: Fit the virtual clock',
    asked: (performance.timeOrigin + performance.now()) / 1e3,
  };
  return ask(
    (client) =>
      client.calibrate(request, (event) => {
        if (event.type === 'progress') onProgress(event);
      }),
    again,
  );
}

/** Stops what runs after its current step. */
export const stopGpu = cancel;
