// Which kinds of steps calibration measures, and how often each in the time there is. Pure: the clock and the steps are given.

import { type Prng, shuffle } from '../../core/prng.ts';
import type { StepLimits } from '../../engine/view.ts';

/** One kind of step: how many rows decode, how many prompts of how many tokens are prefilled, how long their contexts are. */
export interface Kind {
  readonly decodes: number;
  readonly prompts: number;
  readonly prefill: number;
  readonly context: number;
}

/** Most prompt tokens in a measured step: what the largest budget of the usual strategies lets through. */
const mostPrefill = 2048;

/** Kinds for a window of so many tokens and steps of at most so many rows and tokens. Those that every device measures come first: each coefficient has several that tell it. */
export function kindsFor(
  window: number,
  step: StepLimits = { rows: Number.POSITIVE_INFINITY, tokens: Number.POSITIVE_INFINITY },
): { readonly kinds: readonly Kind[]; readonly fewest: number } {
  const [core, more]: [Kind[], Kind[]] = [[], []];
  const add = (to: Kind[], decodes: number, prompts: number, prefill: number, context: number): void => {
    const fits = decodes + prompts <= step.rows && decodes + prompts * prefill <= step.tokens;
    if (fits && context + Math.max(1, prefill) <= window && prompts * prefill <= mostPrefill)
      to.push({ decodes, prompts, prefill, context });
  };
  for (const prefill of [4, 8, 16, 32, 64, 128])
    add([8, 32, 128].includes(prefill) ? core : more, 0, 1, prefill, 0);
  for (const [prompts, prefill] of [
    [2, 16],
    [4, 32],
    [8, 64],
  ] as const)
    add(prompts === 4 ? core : more, 0, prompts, prefill, 0);
  // a small window has contexts of its own, or too few kinds would be left to fit
  const contexts = window > 256 ? [8, 64, 256] : [1 / 8, 1 / 3, 2 / 3].map((of) => Math.floor(window * of));
  for (const context of contexts) {
    for (const decodes of [1, 2, 4, 8, 16, 32])
      add([1, 4, 16].includes(decodes) ? core : more, decodes, 0, 0, context);
    for (const prefill of [8, 32, 128]) add(prefill === 32 ? core : more, 4, 1, prefill, context);
    add(more, 16, 1, 64, context);
    add(more, 0, 1, 32, context);
  }
  // what saturates a fast device
  const [, middle = 0] = contexts;
  for (const decodes of [64, 128]) for (const context of contexts) add(more, decodes, 0, 0, context);
  for (const [prompts, prefill] of [
    [8, 128],
    [16, 64],
    [16, 128],
  ] as const)
    add(more, 0, prompts, prefill, 0);
  for (const prompts of [4, 8]) add(more, 32, prompts, 64, middle);
  // a window of a few tokens has hardly any: then all of them
  const enough = core.length >= 12 ? core.length : core.length + more.length;
  return { kinds: [...core, ...more], fewest: enough };
}

export interface Measuring {
  readonly kinds: readonly Kind[];
  /** How many kinds, from the first, are measured even past `until`. */
  readonly fewest: number;
  /** The seconds that a step took. */
  measure(kind: Kind): Promise<number>;
  /** Before each pair of steps, the second of which is a sample. */
  lead?(): Promise<void>;
  /** Seconds, on the clock that `until` is of. */
  now(): number;
  readonly until: number;
  readonly random: Prng;
  stop(): boolean;
  /** Before each round, of `mostRounds`. */
  onRound?(round: number): void;
}

export const mostRounds = 9;
/** A kind's samples that outvote one that was disturbed; cheap kinds get them before dear ones get more. */
const wanted = 3;
/** Share of the time that warming up may take before it goes on with the kinds it has, and that one kind may. */
const warming = 0.3;
const warmingOne = 0.02;

const tokensOf = ({ decodes, prompts, prefill }: Kind): number => decodes + prompts * prefill;

/**
 * Samples of each kind, in rounds of shuffled order. A kind that there was no time for has none. What is dear is measured less
 * often where time is short, and at first only the kinds that are always measured are sure to come.
 */
export async function measureKinds(on: Measuring): Promise<ReadonlyMap<Kind, readonly number[]>> {
  const { fewest, until, random } = on;
  const begun = on.now();
  const warm: Kind[] = [];
  /** Seconds a token of the largest kind so far, which a larger one will hardly be above. */
  let largest = { tokens: 1, seconds: 0 };
  for (const kind of on.kinds) {
    const tokens = tokensOf(kind);
    if (on.stop() || (warm.length >= fewest && on.now() - begun > warming * (until - begun))) break;
    const expected = (largest.seconds / largest.tokens) * tokens;
    if (tokens > largest.tokens && warm.length >= fewest && expected > warmingOne * (until - begun)) continue;
    const seconds = await on.measure(kind); // kernels compile, memory is touched
    if (tokens >= largest.tokens) largest = { tokens, seconds };
    warm.push(kind);
  }
  const samples = new Map<Kind, number[]>();
  /** Seconds that a sample of a kind takes. */
  const price = new Map<Kind, number>();
  const priceOf = (kind: Kind): number => price.get(kind) ?? 0;
  for (let round = 0; round < mostRounds && !on.stop(); round++) {
    const left = until - on.now();
    const chosen =
      round === 0
        ? [...shuffle(random, warm.slice(0, fewest)), ...shuffle(random, warm.slice(fewest))]
        : shuffle(random, affordable([...samples], priceOf, left));
    if (chosen.length === 0) break;
    on.onRound?.(round);
    for (const kind of chosen) {
      if (on.stop()) break;
      const from = on.now();
      const sure = round === 0 && samples.size < fewest;
      if (!sure && from + priceOf(kind) > until) continue;
      // as in serving, where a step follows a decode step: after another kind it would find other caches
      await on.lead?.();
      await on.measure({ ...kind, decodes: Math.max(1, kind.decodes), prompts: 0, prefill: 0 });
      const seconds = await on.measure(kind);
      price.set(kind, on.now() - from);
      samples.set(kind, [...(samples.get(kind) ?? []), seconds]);
    }
  }
  return samples;
}

/** The kinds of the next round: all when time allows, else as many of the cheapest as can still get the samples they want. */
function affordable(
  samples: readonly (readonly [Kind, readonly number[]])[],
  priceOf: (kind: Kind) => number,
  left: number,
): Kind[] {
  const sorted = samples.toSorted(([a], [b]) => priceOf(a) - priceOf(b));
  const chosen: Kind[] = [];
  let spent = 0;
  for (const [kind, { length }] of sorted) {
    spent += priceOf(kind) * Math.max(1, wanted - length);
    if (spent > left) break;
    chosen.push(kind);
  }
  return chosen;
}
