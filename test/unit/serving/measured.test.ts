// What a comparison on the device adds up to, from runs of known times: medians, spread, ranks against the first, identical answers,
// and what is left of a comparison whose tab went away.

import { describe, expect, it } from 'vitest';
import { reportOf } from '../../../bench/batching/gpu.ts';
import { measuredResults } from '../../../bench/batching/measured.ts';
import { contestants, Settings } from '../../../bench/batching/options.ts';
import { measuredText } from '../../../bench/batching/print.ts';
import { modelFor } from '../../../bench/batching/served-model.ts';
import { unwrap } from '../../../src/core/result.ts';
import { recordRun } from '../../../src/engine/record.ts';
import type { RunFile } from '../../../src/engine/run-file.ts';
import { runVirtual } from '../../../src/engine/virtual-run.ts';
import type { ServedRun } from '../../../src/worker/serving/protocol.ts';
import { openLoop } from '../../../src/workloads/arrivals.ts';
import { atOnce, LIMITS, unitSteps } from '../engine/serve.ts';
import { file as resultFile } from '../views-rows.ts';

const requests = atOnce([8, 2], [8, 8], [8, 4], [8, 6]);
const entries = unwrap(contestants(['static', 'continuous'], new Settings([['slots', '2']]), LIMITS));
const { device } = resultFile([]);

/** A run of one contender in which a step takes `step` seconds. */
function served(
  contender: number,
  repeat: number,
  step: number,
  change?: (file: RunFile) => RunFile,
): ServedRun {
  const entry = entries[contender];
  if (!entry) throw new Error('no such contender');
  const cost = { ...unitSteps(), seconds: { ...unitSteps().seconds, step } };
  const planner = entry.planner();
  const run = runVirtual({ planner, arrivals: openLoop(requests), limits: LIMITS, cost });
  const file = recordRun(run.trace, run.requests, {
    date: '2026-11-20',
    device: 'test',
    clock: 'wall',
    lookahead: 0,
    strategy: entry.strategy,
    knobs: entry.knobs,
    settings: planner.settings,
    limits: LIMITS,
    workload: { id: 'test', knobs: {} },
    numerics: { model: 'toy' },
    tuned: {},
    seeds: { run: 1 },
  });
  return {
    contender,
    repeat,
    file: change ? change(file) : file,
    wall: run.end.time,
    tokens: 20,
    refused: null,
    lag: { waits: 0, mean: 0, max: 0 },
    encode: { mean: 0.001, p90: 0.001 },
    between: { mean: 0.0001, p90: 0.0001 },
  };
}

/** Eight turns; the device slows down from turn to turn. */
const turns = (change?: (file: RunFile, contender: number) => RunFile): ServedRun[] =>
  Array.from({ length: 8 }, (_, repeat) =>
    [0, 1].map((contender) => served(contender, repeat, 1 + repeat / 10, (f) => change?.(f, contender) ?? f)),
  ).flat();
const report = (runs: readonly ServedRun[]) =>
  reportOf({ contenders: [], requests }, device, runs, 'The tab went away: closed');
const options = { workload: 'test', limits: LIMITS };
const contenders = entries.map((e) => ({ label: e.strategy, strategy: e.strategy, knobs: e.knobs }));

describe('a comparison on the device', () => {
  const whole = { ...reportOf({ contenders, requests }, device, turns(), ''), invalid: [] };
  const [first, second] = measuredResults(entries, whole, options).results;

  it('gives medians with their spread, and ranks turn by turn', () => {
    // 14 steps under static batching, 12 under continuous (design/batching.md), of 1.35 s in the middle
    expect(first?.throughput).toBeCloseTo(20 / (14 * 1.35), 1);
    expect(first?.spread['output_throughput']?.p10).toBeLessThan(first?.throughput ?? 0);
    expect(first?.againstFirst).toBeNull();
    expect(second?.againstFirst).toMatchObject({ verdict: 'faster' });
    expect(second?.againstFirst?.ratio).toBeCloseTo(14 / 12, 6);
    expect(second?.latencies['ttft_p50']).toMatchObject({ verdict: 'faster' });
  });

  it('says so in words', () => {
    const text = measuredText([first, second].flatMap((r) => (r ? [r] : [])));
    expect(text).toContain('continuous: 8 turns');
    expect(text).toContain('speed against the first: 1.17×');
    expect(text).toContain('0.10 ms planning, commits and trace');
  });

  it('says what bounds a strategy, and how little of its time that explains', () => {
    const bound = { launch: 0.96, bandwidth: 0, compute: 0.04 };
    const said = (explained: object) =>
      measuredText(first ? [{ ...first, bound: { ...bound, ...explained } }] : []);
    expect(said({})).toContain('launch-bound: of the least time');
    expect(said({ explained: 0.7 })).not.toContain('far from');
    expect(said({ explained: 0.13 })).toMatch(
      /launch-bound by floors that explain 13 % of the time: .*launch limits 96 %, compute limits 4 %; .*kernels far from these limits/,
    );
  });

  it('tells whose answers differ', () => {
    const other = turns((file, contender) =>
      contender === 0
        ? file
        : {
            ...file,
            steps: file.steps.map((s, i) => (i === 0 ? { ...s, tokens: s.tokens.map((t) => t + 1) } : s)),
          },
    );
    const { results } = measuredResults(entries, { ...whole, runs: other }, options);
    expect(results.map((r) => r.identical)).toEqual([null, false]);
    expect(results[1]?.differs).toBe(0);
    expect(second?.identical).toBe(true);
  });
});

