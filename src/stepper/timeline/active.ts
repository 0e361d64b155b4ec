// Which lanes of its subgroup a recorded step ran.

import type { StepColumns } from '../recording.ts';

type Lanes = Pick<StepColumns, 'low' | 'high'>;

/** Whether lane `bit` of its subgroup was active in a step. */
export function activeIn(steps: Lanes, step: number, bit: number): boolean {
  const word = (bit < 32 ? steps.low[step] : steps.high[step]) ?? 0;
  return ((word >>> (bit % 32)) & 1) === 1;
}

/** How many lanes were active in a step. */
export function activeCount(steps: Lanes, step: number): number {
  return bits(steps.low[step] ?? 0) + bits(steps.high[step] ?? 0);
}

function bits(word: number): number {
  let x = word - ((word >>> 1) & 0x55555555);
  x = (x & 0x33333333) + ((x >>> 2) & 0x33333333);
  return (Math.imul((x + (x >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24) & 0xff;
}
