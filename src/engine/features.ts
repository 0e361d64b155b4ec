// What each step of a trace contained: as the cost model sees it, to hold a fitted clock against steps it was not fitted to, and as
// what must be computed and read at least.

import { type CostModel, featuresOfSums, type StepFeatures } from './cost-model.ts';
import { TOKEN_KINDS, type Trace } from './trace.ts';

const PADDING = TOKEN_KINDS.indexOf('padding');

/** What the rows of a step add up to. */
export interface StepSums {
  /** Tokens of rows with more than one token, padding included. */
  readonly prefillTokens: number;
  /** Rows with one token. */
  readonly decodeRows: number;
  /** Σ over tokens, padding too, of the positions each attends to. */
  readonly attended: number;
  /** Σ over rows of the positions that have K and V once the step's own are written: what attention must read. */
  readonly keys: number;
  readonly samples: number;
}

/** One entry a step, in order. Records of one request that follow each other were one row. */
export function stepSums(trace: Trace): StepSums[] {
  const { columns } = trace.rows;
  const ends = trace.steps.columns.rows;
  const steps: StepSums[] = [];
  let i = 0;
  for (let s = 0; s < trace.steps.length; s++) {
    const rows: { request: number; tokens: number; keys: number }[] = [];
    let attended = 0;
    let samples = 0;
    for (; i < (ends[s] as number); i++) {
      const request = columns.request[i] as number;
      const count = columns.count[i] as number;
      const start = columns.start[i] as number;
      const padding = columns.kind[i] === PADDING;
      const keys = padding ? 0 : start + count;
      const last = rows.at(-1);
      if (last?.request === request) {
        last.tokens += count;
        last.keys = Math.max(last.keys, keys);
      } else rows.push({ request, tokens: count, keys });
      samples += columns.emits[i] as number;
      attended += padding ? count * Math.max(1, start) : count * start + (count * (count + 1)) / 2;
    }
    const prefill = rows.filter((row) => row.tokens > 1);
    const prefillTokens = prefill.reduce((sum, row) => sum + row.tokens, 0);
    const decodeRows = rows.length - prefill.length;
    const keys = rows.reduce((sum, row) => sum + row.keys, 0);
    steps.push({ prefillTokens, decodeRows, attended, keys, samples });
  }
  return steps;
}

/** The same as features of the cost model. */
export const traceFeatures = (
  trace: Trace,
  model: Pick<CostModel, 'tile' | 'dispatchesPerStep'>,
): StepFeatures[] => stepSums(trace).map((sums) => featuresOfSums(sums, model));
