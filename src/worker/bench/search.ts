// The search for the fastest parameters, apart from what runs them: a few samples of each candidate choose the finalists, other
// samples, in turns with the defaults, say whether one is faster.

import { median } from '../../core/stats.ts';
import type { ParamValues } from '../../kernels/specialize.ts';
import { fasterThan, timesOf } from '../../measure/rank.ts';
import { measured } from '../../measure/samples.ts';

export interface Tuned {
  readonly params: ParamValues;
  /** Speed-up over the defaults; 1 when they won. */
  readonly overDefault: number;
}

/** One set of parameters, ready to be timed. */
export interface Candidate {
  /** Milliseconds; null where the clock gave no valid interval. */
  sample(): Promise<number | null>;
  dispose(): void;
}

export interface SearchHost {
  /** Null when these parameters cannot run here, or give wrong results. */
  open(params: ParamValues): Promise<Candidate | null>;
  /** Whether a winner may be kept. */
  accept(params: ParamValues): Promise<boolean>;
  say(what: string): void;
  stop(): string | null;
}

interface Entry {
  readonly params: ParamValues;
  readonly candidate: Candidate;
  /** Median of the search's samples: it chooses and orders the finalists, so it is no evidence for them. */
  readonly searchMs: number;
  /** Samples of the final, turn by turn. */
  readonly times: (number | null)[];
}

const samplesEach = 3;
const mostFinalists = 3;
/** Enough for three finalists to be told from the defaults at once. */
const finalTurns = 9;

/** The best of `tries`, whose first are the defaults; null when those cannot run, or when it was stopped. */
export async function searchParams(tries: readonly ParamValues[], host: SearchHost): Promise<Tuned | null> {
  const [defaults, ...others] = tries;
  if (!defaults) return null;
  host.say(`tuning, candidate 1 of ${tries.length}`);
  const own = await host.open(defaults);
  if (!own) return null;
  const base: (number | null)[] = [];
  let finalists: readonly Entry[] = [];
  try {
    for (const [i, params] of others.entries()) {
      if (host.stop()) return null;
      host.say(`tuning, candidate ${i + 2} of ${tries.length}`);
      const candidate = await host.open(params);
      if (!candidate) continue;
      const times: (number | null)[] = [];
      for (let s = 0; s < samplesEach; s++) times.push(await candidate.sample());
      const valid = timesOf(times);
      const searchMs = valid.length > 0 ? median(valid) : Number.POSITIVE_INFINITY;
      const ranked = [...finalists, { params, candidate, searchMs, times: [] }].sort(
        (a, b) => a.searchMs - b.searchMs,
      );
      finalists = ranked.slice(0, mostFinalists);
      for (const loser of ranked.slice(mostFinalists)) loser.candidate.dispose();
    }
    host.say('tuning, final');
    const racing = [{ candidate: own, times: base }, ...finalists];
    for (let turn = 0; turn < finalTurns && !host.stop(); turn++)
      for (const { candidate, times } of turn % 2 === 0 ? racing : racing.toReversed())
        times.push(await candidate.sample());
    if (host.stop()) return null;
    // slopes that noise turned round have no ratio to anything
    const timed = measured(base).ok ? finalists.filter(({ times }) => measured(times).ok) : [];
    for (const { of, versus } of fasterThan(base, timed))
      if (await host.accept(of.params)) return { params: of.params, overDefault: versus.ratio };
    return { params: defaults, overDefault: 1 };
  } finally {
    own.dispose();
    for (const { candidate } of finalists) candidate.dispose();
  }
}
