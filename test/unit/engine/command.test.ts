// The batching command's parts, without starting a process: options, results, files.
import { describe, expect, it } from 'vitest';
import {
  chooseCost,
  chooseWorkload,
  contestants,
  pairs,
  parseSlo,
  Settings,
} from '../../../bench/batching/options.ts';
import { registryHelp, resultTable } from '../../../bench/batching/print.ts';
import { runBatching, runFileOf } from '../../../bench/batching/run.ts';
import { servedModel } from '../../../bench/batching/served-model.ts';
import { unwrap } from '../../../src/core/result.ts';
import { chromeTrace } from '../../../src/engine/chrome-trace.ts';
import { describeCost } from '../../../src/engine/cost-model.ts';
import { costModels } from '../../../src/engine/devices/index.ts';
import { replay } from '../../../src/engine/replay.ts';
import { traceStart } from '../../../src/engine/trace.ts';
import { strategies } from '../../../src/strategies/index.ts';
import { workloads } from '../../../src/workloads/index.ts';
import { unitSteps } from './serve.ts';

const limits = { pages: 256, pageSize: 16, window: 512, vocabulary: 512 };
const request = (settings: string[], more = {}) => ({
  strategies: ['in-browser', 'static', 'continuous'],
  workload: 'synthetic',
  settings: new Settings(unwrap(pairs(settings))),
  limits,
  cost: unitSteps(),
  lookahead: 0 as const,
  seed: 1,
  slo: undefined,
  price: undefined,
  ...more,
});

describe('options', () => {
  it('gives a knob to all that have it, or to one', () => {
    const settings = new Settings(unwrap(pairs(['slots=4', 'static.slots=2', 'vllm-v1.budget=99'])));
    const made = unwrap(contestants(['static', 'continuous', 'vllm-v1'], settings, limits));
    expect(made.map((c) => c.knobs['slots'])).toEqual([2, 4, 4]);
    expect(made[2]?.knobs['budget']).toBe(99);
    expect(made[2]?.preset).toBe('vllm-v1');
  });
  it('names what there is when it is asked for something else', () => {
    const none = new Settings([]);
    const message = (r: { ok: boolean; error?: { message: string; hint: string } }) =>
      `${r.error?.message} ${r.error?.hint}`;
    expect(message(contestants(['nope'], none, limits))).toContain('presets: sarathi, orca');
    expect(message(chooseWorkload('nope', none, { seed: 1, limits }))).toContain('azure-code');
    expect(message(chooseCost('nope', unwrap(servedModel('nano', 'f32', 'f32'))))).toContain('illustrative');
    expect(message(parseSlo('ttft=soon'))).toContain('Write ttft=0.5');
    expect(new Settings(unwrap(pairs(['a=1']))).unused([{ names: ['x'], knobs: ['b'] }])).toBe('a');
  });
  it('reads objectives with units', () => {
    expect(unwrap(parseSlo('ttft=500ms,tpot=0.05'))).toEqual({ ttft: 0.5, tpot: 0.05 });
  });
});

describe('results', () => {
  it('have one object a strategy, identical answers, and both goodputs where there are objectives', () => {
    const slo = { ttft: 60 };
    const { report } = unwrap(runBatching(request(['slots=4', 'workload.requests=20'], { slo })));
    expect(report.results.map((r) => [r.strategy, r.preset, r.identical])).toEqual([
      ['serial', 'in-browser', null],
      ['static', null, true],
      ['continuous', null, true],
    ]);
    for (const r of report.results) {
      expect(Object.keys(r)).toEqual(
        expect.arrayContaining([
          'strategy',
          'preset',
          'workload',
          'clock',
          'steps',
          'throughput',
          'metrics',
          'bounds',
          'identical',
        ]),
      );
      expect(r.metrics['goodput']).toBeGreaterThan(0);
      expect(r.metrics['goodput_capacity']).toBeGreaterThanOrEqual(0);
      expect(report.formulas['goodput_capacity']).toContain('DistServe');
    }
    const rate = (i: number) => report.results[i]?.metrics['goodput_capacity'] ?? 0;
    expect(rate(2)).toBeGreaterThan(rate(0));
    expect(resultTable(report.results)).toContain('in-browser');
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });
  it('a relative rate measures the capacity first', () => {
    const { report } = unwrap(
      runBatching(request(['rateOf=capacity', 'rate=0.5', 'arrivals=constant', 'workload.requests=20'])),
    );
    expect(report.capacity).toBeGreaterThan(0);
  });
  it('run files replay to the same trace', () => {
    const run = unwrap(runBatching(request(['slots=4', 'workload.requests=10'])));
    for (const one of run.compared)
      expect(unwrap(replay(runFileOf(run, one))).since(traceStart)).toEqual(one.run.trace.since(traceStart));
  });
  it('a Chrome trace has a slice for every row and every wait', () => {
    const { compared } = unwrap(runBatching(request(['slots=4', 'workload.requests=10'])));
    const { run } = compared[2] as NonNullable<(typeof compared)[2]>;
    const events = chromeTrace(run.trace, 'continuous', 1);
    const slices = events.filter((e) => e.ph === 'X');
    expect(slices.filter((e) => !e.name.startsWith('waits')).length).toBe(run.trace.rows.length);
    expect(slices.filter((e) => e.name === 'waits: slots').length).toBe(6);
    expect(slices.every((e) => (e.dur ?? -1) >= 0)).toBe(true);
  });
});

describe('cost models', () => {
  it('are called measured only when they were fitted', () => {
    for (const model of costModels.values()) {
      const text = describeCost(model);
      if (model.provenance.kind === 'illustrative') expect(text).toContain('illustrative, not measured');
      if (model.provenance.kind !== 'fitted') expect(text).not.toContain('fitted ');
    }
  });
});

it('help lists every strategy, preset, workload and knob of the registries', () => {
  const help = registryHelp();
  for (const set of [strategies, workloads])
    for (const { id, knobs } of set.values())
      for (const name of [id, ...Object.keys(knobs)]) expect(help).toContain(name);
  for (const { presets } of strategies.values())
    for (const { id } of presets) expect(help).toContain(`preset ${id}`);
});
