// What the probe of batch invariance found, and how it is told.

import type { Numerics } from './numerics.ts';

export interface ProbeReport {
  readonly numerics: Numerics;
  readonly identical: boolean;
  /** Tokens of the prompt. */
  readonly tokens: number;
  readonly runs: readonly string[];
  /** Logits that were compared, over all runs. */
  readonly cells: number;
  /** The first that differed. */
  readonly difference?: {
    readonly run: string;
    readonly id: number;
    readonly got: number;
    readonly want: number;
  };
}

/** Nine digits tell any two f32 apart. */
const cell = (x: number): string => x.toPrecision(9).replace('-', '−');

/** The report in a sentence or two. Fast numerics are never called invariant: equal runs prove nothing about others. */
export function describeProbe({ numerics, tokens, runs, cells, difference }: ProbeReport): string {
  const how = `a prompt of ${tokens} tokens, run ${runs.length} ways (${runs.join('; ')})`;
  if (numerics === 'fast') {
    return difference
      ? `Fast numerics are not the same in every batch: of ${how}, “${difference.run}” gave ${cell(difference.got)} for the logit of id ${difference.id} that was ${cell(difference.want)} before.`
      : `Fast numerics promise nothing about the batch; ${how}, happened to give the same ${cells} logits.`;
  }
  return difference
    ? `Canonical numerics fail on this device: of ${how}, “${difference.run}” gave ${cell(difference.got)} for the logit of id ${difference.id} that was ${cell(difference.want)} before. Please report it.`
    : `The same bits on this device: ${how}, ${cells} logits compared.`;
}
