// The result file of a kernel benchmark, versioned: what the command writes, the page downloads and
// re-opens, and `compare` reads. Everything that a stranger needs to judge a figure stands in it.

import type { Dims, Dtype } from '../kernels/op.ts';
import type { ParamValues } from '../kernels/specialize.ts';
import type { TurnTimes } from './rank.ts';

export const schemaName = 'lockstep-kernels';
export const schemaVersion = 2;

/** The machine's name: every result carries it whole. */
export interface DeviceReport {
  readonly vendor: string;
  readonly architecture: string;
  readonly device: string;
  readonly description: string;
  /** True for a CPU adapter (SwiftShader, llvmpipe, Basic Render): its figures are never a GPU's. */
  readonly fallback: boolean;
  /** `Chrome 142.0.7444.60` */
  readonly browser: string;
  readonly platform: string;
  /** Browser flags, when the driver of the run knows them. */
  readonly flags: readonly string[];
  readonly features: readonly string[];
  readonly wgslFeatures: readonly string[];
  readonly limits: Readonly<Record<string, number>>;
  /** Range of subgroup sizes; null without the feature. */
  readonly subgroups: { readonly min: number; readonly max: number } | null;
  /** Step of GPU timestamps in nanoseconds; null without timestamp queries. */
  readonly timestampQuantumNs: number | null;
  readonly cores: number;
}

/** One measured ceiling of this device, from this run. */
export interface Ceiling {
  readonly value: number;
  readonly unit: 'GFLOP/s' | 'GOP/s' | 'GB/s' | 'µs';
  readonly p10: number;
  readonly p90: number;
  readonly n: number;
  /** One sentence: how it was measured. */
  readonly how: string;
}

export const ceilingNames = [
  'readBandwidth',
  'copyBandwidth',
  'workgroupBandwidth',
  'f32',
  'f16',
  'dot4i8',
  'dispatch',
] as const;
export type CeilingName = (typeof ceilingNames)[number];
/** null: not measured; `MissingCeilings` says why. */
export type Ceilings = Readonly<Record<CeilingName, Ceiling | null>>;

/**
 * Why a ceiling is not known. `unsupported`: the device lacks what its kernel needs. `not made`: its buffers, or its kernel, could not
 * be made. `noise`: its samples were no measurement. `cancelled`: its turn did not come. `not asked`: the run needs it for nothing.
 */
export const ceilingGaps = ['unsupported', 'not made', 'noise', 'cancelled', 'not asked'] as const;
export type CeilingGap = (typeof ceilingGaps)[number];
export type MissingCeilings = Readonly<Partial<Record<CeilingName, CeilingGap>>>;

/** `unsupported` as a clause: "f16: this device cannot run it". Files from before `MissingCeilings` do not say. */
export function gapText(gap: CeilingGap | undefined): string {
  switch (gap) {
    case 'unsupported':
      return 'this device cannot run it';
    case 'not made':
      return 'its buffers or its kernel could not be made';
    case 'noise':
      return 'too noisy to be measured';
    case 'cancelled':
      return 'not run: cancelled';
    case 'not asked':
      return 'not asked for';
    case undefined:
      return 'not measured';
  }
}

export type Bound = 'launch' | 'bandwidth' | 'compute';

/** A duration with its spread, and what follows from it. */
export interface Timing {
  readonly medianMs: number;
  readonly p10Ms: number;
  readonly p90Ms: number;
  /** Samples behind the median. */
  readonly n: number;
  readonly gflops: number;
  readonly gbps: number;
  /** Achieved over ceiling, of the ceiling named beside it; null when that ceiling was not measured. */
  readonly fractionOfCeiling: number | null;
}

/**
 * What became of a row. `measured`: right, and timed. `untimed`: right, but without a valid time. `unverified`: its output is wrong.
 * `skipped`: it cannot run here, by what the device or the library has. `refused`: it could not be made, or would take too long.
 * `cancelled`: its turn did not come.
 */
export const rowStatuses = ['measured', 'untimed', 'unverified', 'skipped', 'refused', 'cancelled'] as const;
export type RowStatus = (typeof rowStatuses)[number];

