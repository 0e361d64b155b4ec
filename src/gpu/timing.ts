// The two clocks. `gpu`: timestamps at pass boundaries, whose step is detected at run time. `wall`: until
// onSubmittedWorkDone. A sample is the time of R equal dispatches; how many, and whether the slope between R and 2R is
// taken, follows from the clock's step (planSample). Readback is never inside a time.

import { assert, at } from '../core/assert.ts';
import type { Gpu } from './device.ts';
import type { Bound } from './dispatch.ts';
import { quantumOf } from './quantum.ts';
import { mapRead, usage } from './usage.ts';

/** Several dispatch lists that make one run; each part is submitted on its own, because submits must stay short. */
export type Run = readonly Bound[];

export type ClockKind = 'gpu' | 'wall';

/** How one sample is taken. `slope`: (T(2R) − T(R)) / R, which cancels the fixed cost of a pass or a submit. */
export interface SamplePlan {
  readonly method: 'direct' | 'slope';
  readonly repeats: number;
}

export type Lead = () => Promise<void>;

export interface Clock {
  readonly kind: ClockKind;
  /** Done before each timed pass and not part of it: what keeps the device's own clock up (awake.ts). */
  readonly lead?: Lead | undefined;
  /** Smallest step in nanoseconds; 0 for the wall clock, whose noise is found by sampling. */
  readonly quantumNs: number;
  /** Milliseconds of `repeats` rounds over `ring` (run i uses ring[i mod length]), or null for an invalid interval. */
  time(ring: readonly Run[], repeats: number): Promise<number | null>;
  dispose(): void;
}

const resolvedUsage = usage.queryResolve | usage.copySrc;
const stagingUsage = usage.mapRead | usage.copyDst;

/** No submit may hold the device longer than this (drivers' watchdogs, the compositor). */
export const submitLimitMs = 200;

export function gpuClock(gpu: Gpu, quantumNs: number, lead?: Lead): Clock {
  const { device } = gpu;
  const queries = device.createQuerySet({ label: 'clock', type: 'timestamp', count: 2 });
  const resolved = device.createBuffer({ label: 'clock/resolved', size: 16, usage: resolvedUsage });
  const staging = device.createBuffer({ label: 'clock/staging', size: 16, usage: stagingUsage });
  const part = async (encode: (pass: GPUComputePassEncoder) => void): Promise<number | null> => {
    await lead?.();
    const encoder = device.createCommandEncoder({ label: 'timed' });
    const pass = encoder.beginComputePass({
      label: 'timed',
      timestampWrites: { querySet: queries, beginningOfPassWriteIndex: 0, endOfPassWriteIndex: 1 },
    });
    encode(pass);
    pass.end();
    encoder.resolveQuerySet(queries, 0, 2, resolved, 0);
    encoder.copyBufferToBuffer(resolved, 0, staging, 0, 16);
    device.queue.submit([encoder.finish()]);
    await staging.mapAsync(mapRead);
    const stamps = new BigInt64Array(staging.getMappedRange().slice(0));
    staging.unmap();
    const elapsed = Number(at(stamps, 1) - at(stamps, 0)) / 1e6;
    return elapsed > 0 ? elapsed : null;
  };
  return {
    kind: 'gpu',
    lead,
    quantumNs,
    time: (ring, repeats) => timeParts(ring, repeats, part),
    dispose() {
      queries.destroy();
      resolved.destroy();
      staging.destroy();
    },
  };
}

export function wallClock(gpu: Gpu, lead?: Lead): Clock {
  const { device } = gpu;
  const part = async (encode: (pass: GPUComputePassEncoder) => void): Promise<number | null> => {
    await lead?.();
    await device.queue.onSubmittedWorkDone();
    const start = performance.now();
    const encoder = device.createCommandEncoder({ label: 'timed' });
    const pass = encoder.beginComputePass({ label: 'timed' });
    encode(pass);
    pass.end();
    device.queue.submit([encoder.finish()]);
    await device.queue.onSubmittedWorkDone();
    const elapsed = performance.now() - start;
    return elapsed > 0 ? elapsed : null;
  };
  return {
    kind: 'wall',
    lead,
    quantumNs: 0,
    time: (ring, repeats) => timeParts(ring, repeats, part),
    dispose() {},
  };
}

/** One pass when every run is one part; else one pass a part, added up. */
async function timeParts(
  ring: readonly Run[],
  repeats: number,
  part: (encode: (pass: GPUComputePassEncoder) => void) => Promise<number | null>,
): Promise<number | null> {
  assert(ring.length > 0 && repeats > 0, 'nothing to time');
  if (ring.every((run) => run.length === 1)) {
    return part((pass) => {
      for (let i = 0; i < repeats; i++) at(at(ring, i % ring.length), 0).encode(pass);
    });
  }
  let sum = 0;
  for (let i = 0; i < repeats; i++) {
    for (const bound of at(ring, i % ring.length)) {
      const elapsed = await part((pass) => bound.encode(pass));
      if (elapsed === null) return null;
      sum += elapsed;
    }
  }
  return sum;
}

/** Submits of empty passes at most: a step that never advances within them is no clock. */
const mostLooks = 32;

