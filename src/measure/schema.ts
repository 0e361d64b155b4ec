// The result file of a kernel benchmark, versioned: what the command writes, the page downloads and
// re-opens, and `compare` reads. Everything that a stranger needs to judge a figure stands in it.

import type { Failure, Result } from '../core/result.ts';
import { err, failure, ok } from '../core/result.ts';
import type { Dims, Dtype } from '../kernels/op.ts';
import type { ParamValues } from '../kernels/specialize.ts';
import type { TurnTimes } from './rank.ts';

export const schemaName = 'lockstep-kernels';
export const schemaVersion = 1;

/** The machine's name: every result carries it whole. */
export interface DeviceReport {
  readonly vendor: string;
  readonly architecture: string;
  readonly device: string;
  readonly description: string;
  /** True for a CPU adapter (SwiftShader): its figures are never a GPU's. */
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
  /** `battery`, `mains`, or null where the browser does not tell. */
  readonly power: 'battery' | 'mains' | null;
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
/** null: the device cannot run it, or it was not asked for. */
export type Ceilings = Readonly<Record<CeilingName, Ceiling | null>>;

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
  /** Why there is no figure (missing feature, failed check, predicted too long, cancelled); null when there is one. */
  readonly why: string | null;
  /** Largest error relative to the magnitude of a cell's terms (verify.ts), and what is allowed. */
  readonly maxError: number | null;
  readonly tolerance: number;
  /** ‖got − exact‖ / ‖exact‖ against the unquantized product in double precision. */
  readonly accuracy: number | null;
  readonly clock: 'gpu' | 'wall';
  readonly medianMs: number | null;
  readonly p10Ms: number | null;
  readonly p90Ms: number | null;
  readonly n: number;
  readonly gflops: number | null;
  readonly gbps: number | null;
  readonly fractionOfCeiling: number | null;
  readonly ceiling: CeilingName | null;
  readonly bound: Bound | null;
  /** The same with inputs rotated through a ring larger than the caches; null when not memory-bound. */
  readonly cold: Timing | null;
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
  /** Why the run is not to be trusted (hidden tab, lost device, clock drift, cancelled); empty when it is. */
  readonly invalid: readonly string[];
  readonly results: readonly ResultRow[];
  /** In a run against peers: the same call against call, from the first line of JavaScript to the end of the GPU's work. */
  readonly calls?: readonly ResultRow[];
}

/** Reads a result file. Names what is wrong with one that is none. */
export function parseResultFile(
  text: string,
  name = 'the file',
): Result<ResultFile, Failure<'bad-result-file'>> {
  const bad = (message: string) =>
    err(
      failure(
        'bad-result-file',
        `${name}: ${message}`,
        'Open a JSON file written by Lockstep (Download, or --json).',
      ),
    );
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return bad(`is no JSON (${error instanceof Error ? error.message : String(error)}).`);
  }
  if (typeof value !== 'object' || value === null) return bad('holds no object.');
  const file = value as Partial<ResultFile>;
  if (file.schema !== schemaName) return bad(`is not a "${schemaName}" file.`);
  if (file.version !== schemaVersion)
    return bad(`has schema version ${String(file.version)}; this Lockstep reads ${schemaVersion}.`);
  if (!Array.isArray(file.results)) return bad('has no list "results".');
  if (typeof file.device !== 'object' || file.device === null) return bad('has no object "device".');
  if (typeof file.ceilings !== 'object' || file.ceilings === null) return bad('has no object "ceilings".');
  for (const [i, row] of file.results.entries()) {
    for (const key of ['op', 'version', 'shape', 'dtype'] as const) {
      if (typeof row[key] !== 'string') return bad(`results[${i}].${key} is missing or no string.`);
    }
    if (row.medianMs !== null && !(typeof row.medianMs === 'number' && row.medianMs > 0))
      return bad(`results[${i}].medianMs is ${String(row.medianMs)}.`);
    if (!Array.isArray(row.samplesMs)) return bad(`results[${i}].samplesMs is missing.`);
  }
  return ok(file as ResultFile);
}

/** The device in one line: `NVIDIA hopper · Chrome 142 · subgroups 32 · f16`. */
export function deviceLine(device: DeviceReport): string {
  const name = device.fallback
    ? 'SwiftShader: a CPU'
    : [device.vendor, device.architecture || device.device || device.description].filter(Boolean).join(' ');
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
