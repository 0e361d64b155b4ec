// When the end of a step is seen. Chrome looks for finished GPU work about once a millisecond from the submit on, so
// the times of short steps lie on a grid: 2.6, 3.7, 4.8 ms and nothing between. A clock that predicts the work alone is
// off by half a tick on average; one that rounds up to the grid is not.

import { assert } from '../core/assert.ts';

/** Steps end `first` + k · `every` seconds after they began, k ≥ 0. */
export interface Ticks {
  readonly first: number;
  readonly every: number;
}

/** The first moment of the grid at or after `seconds`; `seconds` itself without a grid. */
export const seenAfter = (seconds: number, ticks: Ticks | undefined): number =>
  ticks ? ticks.first + ticks.every * Math.max(0, Math.ceil((seconds - ticks.first) / ticks.every)) : seconds;

/** Grids looked for, in seconds. */
const [finest, coarsest, stride] = [0.5e-3, 3e-3, 2e-6] as const;
/** Longer steps blur the grid, and hardly need it. */
const longest = 6e-3;
const fewest = 30;
/** Mean resultant length of the samples' phases (1: all on the grid). By chance 20 kinds of steps reach 0.7 about never. */
const enough = 0.7;

/** The grid on which measured times lie, or undefined where they lie on none. */
export function ticksOf(seconds: readonly number[]): Ticks | undefined {
  const short = seconds.filter((s) => s < longest);
  if (short.length < fewest) return undefined;
  let best: { readonly every: number; readonly strength: number; readonly phase: number } | undefined;
  for (let every = finest; every <= coarsest; every += stride) {
    let [x, y] = [0, 0];
    for (const s of short) {
      x += Math.cos((2 * Math.PI * s) / every);
      y += Math.sin((2 * Math.PI * s) / every);
    }
    const strength = Math.hypot(x, y) / short.length;
    // half a grid fits as well as the grid, so a coarser one wins where it is about as good
    if (strength >= enough && (!best || strength > best.strength * (every > 1.5 * best.every ? 0.9 : 1)))
      best = { every, strength, phase: Math.atan2(y, x) / (2 * Math.PI) };
  }
  if (!best) return undefined;
  const least = short.reduce((a, b) => Math.min(a, b));
  const { every, phase } = best;
  const first = every * (phase + Math.round(least / every - phase));
  assert(first > -every, 'a grid begins about where the shortest step ends');
  return { first, every };
}
