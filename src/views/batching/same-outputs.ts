// Whether the runs of a comparison gave the same answers, token by token. At equal numerics they must, whatever the strategy; and
// nothing else is called a difference.

import { type Answers, identical, outputsOf } from '../../engine/outputs.ts';
import type { Track } from './track.ts';

export type Sameness =
  /** `tokens` of the answers were compared in every strategy, of `of` that the answers have. */
  | { readonly kind: 'identical'; readonly tokens: number; readonly of: number }
  | { readonly kind: 'different'; readonly request: number; readonly token: number; readonly key: string }
  | { readonly kind: 'incomparable'; readonly why: string };

/** A run whose answers are to be compared. */
export interface Answered {
  readonly track: Track;
  readonly complete: boolean;
  readonly device: string;
  /** What must be equal for equal tokens to be promised (RunHeader.numerics). */
  readonly numerics: Readonly<Record<string, string>>;
}

const incomparable = (why: string): Sameness => ({ kind: 'incomparable', why });

/** Compares every output token of every run with a whole one's; a run that was cut counts as far as it came. */
export function sameOutputs(runs: readonly Answered[]): Sameness {
  const [first, ...others] = runs;
  if (!first || others.length === 0) return incomparable('there is one run only');
  if (others.some((run) => numericsOf(run) !== numericsOf(first))) return incomparable('different numerics');
  if (others.some((run) => !sameRequests(first, run)))
    return incomparable('the runs served different requests');
  const answers = runs.map(({ track, complete }) => ({ outputs: outputsOf(track.trace), complete }));
  const verdict = identical(answers);
  if (verdict.verdict === 'different') {
    const { request, token, runs: pair } = verdict;
    const [a, b] = pair.map((i) => runs[i]);
    if (a?.device !== b?.device) return incomparable('two devices may round differently');
    return { kind: 'different', request, token, key: b?.track.key ?? '' };
  }
  return compared(runs, answers);
}

/** What does not decide tokens: kernels and how they were chosen decide speed; their order of summation is the reduction. */
const told: ReadonlySet<string> = new Set(['kernels', 'asked', 'served', 'standing']);

const numericsOf = ({ numerics }: Answered): string =>
  JSON.stringify(
    Object.entries(numerics)
      .filter(([name]) => !told.has(name))
      .sort(),
  );

/** By what a trace knows of requests. A cut run may have taken fewer; two whole ones must have the same. */
function sameRequests(a: Answered, b: Answered): boolean {
  const about = ({ track }: Answered): Map<number, string> => {
    const { id, prompt, limit } = track.trace.requests.columns;
    return new Map(Array.from(track.ids, (_, i) => [id[i] as number, `${prompt[i]} ${limit[i]}`]));
  };
  const [own, theirs] = [about(a), about(b)];
  if (a.complete && b.complete && own.size !== theirs.size) return false;
  return [...own].every(([id, one]) => (theirs.get(id) ?? one) === one);
}

/** How much was compared: of each request as many tokens as every strategy has. */
function compared(runs: readonly Answered[], answers: readonly Answers[]): Sameness {
  const longest = new Map<string, Map<number, number>>();
  runs.forEach(({ track }, i) => {
    const own = longest.get(track.key) ?? new Map<number, number>();
    longest.set(track.key, own);
    for (const [id, { length }] of answers[i]?.outputs ?? []) own.set(id, Math.max(own.get(id) ?? 0, length));
  });
  const lanes = [...longest.values()];
  const ids = new Set(lanes.flatMap((lane) => [...lane.keys()]));
  let [tokens, of] = [0, 0];
  for (const id of ids) {
    const lengths = lanes.map((lane) => lane.get(id) ?? 0);
    tokens += Math.min(...lengths);
    of += Math.max(...lengths);
  }
  return tokens > 0
    ? { kind: 'identical', tokens, of }
    : incomparable('no token came out under every strategy');
}