/** One (op, version, shape, dtype). Figures are null unless `verified`. */
export interface ResultRow {
  readonly op: string;
  readonly version: string;
  /** `lockstep`, or the peer's name. */
  readonly peer: string;
  readonly shape: string;
  readonly dims: Dims;
  readonly dtype: Dtype | string;
  readonly verified: boolean;
  readonly status: RowStatus;
  /** In words, why there is no figure; null when there is one. */
  readonly why: string | null;
  /** Largest error relative to the magnitude of a cell's terms (verify.ts), and what is allowed. */
  readonly maxError: number | null;
  readonly tolerance: number;
  /** ‖got − exact‖ / ‖exact‖ against the unquantized product in double precision. */
  readonly accuracy: number | null;
  /** Null where nothing was timed. */
  readonly clock: 'gpu' | 'wall' | null;
  readonly medianMs: number | null;
  readonly p10Ms: number | null;
  readonly p90Ms: number | null;
  readonly n: number;
  readonly gflops: number | null;
  readonly gbps: number | null;
  readonly fractionOfCeiling: number | null;
  readonly ceiling: CeilingName | null;
  readonly bound: Bound | null;
  /** The same with inputs rotated through a ring larger than the caches; null where reading is less than a quarter of the highest floor. */
  readonly cold: Timing | null;
  /** Why a row that reads much has no cold time, where that is known. */
  readonly coldWhy?: string;
  /** Tuned parameters and the speed-up over the defaults (null: not measured in this run); null when defaults ran. */
  readonly tuned: { readonly params: ParamValues; readonly overDefault: number | null } | null;
  readonly params: ParamValues;
  readonly reduction: string;
  /** Milliseconds of every turn, null where the clock gave no valid interval: comparisons are made from these, turn by turn. */
  readonly samplesMs: TurnTimes;
}

export interface ResultFile {
  readonly schema: typeof schemaName;
  readonly version: typeof schemaVersion;
  /** ISO 8601. */
  readonly date: string;
  /** Commit of the code that ran, when known. */
  readonly commit: string | null;
  /** The command or the recipe that repeats it. */
  readonly command: string;
  readonly device: DeviceReport;
  readonly ceilings: Ceilings;
  /** Why those of `ceilings` that are null are; absent in older files. */
  readonly missingCeilings?: MissingCeilings;
  /** Why the run is not to be trusted (hidden tab, lost device, clock drift, cancelled); empty when it is. */
  readonly invalid: readonly string[];
  readonly results: readonly ResultRow[];
  /** In a run against peers: the same call against call, from the first line of JavaScript to the end of the GPU's work. */
  readonly calls?: readonly ResultRow[];
}

/** What a fallback adapter calls itself. */
export function cpuAdapter({
  architecture,
  device,
  description,
}: Pick<DeviceReport, 'architecture' | 'device' | 'description'>): string {
  const named = `${architecture} ${device} ${description}`;
  if (/llvmpipe/i.test(named)) return 'llvmpipe';
  if (/basic render/i.test(named)) return 'Microsoft Basic Render';
  return /swiftshader/i.test(named) || named.trim() === ''
    ? 'SwiftShader'
    : named.trim().replace(/\s+/g, ' ');
}

/** The device in one line: `NVIDIA H200 · Chrome 156 · subgroups 32 · f16`; most browsers tell its vendor and architecture alone. */
export function deviceLine(device: DeviceReport): string {
  const name = device.fallback
    ? `${cpuAdapter(device)}: a CPU`
    : device.description || [device.vendor, device.architecture || device.device].filter(Boolean).join(' ');
  const subgroups = device.subgroups
    ? `subgroups ${device.subgroups.min === device.subgroups.max ? device.subgroups.min : `${device.subgroups.min}–${device.subgroups.max}`}`
    : 'no subgroups';
  const quantum = device.timestampQuantumNs;
  const clock =
    quantum === null
      ? 'wall clock'
      : quantum >= 1000
        ? `timestamps ${(quantum / 1000).toFixed(1)} µs, slope method`
        : `timestamps ${quantum} ns`;
  return [
    name,
    device.browser,
    subgroups,
    ...(device.features.includes('shader-f16') ? ['f16'] : []),
    clock,
  ].join(' · ');
}