describe('a run that was cut', () => {
  it('is in no figure, and is not what is written', () => {
    // the last turn of the second strategy was given up after three of its steps, long ones at that
    const cut = (file: RunFile): RunFile => ({
      ...file,
      header: { ...file.header, incomplete: 'The run was cancelled.' },
      steps: file.steps
        .slice(0, 3)
        .map((s) => ({ ...s, end: 9 * s.end, start: 9 * s.start, planned: 9 * s.planned })),
      lost: 100,
    });
    const runs = [...turns().slice(0, 15), served(1, 7, 1.7, cut)];
    const left = { ...report(runs), invalid: [] };
    const [first, second] = measuredResults(entries, left, options).results;
    expect([first?.repeats, second?.repeats]).toEqual([8, 7]);
    expect(second?.incomplete).toBe('The run was cancelled.');
    expect(second?.identical).toBe(true);
    expect(second?.spread['output_throughput']?.p10).toBeGreaterThan(20 / (12 * 1.7));
    expect(second?.latencies['ttft_p50']).toMatchObject({ verdict: 'faster' });
    const only = measuredResults(entries, report([served(0, 0, 1), served(1, 0, 1, cut)]), options);
    expect(only.results[1]).toMatchObject({ repeats: 0, metrics: {}, identical: true });
    expect(only.files[1]?.file.header.incomplete).toBe('The run was cancelled.');
  });
});

describe('a tab that goes away', () => {
  it('leaves the finished runs, marked', () => {
    const kept = turns().slice(0, 5);
    const left = report(kept);
    expect(left.invalid).toEqual(['The tab went away: closed']);
    expect(left.identical).toEqual({ verdict: 'same', tokens: 20 });
    const { results, files } = measuredResults(entries, left, options);
    expect(results.map((r) => r.repeats)).toEqual([3, 2]);
    expect(files).toHaveLength(2);
  });

  it('compares the same turns, whichever of them is missing', () => {
    // the device slows down from turn to turn: another pairing gives another ratio
    const kept = turns().filter((run) => !(run.contender === 0 && run.repeat === 2));
    const [, versus] = reportOf({ contenders, requests }, device, kept, 'closed').versus;
    expect(versus?.ratio).toBeCloseTo(14 / 12, 6);
    expect([versus?.low, versus?.high]).toEqual([expect.closeTo(14 / 12, 6), expect.closeTo(14 / 12, 6)]);
  });

  it('leaves nothing of a strategy that had no turn, and says so', () => {
    const { results } = measuredResults(entries, report(turns().slice(0, 1)), options);
    expect(results[1]).toMatchObject({
      repeats: 0,
      incomplete: expect.stringContaining('before this strategy'),
    });
    expect(results[1]?.identical).toBeNull();
  });
});

describe('the model that serves', () => {
  const of = (wanted: Parameters<typeof modelFor>[0], fallback: boolean): string => {
    const { config, options } = unwrap(modelFor(wanted, fallback));
    return `${config.name} ${options.weights} ${options.kv}`;
  };
  it('is of 135M parameters on hardware and tiny on a CPU, unless somebody says otherwise', () => {
    expect(of({}, false)).toBe('SmolLM2-135M f16 f32');
    expect(of({}, true)).toBe('nano f32 f32');
    expect(of({ name: 'nano', kv: 'i8' }, false)).toBe('nano f16 i8');
    expect(modelFor({ name: 'giant' }, false)).toMatchObject({ ok: false });
  });
});
