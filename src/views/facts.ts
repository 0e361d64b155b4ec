// What a set of result rows says: who is best, against what, and whether a difference is more than noise.
// Pure reading of rows; words and pictures are made elsewhere.

import type { Comparison } from '../measure/rank.ts';
import type { CeilingName, ResultRow } from '../measure/schema.ts';

export const ours = 'lockstep';

/** A row that has a figure. */
export interface Measured extends ResultRow {
  readonly medianMs: number;
  readonly p10Ms: number;
  readonly p90Ms: number;
  readonly gflops: number;
  readonly gbps: number;
}

export const isMeasured = (row: ResultRow): row is Measured =>
  row.verified &&
  row.medianMs !== null &&
  row.p10Ms !== null &&
  row.p90Ms !== null &&
  row.gflops !== null &&
  row.gbps !== null;

/** One (op, version, shape, dtype) of one peer, the same in every file. */
export const rowKey = (row: ResultRow): string =>
  [row.op, row.peer, row.version, row.shape, row.dtype].join(' / ');

/** The name of a row in a ladder: the version's, or the peer's. */
export const rowName = (row: ResultRow): string => (row.peer === ours ? row.version : row.peer);

export interface Selection {
  readonly op: string;
  readonly dtype: string;
  readonly shape: string;
}

/** Rows of one op, dtype and shape: ours by file name, then peers. */
export function ladderRows(rows: readonly ResultRow[], at: Selection): readonly ResultRow[] {
  const here = rows.filter((row) => row.op === at.op && row.dtype === at.dtype && row.shape === at.shape);
  const mine = here.filter((row) => row.peer === ours).sort((a, b) => (a.version < b.version ? -1 : 1));
  return [...mine, ...here.filter((row) => row.peer !== ours)];
}

const fastest = (rows: readonly Measured[]): Measured | null =>
  rows.reduce<Measured | null>((best, row) => (best && best.medianMs <= row.medianMs ? best : row), null);

export interface Ladder {
  readonly rows: readonly ResultRow[];
  readonly best: Measured | null;
  /** The first version: what the others are compared against. */
  readonly baseline: Measured | null;
  readonly bestPeer: Measured | null;
}

export function readLadder(rows: readonly ResultRow[]): Ladder {
  const measured = rows.filter(isMeasured);
  const mine = measured.filter((row) => row.peer === ours);
  const first = rows.find((row) => row.peer === ours);
  return {
    rows,
    best: fastest(mine),
    baseline: first && isMeasured(first) ? first : null,
    bestPeer: fastest(measured.filter((row) => row.peer !== ours)),
  };
}

/** What the marks of every chart do. */
export interface MarkEvents {
  /** A row is hovered or focused; null when none is. */
  preview(row: ResultRow | null): void;
  /** The address at which a row is chosen: marks are links. */
  link(row: ResultRow): string;
}

/** A mark previews its row under the pointer and while it has the focus. */
export const previewProps = (row: ResultRow, on: MarkEvents) => ({
  onPointerEnter: () => on.preview(row),
  onPointerLeave: () => on.preview(null),
  onFocus: () => on.preview(row),
  onBlur: () => on.preview(null),
});

/** Rates that a ladder can show. */
export const metrics = ['gflops', 'gbps', 'ms'] as const;
export type Metric = (typeof metrics)[number];
export const metricUnit: Readonly<Record<Metric, string>> = { gflops: 'GFLOP/s', gbps: 'GB/s', ms: 'ms' };

export interface Interval {
  readonly low: number;
  readonly middle: number;
  readonly high: number;
}

/** A row's median with p10 and p90 in the unit of a metric, low to high. */
export function inMetric(row: Measured, metric: Metric): Interval {
  if (metric === 'ms') return { low: row.p10Ms, middle: row.medianMs, high: row.p90Ms };
  const middle = row[metric];
  return { low: (middle * row.medianMs) / row.p90Ms, middle, high: (middle * row.medianMs) / row.p10Ms };
}

export interface RoofLine {
  readonly ceiling: CeilingName;
  /** Where a row of this shape would stand at 100 % of that ceiling. */
  readonly value: number;
}

/** The ceilings that limit these rows, each once, as lines in the unit of a metric. */
export function roofLines(rows: readonly ResultRow[], metric: Metric): readonly RoofLine[] {
  const lines = new Map<CeilingName, number>();
  for (const row of rows) {
    if (!isMeasured(row) || row.ceiling === null || !row.fractionOfCeiling || lines.has(row.ceiling))
      continue;
    const { middle } = inMetric(row, metric);
    lines.set(row.ceiling, metric === 'ms' ? middle * row.fractionOfCeiling : middle / row.fractionOfCeiling);
  }
  return [...lines].map(([ceiling, value]) => ({ ceiling, value }));
}

export const ceilingTitle: Readonly<Record<CeilingName, string>> = {
  readBandwidth: 'read bandwidth',
  copyBandwidth: 'copy bandwidth',
  workgroupBandwidth: 'workgroup-memory bandwidth',
  f32: 'f32 FMA peak',
  f16: 'f16 FMA peak',
  dot4i8: 'dot4I8 peak',
  dispatch: 'dispatch cost',
};

/** `compare` of two rows' samples; undefined while it is still being resampled (app/bench/verdicts.ts). */
export type VerdictOf = (a: Measured, b: Measured) => Comparison | undefined;

/** Our versions that cannot be told from the best one. */
export function tiedWithBest({ rows, best }: Ladder, verdictOf: VerdictOf): readonly Measured[] {
  if (!best) return [];
  return rows
    .filter(isMeasured)
    .filter((row) => row.peer === ours && row !== best && row.medianMs < best.medianMs * 1.5)
    .filter((row) => verdictOf(best, row)?.verdict === 'no difference');
}
