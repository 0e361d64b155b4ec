// What bounds a run, from made-up ceilings; and that it, and what speaks against a run, travel in its header.

import { describe, expect, it } from 'vitest';
import { doubtsOf, lanesOf } from '../../../src/app/batching/lanes.ts';
import { readRuns, writeRuns } from '../../../src/app/batching/runs.ts';
import { ok, unwrap } from '../../../src/core/result.ts';
import { stepSums } from '../../../src/engine/features.ts';
import { replay } from '../../../src/engine/replay.ts';
import { stepLimitsOf } from '../../../src/engine/step-limits.ts';
import { explainsLittle, meanBound, mostOf } from '../../../src/measure/bound.ts';
import type { Ceiling, Ceilings } from '../../../src/measure/schema.ts';
import { parameterCount } from '../../../src/model/config.ts';
import { presets } from '../../../src/model/presets.ts';
import { boundBadge, boundName } from '../../../src/views/batching/bound-name.ts';
import { runBound, stepFloors } from '../../../src/worker/bench/floors.ts';
import type { ServedRun, ServeEvent } from '../../../src/worker/serving/protocol.ts';
import { serve } from '../../../src/worker/serving/serve.ts';
import { atOnce, serve as virtual } from '../engine/serve.ts';
import { noCeilings } from '../views-rows.ts';
import { FakeRuntime, fakeHost, fakeModel } from './fake-runtime.ts';

const ceiling = (value: number, unit: Ceiling['unit']): Ceiling => ({
  value,
  unit,
  p10: value,
  p90: value,
  n: 1,
  how: 'made up',
});

/** 100 GB/s and 1 TFLOP/s; a dispatch takes so many µs. */
const ceilings = (dispatch: number): Ceilings => ({
  ...noCeilings,
  readBandwidth: ceiling(100, 'GB/s'),
  f32: ceiling(1000, 'GFLOP/s'),
  dispatch: ceiling(dispatch, 'µs'),
});

const config = presets['SmolLM2-135M'];
const model = {
  config,
  options: { weights: 'f16', kv: 'f32', kernels: 'auto' },
  program: Array(300).fill({ layer: 0, role: '', op: '', version: '' }),
} as const;

const bound = (requests: ReturnType<typeof atOnce>, dispatch: number) => {
  const { trace } = virtual('continuous', { slots: 8 }, requests);
  const shares = runBound(trace, model, ceilings(dispatch));
  if (!shares) throw new Error('there are ceilings');
  return shares;
};

describe('what bounds a run', () => {
  it('is arithmetic where prompts are long, launches or reading weights where a single row decodes', () => {
    const prefills = atOnce([512, 2], [512, 2], [512, 2], [512, 2]);
    expect(mostOf(bound(prefills, 10))).toBe('compute');
    const decodes = atOnce([2, 64]);
    expect(mostOf(bound(decodes, 10))).toBe('launch');
    expect(mostOf(bound(decodes, 1))).toBe('bandwidth');
  });

  it('is said in shares that add up, step by step: one prefill and 63 decodes', () => {
    const shares = bound(atOnce([512, 64]), 10);
    expect(shares.launch + shares.bandwidth + shares.compute).toBeCloseTo(1, 12);
    // the prefill alone: its layers for each token, the head for one, and half of 512² pairs to attend to
    const head = config.vocab * config.width;
    const pairs = 4 * config.layers * config.heads * config.headDim * ((512 * 513) / 2);
    const norms = (2 * config.layers + 1) * config.width;
    const prefill = (2 * (parameterCount(config) - head - norms) * 512 + 2 * head + pairs) / 1e12;
    const decodes = 63 * 300 * 10e-6;
    expect(shares.compute).toBeCloseTo(prefill / (prefill + decodes), 9);
  });

  it('explains of a run’s time what its floors are of the measured steps', () => {
    const requests = atOnce([2, 64]);
    const { trace } = virtual('continuous', { slots: 8 }, requests);
    // every step takes a second there: 64 steps of 300 dispatches of 10 µs each, all limited by launches
    const known = runBound(trace, model, ceilings(10));
    expect(known?.explained).toBeCloseTo((64 * 300 * 10e-6) / 64, 9);
    expect(known && explainsLittle(known)).toBe(true);
    const { start, end } = trace.steps.columns;
    for (let s = 0; s < trace.steps.length; s++) end[s] = (start[s] as number) + 300 * 12e-6;
    const close = runBound(trace, model, ceilings(10));
    expect(close?.explained).toBeCloseTo(10 / 12, 9);
    expect(close && explainsLittle(close)).toBe(false);
  });

  it('is called by its name alone only where it explains the time', () => {
    const shares = { launch: 0.96, bandwidth: 0, compute: 0.04 };
    expect(boundName(shares)).toBe('launch-bound');
    expect(boundName({ ...shares, explained: 0.8 })).toBe('launch-bound');
    expect(boundBadge({ ...shares, explained: 0.8 })).toBe('launch-bound');
    expect(boundBadge({ ...shares, explained: 0.13 })).toBe('limits explain 13 %');
    expect(boundName({ ...shares, explained: 0.13 })).toBe(
      'launch-bound by floors that explain 13 % of the time',
    );
  });

  it('is explained as far as every run of the mean is', () => {
    const shares = { launch: 1, bandwidth: 0, compute: 0 };
    const other = { launch: 0, bandwidth: 0, compute: 1, explained: 0.6 };
    expect(meanBound([{ ...shares, explained: 0.2 }, other])).toEqual({
      launch: 0.5,
      bandwidth: 0,
      compute: 0.5,
      explained: 0.4,
    });
    expect(meanBound([shares, other])).toEqual({ launch: 0.5, bandwidth: 0, compute: 0.5 });
    expect(meanBound([])).toBeNull();
  });

  it('is not known without ceilings', () => {
    expect(runBound(virtual('serial', {}, atOnce([2, 2])).trace, model, noCeilings)).toBeNull();
  });

  it('reads the keys of every row once, and computes logits only where something is sampled', () => {
    const { trace } = virtual('continuous', { slots: 2 }, atOnce([8, 3], [5, 2]));
    expect(stepSums(trace).map(({ keys, samples }) => [keys, samples])).toEqual([
      [13, 2],
      [9 + 6, 2],
      [10, 1],
    ]);
    const step = { tokens: 512, attended: 0, keys: 0, dispatches: 1 };
    const of = (logits: number) => stepFloors(model, { ...step, logits }, ceilings(1)).floorsMs.compute ?? 0;
    expect(of(512) - of(1)).toBeCloseTo((2 * 511 * config.vocab * config.width) / 1e9, 6);
  });
});

