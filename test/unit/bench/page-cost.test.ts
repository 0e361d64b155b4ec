// What `page-cost` says of turns with known costs.

import { describe, expect, it } from 'vitest';
import { costRow, type PageCost, pageCostText, unlike } from '../../../bench/page-cost-report.ts';

/** Drawn runs that take `cost` longer than still ones, with `noise` on them. */
function row(cost: number, noise = 0, turns = 8) {
  const still = Array.from({ length: turns }, (_, i) => 0.4 + 0.01 * (i % 3));
  const live = still.map((t, i) => t * (1 + cost) * (1 + noise * ((i % 4) - 1.5)));
  return costRow({ strategy: 'static', live, still });
}

describe('the cost of drawing', () => {
  it('is judged by its whole interval', () => {
    expect(row(0.005)).toMatchObject({ verdict: 'shown below' });
    expect(row(0.005).cost).toBeCloseTo(0.005, 9);
    expect(row(-0.01).verdict).toBe('shown below');
    expect(row(0.02 - 1e-9).verdict).toBe('shown below');
    expect(row(0.05).verdict).toBe('shown above');
    expect(row(0.01, 0.02).verdict).toBe('not shown');
    expect(row(0.025, 0.02).verdict).toBe('not shown');
  });

  it('is not judged by too few turns', () => {
    expect(row(0, 0, 5)).toMatchObject({ verdict: 'too few turns', interval: null });
    expect(JSON.parse(JSON.stringify(row(0, 0, 5)))).toEqual(row(0, 0, 5));
  });

  it('is of runs that serve the same requests', () => {
    expect(unlike([24, 24, 24])).toEqual([]);
    expect(unlike([24, 9, 24])).toEqual(['runs served different numbers of requests: 9, 24']);
  });

  it('is told with its interval and its verdict', () => {
    const report: PageCost = {
      ...{ schema: 'lockstep-page-cost', version: 1, date: '', commit: null, command: '' },
      ...{ device: 'a device', browser: 'a browser', flags: [], headful: false, work: '', requests: 24 },
      target: 0.02,
      mainThread: { live: [0.1], still: [0.02] },
      results: [row(0.005), row(0.05), row(0.01, 0.02), row(0, 0, 3)],
      invalid: ['hidden'],
    };
    const text = pageCostText(report);
    expect(text).toContain('drawing costs 0.5 % (0.5 % to 0.5 %), shown to be below 2.0 %; 8 turns');
    expect(text).toContain('ABOVE 2.0 %');
    expect(text).toContain('not shown to be below 2.0 %: take more --turns');
    expect(text).toContain('too few turns to tell; 3 turns');
    expect(text).toContain('INVALID: hidden');
  });
});
