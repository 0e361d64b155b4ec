// `--accuracy`: what it measures of a device that is as its fit says, and of one that is not; and how it judges.

import { describe, expect, it } from 'vitest';
import { accuracyOn } from '../../../bench/batching/accuracy.ts';
import { accuracyText, judged, type MeasuredRow } from '../../../bench/batching/accuracy-report.ts';
import { fakeServing, options, request } from './fake-serving.ts';

const wanted = request(['workload.requests=24'], ['continuous', 'static']);

describe('a device', () => {
  it('that is as fast as its fit says is within all targets', async () => {
    const accuracy = await accuracyOn(
      fakeServing(() => 1),
      wanted,
      options,
    );
    expect(accuracy).toMatchObject({ format: 'lockstep-accuracy', version: 5, within: 6, invalid: [] });
    expect(accuracy.rows.map(({ strategy, share }) => [strategy, share])).toEqual(
      ['continuous', 'static'].flatMap((strategy) => [0.3, 0.5, 0.65].map((share) => [strategy, share])),
    );
    for (const row of accuracy.rows)
      for (const error of Object.values(row.errors)) expect(error).toBeCloseTo(0, 6);
    expect(accuracyText(accuracy)).toContain('6 of 6 rows within all targets');
  });

  it('that is a fifth slower misses those of steps, although its throughput follows the arrivals', async () => {
    const accuracy = await accuracyOn(
      fakeServing(() => 1.2),
      wanted,
      options,
    );
    expect(accuracy.within).toBe(0);
    for (const { missed, errors } of accuracy.rows) {
      expect(missed).toEqual(expect.arrayContaining(['steps', 'service', 'tpot_p90']));
      expect(errors.service).toBeCloseTo(1 / 1.2 - 1, 6);
    }
    expect(accuracy.rows[0]?.missed).not.toContain('output_throughput');
    expect(accuracyText(accuracy)).toContain('0 of 6 rows within all targets');
  });
});

describe('a row', () => {
  const figures = (ttft: number) => ({ output_throughput: 100, ttft_p90: ttft, tpot_p90: 0.1, e2e_p90: 2 });
  const row = (change: Partial<MeasuredRow> = {}): MeasuredRow => ({
    strategy: 'continuous',
    drift: 0,
    fit: {} as MeasuredRow['fit'],
    share: 0.5,
    rate: 3,
    measured: figures(1),
    predicted: figures(1),
    range: { output_throughput: [99, 101], ttft_p90: [0.9, 1.1], tpot_p90: [0.1, 0.1], e2e_p90: [2, 2] },
    steps: { median: 0.01, p90: 0.1, total: 1.01 },
    ...change,
  });
  const missed = (change: Partial<MeasuredRow>) => judged([row(change)]).rows[0]?.missed;

  it('is within a target up to it, on either side', () => {
    expect(missed({})).toEqual([]);
    expect(missed({ predicted: figures(1.099) })).toEqual([]);
    expect(missed({ predicted: figures(0.901) })).toEqual([]);
    expect(missed({ predicted: figures(1.101) })).toEqual(['ttft_p90']);
    expect(missed({ predicted: figures(0.899) })).toEqual(['ttft_p90']);
    expect(missed({ steps: { median: 0.051, p90: 1, total: 0.94 } })).toEqual(['steps', 'service']);
    expect(missed({ predicted: { ...figures(1), output_throughput: 106 } })).toEqual(['output_throughput']);
  });

  it('without a figure misses nothing by it, and what cannot be divided is missed', () => {
    const none = { ...figures(1), tpot_p90: 0 };
    expect(missed({ measured: none, predicted: none })).toEqual([]);
    expect(missed({ measured: none })).toEqual(['tpot_p90']);
    expect(missed({ steps: { median: Number.NaN, p90: 0, total: 1 } })).toEqual(['steps']);
  });

  it('says what it misses and by how much; the summary counts, and tells of a device that changed', () => {
    const { rows, within } = judged([
      row(),
      row({ predicted: figures(1.2) }),
      row({ predicted: figures(0.8), drift: 0.1 }),
    ]);
    const text = accuracyText({ rows, within, invalid: [] } as unknown as Parameters<typeof accuracyText>[0]);
    expect(text).toContain('MISSED: p90 of TTFT 20.0 % (10 % at most)');
    expect(text).toContain(
      '1 of 3 rows within all targets; 1 of the others were measured while the device changed',
    );
    expect(text).toContain('the throughput follows the arrivals');
  });
});
