// Every run makes a run file, and a run file makes the same run again.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unwrap } from '../../../src/core/result.ts';
import { measure } from '../../../src/engine/metrics/metrics.ts';
import { outputsOf } from '../../../src/engine/outputs.ts';
import { recordRun } from '../../../src/engine/record.ts';
import { replay } from '../../../src/engine/replay.ts';
import { columnsOf, type RunColumns, replayColumns, runColumns } from '../../../src/engine/run-columns.ts';
import { type RunFile, type RunHeader, readRunFile, writeRunFile } from '../../../src/engine/run-file.ts';
import { type Trace, traceStart } from '../../../src/engine/trace.ts';
import { runVirtual } from '../../../src/engine/virtual-run.ts';
import { strategies } from '../../../src/strategies/index.ts';
import { openLoop } from '../../../src/workloads/arrivals.ts';
import { arbitraryCase, type Case } from './arbitrary.ts';
import { change, ODD } from './odd.ts';
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
  const file = recordRun(run.trace, run.requests, header);
  return { run, file, text: writeRunFile(file) };
}

const nanoseconds = (t: number): number => Math.round(t * 1e9);

/** How many moments a run has. */
const momentsOf = ({ requests, aborts, idles, steps }: RunFile, as: (t: number) => number): number =>
  new Set(
    [
      ...requests.map(({ arrival }) => arrival),
      ...[...aborts, ...idles].map(({ time }) => time),
      ...steps.flatMap(({ planned, start, end }) => [planned, start, end]),
    ].map(as),
  ).size;

/** A trace with its times in whole nanoseconds. */
const toNanoseconds = (trace: Trace): unknown =>
  JSON.parse(
    JSON.stringify(trace.since(traceStart), (_, value: unknown) =>
      value instanceof Float64Array ? Array.from(value, nanoseconds) : value,
    ),
  );

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

  it.each([...strategies.keys()])(
    '%s: as columns, with its answers beside it, it replays as the file does',
    (strategy) => {
      fc.assert(
        fc.property(
          arbitraryCase(strategy, true),
          fc.option(fc.integer({ min: 0, max: 20 }), { nil: Number.POSITIVE_INFINITY }),
          (c, stop) => {
            const { run, file } = record({ ...c, freeOrder: 'fifo' }, stop);
            // two moments within a nanosecond become one
            fc.pre(momentsOf(file, nanoseconds) === momentsOf(file, (t) => t));
            const columns = JSON.parse(JSON.stringify(columnsOf(file))) as RunColumns;
            expect(runColumns(columns, '')).toBeUndefined();
            const again = unwrap(replayColumns(columns, outputsOf(run.trace)));
            expect(toNanoseconds(again)).toEqual(toNanoseconds(unwrap(replay(file))));
          },
        ),
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

  it.each([
    ['header', {}, '"header.device" is missing'],
    ['header', null, '"header" is null, not an object'],
    ['requests', [null], '"requests[0]" is null, not an object'],
    ['steps', [{ planned: 0 }], '"steps[0].arrived" is missing'],
    ['aborts', {}, '"aborts" is {}, not a list'],
  ])('names what is wrong: %s %j', (part, value, message) => {
    const c = fc.sample(arbitraryCase('continuous'), { seed: 3, numRuns: 1 })[0] as Case;
    const result = readRunFile(JSON.stringify({ ...JSON.parse(record(c).text), [part]: value }));
    expect(result.ok ? '' : result.error.message).toContain(message);
  });

  it('names a request that a plan knows and the run does not', () => {
    const c = fc.sample(arbitraryCase('continuous'), { seed: 3, numRuns: 1 })[0] as Case;
    const file = JSON.parse(record(c).text);
    file.steps[1].rows[0][0] = 4711;
    const result = replay(unwrap(readRunFile(JSON.stringify(file))));
    expect(result.ok ? '' : result.error.message).toBe(
      'The run file does not replay: after 1 step: the recorded plan names request 4711, which is not there.',
    );
  });

  it('whatever is changed in a file, it replays or a failure says why', () => {
    const cases = [...strategies.keys()].flatMap((strategy) =>
      fc.sample(arbitraryCase(strategy, true), { seed: 5, numRuns: 4 }),
    );
    const texts = cases.map((c) => record(c).text);
    let failed = 0;
    fc.assert(
      fc.property(
        fc.constantFrom(...texts),
        fc.array(fc.tuple(fc.nat(), fc.constantFrom(...ODD)), { minLength: 1, maxLength: 3 }),
        (text, changes) => {
          const file: unknown = JSON.parse(text);
          // a copy each: a later change may change what an earlier one put there
          for (const [at, value] of changes) change(file, at, structuredClone(value));
          const read = readRunFile(JSON.stringify(file));
          const trace = read.ok ? replay(read.value) : read;
          if (trace.ok) measure(trace.value);
          else {
            failed++;
            expect(trace.error.message).toMatch(/^(The run file|This JSON)/);
          }
        },
      ),
      { numRuns: 1500 },
    );
    expect(failed).toBeGreaterThan(200);
  });
});
