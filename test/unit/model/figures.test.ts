// What the model benchmark makes of its samples: the split of a step by op, and canonical against fast.

import { describe, expect, it } from 'vitest';
import { someOf } from '../../../src/app/codec.ts';
import { formatRatios, type ModelRow, numericsRatios } from '../../../src/measure/model.ts';
import { splitOf } from '../../../src/measure/split.ts';
import {
  describeInvariance,
  describeProbe,
  describeStanding,
  standings,
} from '../../../src/model/probe-report.ts';
import { describeSplit } from '../../../src/views/model/split-table.tsx';

describe('a step by op', () => {
  const role = (name: string, count: number, samplesMs: readonly number[]) => ({
    role: name,
    op: name,
    version: '01',
    count,
    samplesMs,
  });

  it('counts every layer, shares the residual out by size, and shows it', () => {
    const split = splitOf([role('small', 1, [1, 1, 4]), role('large', 4, [2, 2.5, 2])], [12, 10, 15]);
    expect(split).toMatchObject({ sumMs: 9, wholeMs: 12, residualMs: 3, n: 3 });
    expect(split?.parts.map((p) => [p.role, p.ms])).toEqual([
      ['large', 8],
      ['small', 1],
    ]);
    const estimated = split?.parts.reduce((sum, p) => sum + p.estimatedMs, 0);
    expect(estimated).toBeCloseTo(12);
    expect(split?.parts[0]?.estimatedMs).toBeCloseTo((8 / 9) * 12);
    expect(split && describeSplit(split)).toContain('residual of 3.00 ms');
  });

  it('is none where something was not timed', () => {
    expect(splitOf([role('a', 1, [])], [1])).toBeNull();
    expect(splitOf([role('a', 1, [1])], [])).toBeNull();
    expect(splitOf([], [1])).toBeNull();
  });
});

describe('numerics against fast ones', () => {
  const row = (numerics: string, samplesMs: readonly number[], batch = 8): ModelRow => ({
    phase: 'decode',
    config: 'nano',
    parameters: 1,
    weights: 'f32',
    activations: 'f32',
    kv: 'f32',
    numerics,
    reduction: '',
    batch,
    context: 1,
    tokens: 8,
    tokensPerSecond: 1,
    stepMs: 1,
    p10Ms: 1,
    p90Ms: 1,
    n: samplesMs.length,
    samplesMs,
    awaitedMs: 1,
    readbackMs: 0,
    hostMs: 1,
    dispatches: 1,
    floorsMs: { launch: null, bandwidth: null, compute: null },
    bound: null,
    fractionOfCeiling: null,
    launchPlusBandwidthMs: null,
    fractionOfLaunchPlusBandwidth: null,
    split: null,
    splitWhy: null,
    status: 'measured',
    why: null,
  });
  const drift = [1, 2, 3, 4, 5, 6, 7, 8, 9];

  it('compares turn by turn, so that a drift of both cancels', () => {
    const rows = [
      row('canonical', drift),
      row(
        'fast',
        drift.map((ms) => 0.8 * ms),
      ),
      row('fast', drift, 1),
    ];
    const [ratio, ...others] = numericsRatios([...rows, row('one-version', drift)]);
    expect(ratio?.numerics).toBe('canonical');
    expect(others.map(({ numerics }) => numerics)).toEqual(['one-version']);
    expect(ratio?.of).toMatchObject({ batch: 8, phase: 'decode' });
    expect(ratio?.speed.ratio).toBeCloseTo(0.8);
    expect(ratio?.speed.verdict).toBe('slower');
  });
});

