// What limits a run: the highest of three floors, each from a ceiling measured on the same device.

import type { Spread } from '../core/stats.ts';
import type { Peak } from '../kernels/header.ts';
import type { Bound, CeilingName, Ceilings, Timing } from './schema.ts';

export interface Work {
  readonly flops: number;
  /** Bytes that must move at least once. */
  readonly bytes: number;
  readonly dispatches: number;
  readonly peak: Peak;
}

export interface Limit {
  readonly bound: Bound;
  readonly ceiling: CeilingName;
  /** The shortest time that ceiling allows. */
  readonly floorMs: number;
}

/** Milliseconds that so many dispatches, bytes, or FLOPs take at least; null where that ceiling was not measured. */
export const launchMs = (dispatches: number, { dispatch }: Ceilings): number | null =>
  dispatch && (dispatches * dispatch.value) / 1e3;
export const bandwidthMs = (bytes: number, { readBandwidth }: Ceilings): number | null =>
  readBandwidth && bytes / readBandwidth.value / 1e6;
export function computeMs(flops: number, peak: Peak, ceilings: Ceilings): number | null {
  const ceiling = ceilings[peak];
  return ceiling && flops / ceiling.value / 1e6;
}

/** launch: dispatches × dispatch cost; bandwidth: bytes / read bandwidth; compute: flops / peak. Only those that were measured. */
export function floorsOf(work: Work, ceilings: Ceilings): readonly Limit[] {
  const floors = [
    { bound: 'launch', ceiling: 'dispatch', floorMs: launchMs(work.dispatches, ceilings) },
    { bound: 'bandwidth', ceiling: 'readBandwidth', floorMs: bandwidthMs(work.bytes, ceilings) },
    { bound: 'compute', ceiling: work.peak, floorMs: computeMs(work.flops, work.peak, ceilings) },
  ] as const;
  return floors.flatMap(({ floorMs, ...of }) => (floorMs === null ? [] : [{ ...of, floorMs }]));
}

/** The highest floor. Null without ceilings. */
export const limitOf = (work: Work, ceilings: Ceilings): Limit | null =>
  floorsOf(work, ceilings).reduce<Limit | null>(
    (most, floor) => (most && most.floorMs >= floor.floorMs ? most : floor),
    null,
  );

/**
 * Whether a cache could change its time: reading its bytes is at least a quarter of what limits it most. What computes longest by
 * the floors may still wait for memory, because few kernels reach their peak of arithmetic.
 */
export function readsMuch(work: Work, ceilings: Ceilings): boolean {
  const read = bandwidthMs(work.bytes, ceilings);
  return read !== null && 4 * read >= (limitOf(work, ceilings)?.floorMs ?? Number.POSITIVE_INFINITY);
}

/** Rates and fraction of the limiting ceiling: its floor over the median. */
export function timing(work: Work, durations: Spread, limit: Limit | null): Timing {
  return {
    medianMs: durations.median,
    p10Ms: durations.p10,
    p90Ms: durations.p90,
    n: durations.n,
    gflops: work.flops / durations.median / 1e6,
    gbps: work.bytes / durations.median / 1e6,
    fractionOfCeiling: limit ? limit.floorMs / durations.median : null,
  };
}

/** How much each bound limits, as shares of one whole. */
export type BoundShares = Readonly<Record<Bound, number>>;

export const BOUNDS = ['launch', 'bandwidth', 'compute'] as const satisfies readonly Bound[];

/** What limits a run: of the sum of its steps' longest floors, the share of the steps that each bound limits. */
export interface RunBound extends BoundShares {
  /** Σ of its steps' longest floors / Σ of their measured times; absent in runs of before it was written down. */
  readonly explained?: number;
}

/** Less of the time than this, and the floors do not say what a step waits for. */
const ENOUGH = 0.5;

/** Whether the kernels are so far from every ceiling that the bound which limits most says little of the run. */
export const explainsLittle = ({ explained }: RunBound): boolean =>
  explained !== undefined && explained < ENOUGH;

/** The bound that limits most. */
export const mostOf = (shares: BoundShares): Bound =>
  BOUNDS.reduce<Bound>((most, bound) => (shares[bound] > shares[most] ? bound : most), 'launch');

/** The mean of several runs; null without a run. What explains their time is known where it is known of each. */
export function meanBound(all: readonly RunBound[]): RunBound | null {
  if (all.length === 0) return null;
  const mean = (of: (bound: RunBound) => number): number =>
    all.reduce((sum, bound) => sum + of(bound), 0) / all.length;
  const explained = mean((bound) => bound.explained ?? Number.NaN);
  return {
    launch: mean(({ launch }) => launch),
    bandwidth: mean(({ bandwidth }) => bandwidth),
    compute: mean(({ compute }) => compute),
    ...(Number.isNaN(explained) ? {} : { explained }),
  };
}
