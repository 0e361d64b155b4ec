// Every run makes a run file, and a run file makes the same run again.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unwrap } from '../../../src/core/result.ts';
import { recordRun } from '../../../src/engine/record.ts';
import { replay } from '../../../src/engine/replay.ts';
import { type RunHeader, readRunFile, writeRunFile } from '../../../src/engine/run-file.ts';
import { traceStart } from '../../../src/engine/trace.ts';
import { runVirtual } from '../../../src/engine/virtual-run.ts';
import { strategies } from '../../../src/strategies/index.ts';
import { openLoop } from '../../../src/workloads/arrivals.ts';
import { arbitraryCase, type Case } from './arbitrary.ts';
import { unitSteps } from './serve.ts';

function record(c: Case, stop = Number.POSITIVE_INFINITY) {
  let steps = 0;
  const signal = {
    get aborted() {
      return steps >= stop;
    },
  };
  const made = unwrap(
    (strategies.get(c.strategy) as NonNullable<ReturnType<typeof strategies.get>>).make(c.knobs, c.limits),
  );
  const run = runVirtual({
    planner: made.planner,
    arrivals: openLoop(c.requests),
    limits: c.limits,
    cost: unitSteps(),
    lookahead: c.lookahead,
    loop: { signal, onStep: () => steps++ },
  });
  const header: RunHeader = {
    device: 'equal steps',
    clock: 'virtual',
    lookahead: c.lookahead,
    strategy: c.strategy,
    knobs: made.knobs,
    settings: made.planner.settings,
    limits: c.limits,
    workload: { id: 'random', knobs: {} },
    numerics: {},
    tuned: {},
    seeds: {},
    ...(run.end.incomplete ? { incomplete: run.end.incomplete.message } : {}),
  };
  return { run, text: writeRunFile(recordRun(run.trace, run.requests, header)) };
}

describe('run file', () => {
  it.each([...strategies.keys()])('%s: written, read and replayed, it gives the same trace', (strategy) => {
    fc.assert(
      fc.property(arbitraryCase(strategy, true), (c) => {
        // page events depend on the free list's order, which a run file does not carry: use the default
        const { run, text } = record({ ...c, freeOrder: 'fifo' });
        const again = unwrap(replay(unwrap(readRunFile(text))));
        expect(again.since(traceStart)).toEqual(run.trace.since(traceStart));
      }),
      { numRuns: 40 },
    );
  });

  it.each([0, 1] as const)(
    'a run that was stopped replays to where it came, planning %i ahead',
    (lookahead) => {
      fc.assert(
        fc.property(arbitraryCase('unified', true), fc.integer({ min: 0, max: 20 }), (c, stop) => {
          const { run, text } = record({ ...c, freeOrder: 'fifo', lookahead }, stop);
          const again = unwrap(replay(unwrap(readRunFile(text))));
          expect(again.since(traceStart)).toEqual(run.trace.since(traceStart));
        }),
        { numRuns: 40 },
      );
    },
  );

  it('says which step does not fit when it was edited', () => {
    const c = fc.sample(arbitraryCase('continuous'), { seed: 3, numRuns: 1 })[0] as Case;
    const file = JSON.parse(record(c).text);
    file.steps[1].rows[0][1] = 999;
    const result = replay(unwrap(readRunFile(JSON.stringify(file))));
    expect(result.ok ? '' : result.error.message).toContain('does not replay: step 1');
  });
});