describe('a run’s header', () => {
  const limits = { pages: 64, pageSize: 16, window: 256, vocabulary: 512, step: stepLimitsOf(256) };
  const request = {
    model: { config: presets.nano, options: fakeModel.options, seed: 1 },
    limits,
    contenders: ['static', 'continuous'].map((strategy) => ({ label: strategy, strategy, knobs: {} })),
    requests: atOnce([8, 3], [8, 2]),
    workload: { id: 'test', knobs: {} },
    lookahead: 0,
    repeats: 2,
    seed: 1,
  } as const;

  it('says its turn, its bound and what the harness cost, through a file and back', async () => {
    const host = {
      ...fakeHost(new FakeRuntime(limits), limits),
      ceilings: () => Promise.resolve(ok(ceilings(1))),
    };
    const { runs, invalid } = unwrap(await serve(host, request));
    expect(invalid).toEqual([]);
    const served = runs.map(({ file }) => ({
      trace: unwrap(replay(file)),
      header: file.header,
      requests: file.requests,
    }));
    const opened = lanesOf(unwrap(readRuns(writeRuns(served))));
    expect(doubtsOf(opened)).toEqual([]);
    for (const lane of opened) {
      expect(lane.bound && mostOf(lane.bound)).toBe('bandwidth'); // a few tokens a step meet all of nano's weights
      expect(lane.bound?.explained).toBeGreaterThan(0);
      expect(lane.turns).toHaveLength(2);
      for (const { header } of lane.runs.map((run) => run.served)) {
        expect(header.harness?.encode.mean).toBeGreaterThan(0);
        expect(header.bound?.explained).toBeGreaterThan(0);
        expect(header.invalid).toBeUndefined();
      }
    }
    expect(runs.map(({ file }) => file.header.turn)).toEqual([0, 0, 1, 1]);
  });

  it('says what speaks against it, also what was seen in another run of its comparison', async () => {
    const doubts: string[] = [];
    const sent: ServedRun[] = [];
    const host = {
      ...fakeHost(new FakeRuntime(limits), limits),
      doubts: () => doubts,
      emit: (event: ServeEvent) => {
        if (event.type !== 'run') return;
        sent.push(event.run);
        if (sent.length === 2) doubts.push('the page was hidden while it ran');
      },
    };
    const report = unwrap(await serve(host, request));
    expect(report.invalid).toEqual(['the page was hidden while it ran']);
    expect(report.runs.map((run) => run.file.header.invalid)).toEqual(Array(4).fill(report.invalid));
    // what a tab keeps that goes away: those that ended before knew of nothing
    expect(sent.map((run) => run.file.header.invalid)).toEqual([
      undefined,
      undefined,
      report.invalid,
      report.invalid,
    ]);
  });
});
