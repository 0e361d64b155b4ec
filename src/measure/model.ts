// The result file of a model benchmark: steps of a whole model, prefill and decode, with the floors that hold them up.

import { type Comparison, compare, compareTurns } from './rank.ts';
import type { Bound, Ceilings, DeviceReport, MissingCeilings } from './schema.ts';
import type { StepSplit } from './split.ts';

export const modelSchema = 'lockstep-model';

export interface ModelRow {
  readonly phase: 'prefill' | 'decode';
  readonly config: string;
  readonly parameters: number;
  readonly weights: string;
  /** What the inputs of the layers' matrices are rounded to. */
  readonly activations: string;
  readonly kv: string;
  /** `canonical`, `one-version` or `fast`, and the reduction ids that served. */
  readonly numerics: string;
  readonly reduction: string;
  /** Sequences in the step. */
  readonly batch: number;
  /** Tokens of K and V that each sequence has before the step. */
  readonly context: number;
  /** Tokens that one step computes. */
  readonly tokens: number;
  /** Tokens a second, steps one after another without waiting for ids (two in flight). */
  readonly tokensPerSecond: number | null;
  /** Milliseconds of a step, two in flight: median, spread, number. */
  readonly stepMs: number | null;
  readonly p10Ms: number | null;
  readonly p90Ms: number | null;
  readonly n: number;
  /** Every sample of stepMs in the order taken: rows of the same `turns`, phase and batch took turns. */
  readonly samplesMs: readonly number[];
  /** Number of the set of models that were loaded side by side; absent in older files, where only `numerics` took turns. */
  readonly turns?: number;
  /** Milliseconds of a step whose ids are awaited before the next one starts. */
  readonly awaitedMs: number | null;
  /** awaitedMs − stepMs: what waiting for the readback costs. */
  readonly readbackMs: number | null;
  /** Host time of preparing, encoding and submitting a step. */
  readonly hostMs: number | null;
  readonly dispatches: number;
  /** The shortest time each ceiling allows. */
  readonly floorsMs: {
    readonly launch: number | null;
    readonly bandwidth: number | null;
    readonly compute: number | null;
  };
  readonly bound: Bound | null;
  /** Highest floor over the median step; null without ceilings. */
  readonly fractionOfCeiling: number | null;
  /** Bytes over read bandwidth plus dispatches times their measured cost, as nothing overlaps; and the share of the step that it is. */
  readonly launchPlusBandwidthMs: number | null;
  readonly fractionOfLaunchPlusBandwidth: number | null;
  /** A step's time on the device by op, estimated; null where it was not asked for or `splitWhy` says why. */
  readonly split: StepSplit | null;
  readonly splitWhy: string | null;
  readonly status: 'measured' | 'refused' | 'cancelled';
  /** In words, why there is no figure; null when there is one. */
  readonly why: string | null;
}

/** What the probe found on this device: whether a token's logits are the same bits whatever the batch. */
export interface ModelInvariance {
  readonly config: string;
  readonly weights: string;
  readonly activations: string;
  readonly kv: string;
  /** What was asked for, and what served: one version an op where canonical numerics failed. */
  readonly asked: string;
  readonly numerics: string;
  /** As src/model/probe-report.ts says; where bits still differ, the run is invalid. */
  readonly standing: 'kept' | 'fell back' | 'still differs' | 'not promised';
  readonly identical: boolean;
  /** In words; fast numerics are never called invariant. */
  readonly found: string;
}

export interface ModelFile {
  readonly schema: typeof modelSchema;
  readonly version: 1;
  readonly date: string;
  readonly commit: string | null;
  readonly command: string;
  readonly device: DeviceReport;
  readonly ceilings: Ceilings;
  /** Why those of `ceilings` that are null are; absent in older files. */
  readonly missingCeilings?: MissingCeilings;
  readonly invalid: readonly string[];
  readonly invariance: readonly ModelInvariance[];
  readonly results: readonly ModelRow[];
}

export interface NumericsRatio {
  readonly of: Pick<ModelRow, 'config' | 'weights' | 'activations' | 'kv' | 'phase' | 'batch'>;
  /** `canonical` or `one-version`. */
  readonly numerics: string;
  /** Its speed over that of fast, turn by turn: below 1, mixing orders of summation is quicker. */
  readonly speed: Comparison;
}

/** Rows that differ in their numerics alone, compared. */
export function numericsRatios(rows: readonly ModelRow[]): readonly NumericsRatio[] {
  return rows.flatMap((row) => {
    if (row.numerics === 'fast') return [];
    const fast = rows.find(
      (r) =>
        r.numerics === 'fast' &&
        (['config', 'weights', 'activations', 'kv', 'phase', 'batch'] as const).every(
          (key) => r[key] === row[key],
        ),
    );
    if (!fast || fast.samplesMs.length === 0 || row.samplesMs.length === 0) return [];
    const { config, weights, activations, kv, phase, batch, numerics } = row;
    return [
      {
        of: { config, weights, activations, kv, phase, batch },
        numerics,
        speed: compareTurns(row.samplesMs, fast.samplesMs),
      },
    ];
  });
}

export interface FormatRatio {
  readonly of: Pick<ModelRow, 'config' | 'weights' | 'activations' | 'kv' | 'numerics' | 'phase' | 'batch'>;
  /** The float weights that it is compared with, their activations in f32. */
  readonly over: 'f32' | 'f16';
  /** Whether their samples took turns; else what the device changed in between is in the ratio. */
  readonly interleaved: boolean;
  /** Its speed over theirs: above 1, int8 is quicker. */
  readonly speed: Comparison;
}

/** Rows of int8 weights against those of float weights that are the same in all else. */
export function formatRatios(rows: readonly ModelRow[]): readonly FormatRatio[] {
  const same = ['config', 'kv', 'numerics', 'phase', 'batch'] as const;
  return rows.flatMap((row) =>
    (['f32', 'f16'] as const).flatMap((over): FormatRatio[] => {
      const base = rows.find(
        (r) => r.weights === over && r.activations === 'f32' && same.every((key) => r[key] === row[key]),
      );
      if (!row.weights.startsWith('i8') || !base) return [];
      if (row.samplesMs.length === 0 || base.samplesMs.length === 0) return [];
      const interleaved = row.turns !== undefined && row.turns === base.turns;
      const { config, weights, activations, kv, numerics, phase, batch } = row;
      return [
        {
          of: { config, weights, activations, kv, numerics, phase, batch },
          over,
          interleaved,
          speed: (interleaved ? compareTurns : compare)(row.samplesMs, base.samplesMs),
        },
      ];
    }),
  );
}
