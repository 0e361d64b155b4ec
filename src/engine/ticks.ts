// When the end of a step is seen. Chrome looks for finished GPU work about once a millisecond from the submit on, so
// the times of short steps lie on a grid: 2.6, 3.7, 4.8 ms and nothing between. A clock that predicts the work alone is
// off by half a tick on average. One that rounds up is off by a whole tick wherever the work ends about at a tick, for as long as
// steps keep their shape; so what is predicted is the mean of what is seen, given how much the work varies.

import { assert } from '../core/assert.ts';
import { deviation, mean, median, quantile } from '../core/stats.ts';

/** Ends of steps are seen `first` + k · `every` seconds after they began, k ≥ 0. */
export interface Ticks {
  readonly first: number;
  readonly every: number;
  /** Standard deviation of a step's work relative to it; absent (0) in fits stored before it was known. */
  readonly jitter?: number | undefined;
}

/** A normal distribution's deviation as the scale of a logistic one, whose distribution function is one exponential. */
const logisticScale = Math.sqrt(3) / Math.PI;
/** Scales after which a logistic distribution has nothing left to speak of. */
const reach = 12;

/** The mean moment at which work of `seconds` (on average) is seen to have ended; `seconds` itself without a grid. */
export function seenAfter(seconds: number, ticks: Ticks | undefined): number {
  if (!ticks) return seconds;
  const { first, every, jitter = 0 } = ticks;
  const scale = jitter * seconds * logisticScale;
  const place = (seconds - first) / every;
  if (scale === 0) return first + every * Math.max(0, Math.ceil(place));
  // ticks that are surely over, then each other one by the chance that the work goes on beyond it
  const width = (reach * scale) / every;
  const sure = Math.max(0, Math.floor(place - width));
  let passed = sure;
  for (let k = sure; k <= place + width; k++)
    passed += 1 / (1 + Math.exp((first + k * every - seconds) / scale));
  return first + every * passed;
}

/** Grids looked for, in seconds. */
const [finest, coarsest, stride] = [0.5e-3, 3e-3, 2e-6] as const;
/** Longer steps blur the grid, and hardly need it. */
const longest = 6e-3;
/** Mean resultant length of the kinds' phases (1: all on the grid) below which a grid would be of no use. */
const useful = 0.7;
/**
 * Rayleigh's test: n phases without a grid have a resultant above r by a chance of exp(−n r²), here 1 in 8,000 for each of the
 * twenty or so independent grids that are looked for. n counts kinds of steps: repeats of one kind share a phase anyway.
 */
const significant = 9;

/** The grid on which measured times lie, or undefined where they lie on none. `kinds`: the samples of each kind of step. */
export function ticksOf(kinds: readonly (readonly number[])[]): Ticks | undefined {
  const short = kinds.filter((samples) => samples.length > 0 && median(samples) < longest);
  if (short.length < significant) return undefined; // no resultant is above 1
  let best: { readonly every: number; readonly strength: number; readonly phase: number } | undefined;
  for (let every = finest; every <= coarsest; every += stride) {
    let [x, y] = [0, 0];
    for (const samples of short) {
      x += mean(samples.map((s) => Math.cos((2 * Math.PI * s) / every)));
      y += mean(samples.map((s) => Math.sin((2 * Math.PI * s) / every)));
    }
    const strength = Math.hypot(x, y) / short.length;
    if (strength < useful || short.length * strength ** 2 < significant) continue;
    // half a grid fits as well as the grid, so a coarser one wins where it is about as good
    if (!best || strength > best.strength * (every > 1.5 * best.every ? 0.9 : 1))
      best = { every, strength, phase: Math.atan2(y, x) / (2 * Math.PI) };
  }
  if (!best) return undefined;
  const least = short.flat().reduce((a, b) => Math.min(a, b));
  const { every, phase } = best;
  const first = every * (phase + Math.round(least / every - phase));
  assert(first > -every, 'a grid begins about where the shortest step ends');
  return { first, every, jitter: jitterOf(kinds, every) };
}

/** Steps vary at least so much, however alike a few samples are. */
const leastJitter = 0.01;

/** In a step of fewer ticks the grid hides how much work varies. */
const tellingTicks = 4;

/**
 * The relative deviation of undisturbed samples, over the longer kinds, beyond what the grid makes them differ: rounding to a
 * grid adds a twelfth of its square to a variance, on average over where in a tick the kinds' work ends.
 */
function jitterOf(kinds: readonly (readonly number[])[], every: number): number {
  const excess = kinds
    .map((samples) => calm(samples, every))
    .filter((samples) => samples.length > 2 && mean(samples) > tellingTicks * every)
    .map((samples) => (deviation(samples) ** 2 - every ** 2 / 12) / mean(samples) ** 2);
  return excess.length > 0 ? Math.max(leastJitter, Math.sqrt(Math.max(0, mean(excess)))) : leastJitter;
}

/** Without the samples that something else disturbed: they lie more than a tick and a sixth above the lower quartile. */
function calm(samples: readonly number[], every: number): number[] {
  const low = quantile(samples, 0.25);
  return samples.filter((s) => s <= low * (7 / 6) + every);
}

/**
 * What a kind of step takes: the mean of its undisturbed samples. Without a grid the samples' middle half, which is finer than
 * their median where a clock of 0.1 ms reads steps of 3 ms.
 */
export function typical(samples: readonly number[], ticks: Ticks | undefined): number {
  assert(samples.length > 0, 'a kind of step was measured');
  if (ticks) return mean(calm(samples, ticks.every));
  if (samples.length < 3) return mean(samples);
  const [low, high] = [quantile(samples, 0.25), quantile(samples, 0.75)];
  return mean(samples.filter((s) => s >= low && s <= high));
}
