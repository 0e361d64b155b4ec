// The seam to the GPU: one function that serves these requests under each strategy on the reader's own
// device and returns the runs as they were measured, strategies taking turns. The page needs nothing else.

import type { Failure, Result } from '../../core/result.ts';
import type { Served, ServeRequest } from './serve.ts';

export interface GpuRunOptions {
  /** Runs of each strategy, interleaved. */
  readonly repeats: number;
  readonly signal: AbortSignal;
  /** Runs done and planned, what runs now, seconds left where known. */
  readonly onProgress: (done: number, total: number, what: string, secondsLeft: number | null) => void;
}

/** All runs in the order in which they were made; what was measured before a failure comes with it. */
export type ServeOnGpu = (
  requests: readonly ServeRequest[],
  options: GpuRunOptions,
) => Promise<Result<readonly Served[], Failure>>;

/** Null while this build has no GPU executor: the page then says so and offers the virtual clock. */
export const serveOnGpu: ServeOnGpu | null = null;
