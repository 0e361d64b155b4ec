// A run whose tab went away while it went on: what it had sent of its trace, as a run file that says it was cut. Pure.

import { recordRun } from '../../engine/record.ts';
import type { Request } from '../../engine/request.ts';
import type { RunFile } from '../../engine/run-file.ts';
import { Trace } from '../../engine/trace.ts';
import type { LiveBlock } from '../../worker/serving/protocol.ts';

export interface CutRun {
  readonly contender: number;
  readonly file: RunFile;
}

/** `blocks`: those of one run, in order; `requests`: what it was to serve. Null when no step of it had been committed. */
export function cutRun(
  blocks: readonly LiveBlock[],
  requests: readonly Request[],
  why: string,
): CutRun | null {
  const [first] = blocks;
  if (!first?.header || first.repeat === 'warm-up') return null;
  const trace = new Trace();
  for (const { block } of blocks) trace.append(block);
  const steps = trace.steps.length;
  if (steps === 0) return null;
  const known = new Map(requests.map((request) => [request.id, request]));
  const { id, arrival } = trace.requests.columns;
  const taken = Array.from({ length: trace.requests.length }, (_, i) => {
    const request = known.get(id[i] as number);
    // in a closed loop it arrived when an answer came
    return request && { ...request, arrival: arrival[i] as number };
  }).filter((request) => request !== undefined);
  const file = recordRun(trace, taken, { ...first.header, incomplete: why });
  const lost = Math.max(trace.steps.columns.end[steps - 1] as number, ...taken.map((r) => r.arrival));
  // a step that was planned ahead and not committed is not of the run, nor is what its plan made wait
  const idles = file.idles.filter(({ beforeStep }) => beforeStep < steps);
  return { contender: first.contender, file: { ...file, idles, lost } };
}
