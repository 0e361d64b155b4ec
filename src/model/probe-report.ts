// What the probe of batch invariance found, what was done about it, and how both are told.

import type { Numerics } from './numerics.ts';

/** The first logit that differed. */
export interface ProbeDifference {
  readonly run: string;
  readonly position: number;
  readonly id: number;
  readonly got: number;
  readonly want: number;
}

export interface ProbeReport {
  readonly numerics: Numerics;
  readonly identical: boolean;
  /** Ways in which tokens were computed. */
  readonly runs: readonly string[];
  /** Logits that were compared, over all runs. */
  readonly cells: number;
  readonly difference?: ProbeDifference;
}

/**
 * How a loaded model came to its numerics. `kept`: the probe found no dependence on the batch. `fell back`: canonical logits varied
 * with the batch, so one version per op serves and they do not. `still differs`: even that varies. `not promised`: fast numerics.
 */
export const standings = ['kept', 'fell back', 'still differs', 'not promised'] as const;
export type Standing = (typeof standings)[number];

export interface Invariance {
  readonly standing: Standing;
  readonly asked: Numerics;
  readonly served: Numerics;
  /** In order: of what was asked for, then of what took its place. */
  readonly probes: readonly ProbeReport[];
}

/** Nine digits tell any two f32 apart. */
const cell = (x: number): string => x.toPrecision(9).replace('-', '−');

const names: Readonly<Record<Numerics, string>> = {
  canonical: 'Canonical numerics',
  'one-version': 'One version an op',
  fast: 'Fast numerics',
};

/** The report in a sentence or two. Fast numerics are never called invariant: equal runs prove nothing about others. */
export function describeProbe({ numerics, runs, cells, difference }: ProbeReport): string {
  const how = `the same tokens computed in ${runs.length} ways (${runs.join('; ')})`;
  const differed =
    difference &&
    `of ${how}, “${difference.run}” gave ${cell(difference.got)} for the logit of id ${difference.id} at position ${difference.position} that was ${cell(difference.want)} before`;
  if (numerics === 'fast') {
    return differed
      ? `Fast numerics are not the same in every batch: ${differed}.`
      : `Fast numerics promise nothing about the batch; ${how}, happened to give the same ${cells.toLocaleString('en')} logits.`;
  }
  return differed
    ? `${names[numerics]} fail on this device: ${differed}. Please report it.`
    : `The same bits on this device: ${how}, ${cells.toLocaleString('en')} logits compared.`;
}

export const stillDiffers =
  'A token’s logits depend on its batch on this device, also where one version serves each op: answers of different strategies may differ.';

/** What serves and why, in one sentence that fits beside a device's name. */
export function describeStanding({
  standing,
  asked,
  served,
}: Pick<Invariance, 'standing' | 'asked' | 'served'>): string {
  switch (standing) {
    case 'kept':
      return `${names[served]}, probed here: the same bits in every batch.`;
    case 'fell back':
      return `${names[asked]} gave other bits in other batches on this device, so one version serves each op whatever the row count: slower, and the same bits in every batch.`;
    case 'still differs':
      return stillDiffers;
    case 'not promised':
      return 'Fast numerics: each op takes its quickest kernel, and a token’s logits depend on what runs beside it.';
  }
}

/** describeStanding, then what each probe found. */
export const describeInvariance = (invariance: Invariance): string =>
  [describeStanding(invariance), ...invariance.probes.map(describeProbe)].join(' ');
