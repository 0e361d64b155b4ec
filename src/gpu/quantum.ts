// The step in which GPU timestamps advance, from stamps. Browsers mask it (Chrome: the low 16 bits, unless developer features are
// on) or pass on the hardware's tick, which need not be a whole number of nanoseconds: 24 MHz gives gaps of 41, 42, 83 ns.

import { at } from '../core/assert.ts';

/** With fewer gaps between different stamps their common divisor is often a multiple of the step. */
const fewestGaps = 8;
/** Below it whole nanoseconds cannot show a fraction: every gap is within a rounding of some multiple of 3 ns. */
const finest = 8;

/** Nanoseconds of the step, or null when too few different stamps were seen to tell. */
export function quantumOf(stamps: readonly bigint[]): number | null {
  const seen = [...new Set(stamps)].sort((a, b) => (a < b ? -1 : 1));
  const gaps = seen.slice(1).map((stamp, i) => Number(stamp - at(seen, i)));
  if (gaps.length < fewestGaps) return null;
  gaps.sort((a, b) => a - b);
  const exact = gaps.reduce(divisor);
  return exact >= finest ? exact : (roundedStep(gaps) ?? exact);
}

function divisor(a: number, b: number): number {
  while (b > 0) [a, b] = [b, a % b];
  return a;
}

/** The largest step of which every gap is a multiple, give or take the rounding of its two stamps (below 1 ns together). */
function roundedStep(gaps: readonly number[]): number | null {
  const smallest = at(gaps, 0);
  for (let ticks = 1; smallest / ticks >= finest; ticks++) {
    const step = stepOf(gaps, ticks);
    if (step !== null) return step;
  }
  return null;
}

/** The step if the smallest gap is so many ticks; each further gap narrows it, until one fits no number of ticks. */
function stepOf(gaps: readonly number[], ticks: number): number | null {
  let low = (at(gaps, 0) - 1) / ticks;
  let high = (at(gaps, 0) + 1) / ticks;
  for (const gap of gaps) {
    const fewest = Math.ceil((gap - 1) / high);
    const most = Math.floor((gap + 1) / low);
    if (fewest > most) return null;
    if (fewest < most) continue; // not known well enough yet to say how many ticks this is
    low = Math.max(low, (gap - 1) / most);
    high = Math.min(high, (gap + 1) / most);
  }
  return Math.round(50 * (low + high)) / 100;
}
