// What `--accuracy` found: how far the fitted virtual clock is from the device, held against what it promises. Pure.

import type { Calibration } from '../../src/worker/serving/protocol.ts';

export const HELD = ['output_throughput', 'ttft_p90', 'tpot_p90', 'e2e_p90'] as const;
export type Held = (typeof HELD)[number];

/**
 * Relative errors that the clock promises not to pass, below 70 % of capacity. `steps`: the median one of single steps; `service`: of
 * the time of all steps together.
 */
export const targets = {
  steps: 0.05,
  output_throughput: 0.05,
  service: 0.05,
  ttft_p90: 0.1,
  tpot_p90: 0.1,
  e2e_p90: 0.1,
} as const;
export type Target = keyof typeof targets;

export interface MeasuredRow {
  readonly strategy: string;
  /** How much slower the steps of the fit were when measured again after this row: 0.1 is 10 %. */
  readonly drift: number;
  /** What the prediction rests on, measured just before. */
  readonly fit: Pick<Calibration, 'residuals' | 'served' | 'capacity' | 'took' | 'cost'>;
  /** Of the strategy's own capacity on the virtual clock. */
  readonly share: number;
  /** Requests a second that arrive. */
  readonly rate: number;
  /** Medians over the repeats, and what the virtual clock says of the same arrivals. */
  readonly measured: Readonly<Record<Held, number>>;
  readonly predicted: Readonly<Record<Held, number>>;
  /** The least and the most of the repeats: what the device itself varies by. */
  readonly range: Readonly<Record<Held, readonly [number, number]>>;
  /** Relative errors of single steps, and predicted over measured time of all of them. */
  readonly steps: { readonly median: number; readonly p90: number; readonly total: number };
}

export interface AccuracyRow extends MeasuredRow {
  /** Predicted over measured, less 1; of single steps the median size of it. */
  readonly errors: Readonly<Record<Target, number>>;
  /** The targets that it misses; none: it is within all. */
  readonly missed: readonly Target[];
}

export interface Accuracy {
  readonly format: 'lockstep-accuracy';
  /** 4: rows are of whole runs alone, and `invalid` says which are missing for want of them. 5: rows are held against the targets. */
  readonly version: 5;
  readonly date: string;
  readonly commit: string | null;
  readonly device: string;
  readonly workload: string;
  readonly requests: number;
  readonly repeats: number;
  /** How often a row was measured again: the device had changed by more than `STEADY` meanwhile, or a run was not whole. */
  readonly repeated: number;
  /** The largest relative errors promised. */
  readonly targets: typeof targets;
  /** Rows that are within all targets. */
  readonly within: number;
  readonly rows: readonly AccuracyRow[];
  /** Rows that could not be measured, and why. */
  readonly invalid: readonly string[];
}

/** A device whose steps took this much longer or shorter afterwards cannot be held to a fit made before. */
const STEADY = 0.03;
export const isSteady = ({ drift }: Pick<MeasuredRow, 'drift'>): boolean => Math.abs(drift) <= STEADY;

/** Each row with its errors and what it misses. */
export function judged(rows: readonly MeasuredRow[]): Pick<Accuracy, 'rows' | 'within'> {
  const all = rows.map((row): AccuracyRow => {
    const errors = errorsOf(row);
    const missed = (Object.keys(targets) as Target[]).filter((of) => !(Math.abs(errors[of]) <= targets[of]));
    return { ...row, errors, missed };
  });
  return { rows: all, within: all.filter(({ missed }) => missed.length === 0).length };
}

/** Both 0, as the TPOT of answers of one token: nothing was there to predict wrongly. */
const errorOf = (predicted: number, measured: number): number =>
  predicted === measured ? 0 : predicted / measured - 1;

function errorsOf({ predicted, measured, steps }: MeasuredRow): Record<Target, number> {
  const of = (id: Held): number => errorOf(predicted[id], measured[id]);
  return {
    steps: steps.median,
    output_throughput: of('output_throughput'),
    service: steps.total - 1,
    ttft_p90: of('ttft_p90'),
    tpot_p90: of('tpot_p90'),
    e2e_p90: of('e2e_p90'),
  };
}

const names: Readonly<Record<Target, string>> = {
  steps: 'single steps (median)',
  output_throughput: 'throughput',
  service: 'time of all steps',
  ttft_p90: 'p90 of TTFT',
  tpot_p90: 'p90 of TPOT',
  e2e_p90: 'p90 of E2E',
};

const percent = (x: number, digits = 1): string =>
  `${x < 0 ? '−' : ''}${(100 * Math.abs(x)).toFixed(digits)} %`;
const limit = (of: Target): string => `${percent(targets[of], 0)} at most`;

function rowText(row: AccuracyRow): string {
  const off = (id: Held): string => {
    const [least, most] = row.range[id].map((value) => errorOf(value, row.measured[id]));
    return `${percent(row.errors[id])} (repeats ${percent(least ?? 0, 0)} … +${percent(most ?? 0, 0)})`;
  };
  const missed = row.missed.map((of) => `${names[of]} ${percent(row.errors[of])} (${limit(of)})`);
  const steady = isSteady(row) ? '' : `: the device CHANGED meanwhile, by ${percent(row.drift, 0)}`;
  return [
    `${row.strategy} at ${100 * row.share} % of its capacity (${row.rate.toFixed(1)} requests/s)${steady}`,
    `  throughput ${off('output_throughput')}`,
    `  p90 of TTFT ${off('ttft_p90')}, of TPOT ${off('tpot_p90')}, of E2E ${off('e2e_p90')}`,
    `  steps: ${percent(row.errors.steps)} median error, ${percent(row.errors.service)} in all`,
    missed.length === 0 ? '  within all targets' : `  MISSED: ${missed.join(', ')}`,
  ].join('\n');
}

export function accuracyText(accuracy: Accuracy): string {
  const { rows, within } = accuracy;
  const changed = rows.filter((row) => row.missed.length > 0 && !isSteady(row)).length;
  return [
    accuracy.device,
    `${accuracy.requests} requests, Poisson arrivals, ${accuracy.repeats} repeats; measured again because the device had changed or a run was not whole: ${accuracy.repeated} times`,
    'Predicted against the median of the repeats:',
    ...rows.map(rowText),
    `${within} of ${rows.length} rows within all targets${changed > 0 ? `; ${changed} of the others were measured while the device changed` : ''}`,
    `  targets: ${(Object.keys(targets) as Target[]).map((of) => `${names[of]} ${limit(of)}`).join(', ')}`,
    '  below capacity the throughput follows the arrivals and can hardly be missed; the time of all steps can',
    ...accuracy.invalid.map((what) => `INVALID: ${what}`),
  ].join('\n');
}
