// The result file of a model benchmark: steps of a whole model, prefill and decode, with the floors that hold them up.

import type { Bound, Ceilings, DeviceReport } from './schema.ts';

export const modelSchema = 'lockstep-model';

export interface ModelRow {
  readonly phase: 'prefill' | 'decode';
  readonly config: string;
  readonly parameters: number;
  readonly weights: string;
  readonly kv: string;
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
  /** Why there is no figure; null when there is one. */
  readonly why: string | null;
}

export interface ModelFile {
  readonly schema: typeof modelSchema;
  readonly version: 1;
  readonly date: string;
  readonly commit: string | null;
  readonly command: string;
  readonly device: DeviceReport;
  readonly ceilings: Ceilings;
  readonly invalid: readonly string[];
  readonly results: readonly ModelRow[];
}
