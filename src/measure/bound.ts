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

/** The bound that limits most. */
export const mostOf = (shares: BoundShares): Bound =>
  (Object.keys(shares) as Bound[]).reduce((most, bound) => (shares[bound] > shares[most] ? bound : most));

/** The mean of several runs' shares; null without a run. */
export function meanShares(all: readonly BoundShares[]): BoundShares | null {
  if (all.length === 0) return null;
  const mean = (bound: Bound): number => all.reduce((sum, shares) => sum + shares[bound], 0) / all.length;
  return { launch: mean('launch'), bandwidth: mean('bandwidth'), compute: mean('compute') };
}