/** The step of GPU timestamps in nanoseconds (quantum.ts). Null where the device has none, or where they stand still. */
export async function detectQuantum(gpu: Gpu): Promise<number | null> {
  const { device } = gpu;
  if (!device.features.has('timestamp-query')) return null;
  const count = 32;
  const queries = device.createQuerySet({ label: 'quantum', type: 'timestamp', count });
  const resolved = device.createBuffer({ label: 'quantum', size: count * 8, usage: resolvedUsage });
  const staging = device.createBuffer({ label: 'quantum/staging', size: count * 8, usage: stagingUsage });
  const stamps: bigint[] = [];
  try {
    for (let look = 0; look < mostLooks; look++) {
      const encoder = device.createCommandEncoder({ label: 'quantum' });
      for (let i = 0; i < count; i += 2) {
        encoder
          .beginComputePass({
            timestampWrites: { querySet: queries, beginningOfPassWriteIndex: i, endOfPassWriteIndex: i + 1 },
          })
          .end();
      }
      encoder.resolveQuerySet(queries, 0, count, resolved, 0);
      encoder.copyBufferToBuffer(resolved, 0, staging, 0, count * 8);
      device.queue.submit([encoder.finish()]);
      await staging.mapAsync(mapRead);
      stamps.push(...new BigInt64Array(staging.getMappedRange()));
      staging.unmap();
      const quantum = quantumOf(stamps.filter((stamp) => stamp !== 0n));
      if (quantum !== null) return quantum;
    }
    return null;
  } finally {
    queries.destroy();
    resolved.destroy();
    staging.destroy();
  }
}

/** GPU timestamps where they exist, else the wall clock. `quantumNs` as detectQuantum found it. */
export const clockOf = (gpu: Gpu, quantumNs: number | null, lead?: Lead): Clock =>
  quantumNs === null ? wallClock(gpu, lead) : gpuClock(gpu, quantumNs, lead);

/** The clock of a device that was not looked at yet. */
export const openClock = async (gpu: Gpu): Promise<Clock> => clockOf(gpu, await detectQuantum(gpu));

/**
 * How to sample something that takes `estimateMs` once. The timed span must be 100 clock steps (a step at one end: 1 %; a slope,
 * which has four ends, 200) and 100 times the fixed cost of a pass (measured at 2–10 µs on discrete GPUs), without passing the
 * submit limit.
 */
export function planSample(clock: Pick<Clock, 'kind' | 'quantumNs'>, estimateMs: number): SamplePlan {
  const coarse = clock.kind === 'gpu' && clock.quantumNs >= 1000;
  const wantMs = clock.kind === 'wall' ? 20 : Math.max(1, ((coarse ? 200 : 100) * clock.quantumNs) / 1e6);
  const most = Math.max(1, Math.floor(submitLimitMs / 2 / Math.max(estimateMs, 1e-4)));
  const repeats = Math.max(1, Math.min(most, Math.ceil(wantMs / Math.max(estimateMs, 1e-4)), 4096));
  // a direct time holds the fixed cost once; where R dispatches dwarf it there is nothing for a slope to cancel
  const fine = clock.kind === 'gpu' && (!coarse || (repeats === 1 && estimateMs >= wantMs));
  // waiting for the wall clock costs milliseconds: its slope is taken wherever two runs fit into one submit
  const method = fine || 2 * repeats * estimateMs > submitLimitMs ? 'direct' : 'slope';
  return { method, repeats };
}

/**
 * Milliseconds of one run by the plan; null when the clock gave an invalid interval. A slope may be negative where noise is larger
 * than what was timed: whoever sums samples up must ask whether they are a measurement (measure/samples.ts).
 */
export async function sample(clock: Clock, plan: SamplePlan, ring: readonly Run[]): Promise<number | null> {
  const once = await clock.time(ring, plan.repeats);
  if (once === null) return null;
  if (plan.method === 'direct') return once / plan.repeats;
  const twice = await clock.time(ring, plan.repeats * 2);
  return twice === null ? null : (twice - once) / plan.repeats;
}

/**
 * A first estimate in milliseconds, 0 for what the clock cannot see: the number of dispatches grows until the time that more of
 * them add dwarfs the clock's step and noise. Latency is in every time alike, so it is in no estimate.
 */
export async function estimate(clock: Clock, ring: readonly Run[]): Promise<number> {
  let before = { repeats: 1, ms: await clock.time(ring, 1) };
  if (before.ms !== null && 4 * before.ms > submitLimitMs) return before.ms;
  const visible = await visibleMs(clock, ring);
  let slope = submitLimitMs;
  for (let repeats = 4; repeats <= 4096; repeats *= 4) {
    const ms = await clock.time(ring, repeats);
    if (ms === null) continue;
    slope = before.ms === null ? ms / repeats : (ms - before.ms) / (repeats - before.repeats);
    if (before.ms !== null && ms - before.ms > visible) break;
    before = { repeats, ms };
    if (4 * ms > submitLimitMs) break;
  }
  return Math.max(0, slope);
}

/** Milliseconds that noise does not make: 20 steps of GPU timestamps, 10 times what equal runs differ by on the wall clock. */
async function visibleMs(clock: Clock, ring: readonly Run[]): Promise<number> {
  if (clock.kind === 'gpu') return Math.max(2, (20 * clock.quantumNs) / 1e6);
  const times: number[] = [];
  for (let i = 0; i < 4; i++) times.push((await clock.time(ring, 1)) ?? 0);
  return Math.max(5, 10 * (Math.max(...times) - Math.min(...times)));
}
