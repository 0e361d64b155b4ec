// The run file: all that is needed to show a run again or to re-run it, versioned. It is JSON with one
// compact array a step, so that a change shows as a readable difference. Replaying is in replay.ts.

import { err, type Failure, failure, ok, type Result } from '../core/result.ts';
import type { Clock } from './executor.ts';
import type { Settings } from './plan.ts';
import type { Request } from './request.ts';
import { wrongShape } from './run-shape.ts';
import type { Limits } from './view.ts';

export const RUN_FILE_VERSION = 1;

/** Where the figures come from. Unknown things are left out, never guessed. */
export interface RunHeader {
  /** ISO 8601. */
  readonly date?: string;
  readonly commit?: string;
  /** A GPU's name, or the name of the cost model's coefficients and what they rest on. */
  readonly device: string;
  readonly browser?: string;
  readonly clock: Clock;
  readonly lookahead: 0 | 1;
  readonly strategy: string;
  readonly preset?: string;
  readonly knobs: Readonly<Record<string, string | number | boolean>>;
  readonly settings: Settings;
  readonly limits: Limits;
  readonly workload: { readonly id: string; readonly knobs: Readonly<Record<string, unknown>> };
  /**
   * Model, weight and KV dtypes, reduction id: equal numerics promise equal tokens. `asked`, `served` and `standing`: which numerics
   * were wanted, which serve, and what the probe on the device found (src/model/probe-report.ts).
   */
  readonly numerics: Readonly<Record<string, string>>;
  /** Tuned kernel parameters, by op. */
  readonly tuned: Readonly<Record<string, unknown>>;
  readonly seeds: Readonly<Record<string, number>>;
  /** Which turn of a comparison it was, from 0: runs of one turn stood side by side. */
  readonly turn?: number;
  /** Whether the device was kept from lowering its clock where it would have waited (src/gpu/awake.ts). */
  readonly keptAwake?: boolean;
  /** Why the run stopped early; absent when it ran to its end. */
  readonly incomplete?: string;
  /** Why the run, or the comparison it belongs to, is not to be trusted; absent when nothing is known against it. */
  readonly invalid?: readonly string[];
  /**
   * What limits it: of the least time that the device's ceilings allow its steps, the share of those that each limits; and that least
   * time over the measured one (src/measure/bound.ts).
   */
  readonly bound?: {
    readonly launch: number;
    readonly bandwidth: number;
    readonly compute: number;
    readonly explained?: number;
  };
  /** What the harness itself cost, on a wall clock. Seconds. */
  readonly harness?: Harness;
}

export interface Harness {
  /** Waits that ended late, and by how much; latencies count from scheduled arrivals all the same. */
  readonly lag: { readonly waits: number; readonly mean: number; readonly max: number };
  /** A step: from its plan to its submit, and everything between a step's end and the next one's start. */
  readonly encode: { readonly mean: number; readonly p90: number };
  readonly between: { readonly mean: number; readonly p90: number };
}

/**
 * One step: its plan with requests named by id, what came back, and when. Times in seconds.
 * `admit`: [id, cached, reserve]; `rows`: [id, tokens, padding]; `waits`: [id, reason code], where it changed.
 */
export interface RunStep {
  readonly planned: number;
  /** Requests taken before it was committed. */
  readonly arrived: number;
  /** It was planned while this many steps were in flight. */
  readonly ahead?: number;
  readonly start: number;
  readonly end: number;
  readonly release?: readonly number[];
  readonly preempt?: readonly number[];
  readonly admit?: readonly (readonly [number, number, number])[];
  readonly rows: readonly (readonly [number, number, number])[];
  readonly waits?: readonly (readonly [number, number])[];
  /** Sampled ids, row by row; the rows of requests that had ended (planned ahead) have none. */
  readonly tokens: readonly number[];
  /** Requests that had ended when their row came back. */
  readonly overrun?: readonly number[];
  /** Left out: as `unsaid` says. */
  readonly host?: number;
  readonly readback?: number;
  /** The executor failed this step; nothing of it was committed. */
  readonly failed?: true;
}

/** What a step's `host` and `readback` are where its line leaves them out: the virtual clock knows both, others what they measured. */
export const unsaid = (clock: Clock): number => (clock === 'virtual' ? 0 : Number.NaN);

/** A plan that ran nothing but changed why requests wait. */
export interface RunIdle {
  readonly time: number;
  readonly beforeStep: number;
  readonly committed: number;
  readonly arrived: number;
  readonly waits: readonly (readonly [number, number])[];
  /** Held rows that it let go. */
  readonly release?: readonly number[];
}

/** A request given up by its client: `beforeStep` was planned next, `committed` steps were done, `arrived` requests taken. */
export interface RunAbort {
  readonly id: number;
  readonly time: number;
  readonly beforeStep: number;
  readonly committed: number;
  readonly arrived: number;
}

export interface RunFile {
  readonly format: 'lockstep-run';
  readonly version: typeof RUN_FILE_VERSION;
  readonly header: RunHeader;
  readonly requests: readonly Request[];
  readonly aborts: readonly RunAbort[];
  readonly idles: readonly RunIdle[];
  readonly steps: readonly RunStep[];
  /** When a run that did not reach its end gave up all requests, in seconds. */
  readonly lost?: number;
}

/** The run with what is known against it, or against its comparison. */
export const doubted = <R extends { readonly header: RunHeader }>(run: R, reasons: readonly string[]): R => {
  const invalid = [...new Set([...(run.header.invalid ?? []), ...reasons])];
  return invalid.length > 0 ? { ...run, header: { ...run.header, invalid } } : run;
};

/** The file's text: the header readable, then one request and one step a line. */
export function writeRunFile(run: RunFile): string {
  const lines = (items: readonly unknown[]): string =>
    items.length === 0 ? '[]' : `[\n${items.map((item) => JSON.stringify(item)).join(',\n')}\n]`;
  return `{
"format": "${run.format}",
"version": ${run.version},
"header": ${JSON.stringify(run.header, null, 1)},
"requests": ${lines(run.requests)},
"aborts": ${lines(run.aborts)},
"idles": ${lines(run.idles)},
"steps": ${lines(run.steps)}${run.lost === undefined ? '' : `,\n"lost": ${run.lost}`}
}
`;
}

/** Reads a run file's text. Wrong format, unknown version and a part that is not what it must be are told apart. */
export function readRunFile(text: string): Result<RunFile, Failure> {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (error) {
    return err(failure('not-json', `This is not a run file: ${String(error)}.`, 'Choose a .json run file.'));
  }
  const file = data as { readonly format?: unknown; readonly version?: unknown } | null;
  if (file?.format !== 'lockstep-run')
    return err(failure('not-a-run', 'This JSON is not a run file.', 'Its "format" must be "lockstep-run".'));
  if (file.version !== RUN_FILE_VERSION)
    return err(
      failure(
        'version',
        `The run file has version ${String(file.version)}; this build reads ${RUN_FILE_VERSION}.`,
        'Open it with the version of Lockstep that wrote it.',
      ),
    );
  const problem = wrongShape(data as RunFile);
  if (problem)
    return err(
      failure('incomplete', `The run file cannot be read: ${problem}.`, 'The file was cut or edited.'),
    );
  return ok(data as RunFile);
}
