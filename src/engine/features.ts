// What each step of a trace contained, as the cost model sees it: to hold a fitted clock against steps it was not fitted to.

import { type CostModel, featuresOfSums, type StepFeatures } from './cost-model.ts';
import { TOKEN_KINDS, type Trace } from './trace.ts';

const PADDING = TOKEN_KINDS.indexOf('padding');

/** One entry a step, in order. Records of one request that follow each other were one row. */
export function traceFeatures(
  trace: Trace,
  model: Pick<CostModel, 'tile' | 'dispatchesPerStep'>,
): StepFeatures[] {
  const { columns } = trace.rows;
  const ends = trace.steps.columns.rows;
  const steps: StepFeatures[] = [];
  let i = 0;
  for (let s = 0; s < trace.steps.length; s++) {
    const rows: { request: number; tokens: number }[] = [];
    let attended = 0;
    let samples = 0;
    for (; i < (ends[s] as number); i++) {
      const request = columns.request[i] as number;
      const count = columns.count[i] as number;
      const last = rows.at(-1);
      if (last?.request === request) last.tokens += count;
      else rows.push({ request, tokens: count });
      samples += columns.emits[i] as number;
      const start = columns.start[i] as number;
      attended +=
        columns.kind[i] === PADDING ? count * Math.max(1, start) : count * start + (count * (count + 1)) / 2;
    }
    const prefill = rows.filter((row) => row.tokens > 1);
    const prefillTokens = prefill.reduce((sum, row) => sum + row.tokens, 0);
    const decodeRows = rows.length - prefill.length;
    steps.push(featuresOfSums({ prefillTokens, decodeRows, attended, samples }, model));
  }
  return steps;
}
