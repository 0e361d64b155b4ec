// The recorded run of every strategy: shared prefixes, a fork, too few pages, early ends, a late arrival.
import { describe, expect, it } from 'vitest';
import { unwrap } from '../../../src/core/result.ts';
import { recordRun } from '../../../src/engine/record.ts';
import { replay } from '../../../src/engine/replay.ts';
import type { Request } from '../../../src/engine/request.ts';
import { readRunFile, writeRunFile } from '../../../src/engine/run-file.ts';
import { traceStart } from '../../../src/engine/trace.ts';
import { runVirtual } from '../../../src/engine/virtual-run.ts';
import { strategies } from '../../../src/strategies/index.ts';
import { openLoop } from '../../../src/workloads/arrivals.ts';
import { unitSteps } from '../engine/serve.ts';

const limits = { pages: 9, pageSize: 8, window: 64, vocabulary: 512 };
const prompt = (own: number, length: number): Request['prompt'] => [
  { seed: 1, length: 16 },
  { seed: own, length },
];
const requests: readonly Request[] = [
  { id: 0, arrival: 0, prompt: prompt(2, 5), maxTokens: 12 },
  { id: 1, arrival: 0, prompt: prompt(3, 9), maxTokens: 20, endsAfter: 9 },
  { id: 2, arrival: 0, prompt: prompt(4, 1), maxTokens: 6 },
  { id: 3, arrival: 0, prompt: prompt(4, 1), maxTokens: 6, forkOf: 2, sampling: { temperature: 1, seed: 9 } },
  { id: 4, arrival: 3.5, prompt: prompt(5, 20), maxTokens: 5 },
  { id: 5, arrival: 4, prompt: prompt(6, 2), maxTokens: 30, abortAt: 15.5 },
];

describe.each([...strategies.values()].map((s) => [s.id, s] as const))('%s', (id, strategy) => {
  it('serves the recorded run, step by step', async () => {
    const given = 'slots' in strategy.knobs ? { slots: 3 } : {};
    const { planner, knobs } = unwrap(
      strategy.make({ ...given, ...('budget' in strategy.knobs ? { budget: 32 } : {}) }, limits),
    );
    const run = runVirtual({ planner, arrivals: openLoop(requests), limits, cost: unitSteps() });
    const text = writeRunFile(
      recordRun(run.trace, run.requests, {
        device: 'equal steps',
        clock: 'virtual',
        lookahead: 0,
        strategy: id,
        knobs,
        settings: planner.settings,
        limits,
        workload: { id: 'golden', knobs: {} },
        numerics: { model: 'toy' },
        tuned: {},
        seeds: { run: 0 },
      }),
    );
    await expect(text).toMatchFileSnapshot(`../../golden/${id}.json`);
    expect(unwrap(replay(unwrap(readRunFile(text)))).since(traceStart)).toEqual(run.trace.since(traceStart));
  });
});