describe('int8 weights against float ones', () => {
  const drift = [1, 1.4, 2, 2.6, 3, 3.5, 4, 4.4];
  const row = (weights: string, turns: number | undefined, times: readonly number[], activations = 'f32') =>
    ({
      ...{
        config: 'nano',
        weights,
        activations,
        kv: 'f32',
        numerics: 'canonical',
        phase: 'decode',
        batch: 8,
      },
      ...{ samplesMs: times, ...(turns === undefined ? {} : { turns }) },
    }) as unknown as ModelRow;
  const half = drift.map((ms) => ms / 2);

  it('are compared turn by turn where they took turns, which drift hides from others', () => {
    const base = row('f32', 0, drift);
    const [found] = formatRatios([base, row('i8-row', 0, half)]);
    expect(found).toMatchObject({ over: 'f32', interleaved: true, of: { weights: 'i8-row' } });
    expect(found?.speed.verdict).toBe('faster');
    expect(found?.speed.ratio).toBeCloseTo(2);
    const [apart] = formatRatios([base, row('i8-row', 1, half)]);
    expect(apart?.interleaved).toBe(false);
    expect((apart?.speed.high ?? 0) - (apart?.speed.low ?? 0)).toBeGreaterThan(0.1);
    // older files do not say who took turns
    expect(formatRatios([row('f32', undefined, drift), row('i8-row', undefined, half)])[0]?.interleaved).toBe(
      false,
    );
  });

  it('are held against each float format, whatever their own activations, and only what ran', () => {
    const rows = [row('f32', 0, drift), row('f16', 0, drift), row('i8-row', 0, half, 'i8')];
    expect(formatRatios(rows).map(({ of, over }) => [of.activations, over])).toEqual([
      ['i8', 'f32'],
      ['i8', 'f16'],
    ]);
    expect(formatRatios([row('f32', 0, []), row('i8-row', 0, half)])).toEqual([]);
    expect(formatRatios([row('f32', 0, drift, 'i8'), row('i8-row', 0, half)])).toEqual([]);
  });
});

describe('the probe in words', () => {
  const report = { runs: ['alone', 'in chunks'], cells: 128 };
  const difference = { run: 'in chunks', position: 7, id: 3, got: 1, want: 1 + 2 ** -23 };

  it('never calls fast numerics invariant, and calls a canonical difference a failure', () => {
    expect(describeProbe({ ...report, numerics: 'canonical', identical: true })).toMatch(/^The same bits/);
    expect(describeProbe({ ...report, numerics: 'canonical', identical: false, difference })).toMatch(
      /^Canonical numerics fail/,
    );
    expect(describeProbe({ ...report, numerics: 'fast', identical: true })).toMatch(/promise nothing/);
    const fast = describeProbe({ ...report, numerics: 'fast', identical: false, difference });
    expect(fast).toContain(
      '“in chunks” gave 1.00000000 for the logit of id 3 at position 7 that was 1.00000012',
    );
  });

  it('tells what serves, and calls no numerics invariant that are not', () => {
    const told = standings.map((standing) =>
      describeStanding({ standing, asked: 'canonical', served: 'one-version' }),
    );
    expect(told.map((text) => text.includes('the same bits in every batch'))).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(told[1]).toContain('one version serves each op whatever the row count');
    const probes = [
      { ...report, numerics: 'canonical', identical: false, difference },
      { ...report, numerics: 'one-version', identical: true },
    ] as const;
    const whole = describeInvariance({
      standing: 'fell back',
      asked: 'canonical',
      served: 'one-version',
      probes,
    });
    expect(whole).toMatch(
      /^Canonical numerics gave other bits .* Canonical numerics fail on .* The same bits on/,
    );
  });
});

describe('some of a closed set, in an address', () => {
  const some = someOf(['a', 'b', 'c'], ['b']);
  it('keeps order, drops strangers, and tells none from unsaid', () => {
    expect(some.read('c~x~a')).toEqual(['a', 'c']);
    expect(some.read(null)).toEqual(['b']);
    expect(some.read('')).toEqual([]);
    expect([some.write(['b']), some.write([]), some.write(['a', 'b'])]).toEqual([null, '', 'a~b']);
  });
});
