import { describe, expect, it } from 'vitest';
import { tableMarkdown } from '../../src/app/bench/markdown.ts';
import { sweepLines } from '../../src/app/bench/shapes.ts';
import { compare } from '../../src/measure/rank.ts';
import {
  inMetric,
  isMeasured,
  ladderRows,
  type Measured,
  readLadder,
  roofLines,
  tiedWithBest,
} from '../../src/views/facts.ts';
import { file, row } from './views-rows.ts';

const measured = (r: ReturnType<typeof row>): Measured => {
  if (!isMeasured(r)) throw new Error('the row has no figure');
  return r;
};
const verdictOf = (a: Measured, b: Measured) => compare(a.samplesMs, b.samplesMs);

describe('reading a ladder', () => {
  const rows = [
    row({ version: '03_fast', ms: 2 }),
    row({ version: 'matmul', peer: 'peer', ms: 4 }),
    row({ version: '01_naive', ms: 20 }),
    row({ version: '02_almost', ms: 2.004 }),
    row({
      version: '04_f16',
      verified: false,
      medianMs: null,
      why: 'skipped: this device has no shader-f16',
    }),
    row({ version: '01_naive', shape: '256' }),
  ];
  const ladder = readLadder(ladderRows(rows, { op: 'matmul', dtype: 'f32', shape: '512' }));

  it('puts ours by name, then peers', () => {
    expect(ladder.rows.map((r) => r.version)).toEqual([
      '01_naive',
      '02_almost',
      '03_fast',
      '04_f16',
      'matmul',
    ]);
  });
  it('finds best, baseline and best peer among what was measured', () => {
    expect([ladder.best?.version, ladder.baseline?.version, ladder.bestPeer?.peer]).toEqual([
      '03_fast',
      '01_naive',
      'peer',
    ]);
  });
  it('names what cannot be told from the best, and nothing that can', () => {
    expect(tiedWithBest(ladder, verdictOf).map((r) => r.version)).toEqual(['02_almost']);
    expect(tiedWithBest(ladder, () => undefined)).toEqual([]);
  });
  it('has no baseline when the first version did not run', () => {
    const without = readLadder([
      row({ version: '01_naive', verified: false }),
      row({ version: '02', ms: 1 }),
    ]);
    expect(without.baseline).toBeNull();
    expect(without.best?.version).toBe('02');
  });
});

describe('metrics', () => {
  const r = measured(row({ version: '01', ms: 10 }));
  it('keeps low ≤ middle ≤ high in every unit, and the spread in proportion', () => {
    for (const metric of ['gflops', 'gbps', 'ms'] as const) {
      const { low, middle, high } = inMetric(r, metric);
      expect(low).toBeLessThan(middle);
      expect(high).toBeGreaterThan(middle);
      expect(high / low).toBeCloseTo(10.2 / 9.8, 6);
    }
  });
  it('draws the ceiling where a row would stand at 100 %', () => {
    const [line] = roofLines([r], 'gflops');
    expect(line?.value).toBeCloseTo(r.gflops / (r.fractionOfCeiling ?? 0), 9);
    const [floor] = roofLines([r], 'ms');
    expect(floor?.value).toBeCloseTo(10 * (r.fractionOfCeiling ?? 0), 9);
  });
});

describe('sweeps', () => {
  it('takes only rows that differ along the family', () => {
    const at = (n: number) => measured(row({ version: '01', shape: String(n), dims: { m: n, n, k: n } }));
    const odd = measured(row({ version: '01', shape: 'row', dims: { m: 1, n: 512, k: 512 } }));
    const lines = sweepLines(
      [at(512), odd, at(128)],
      { m: 512, n: 512, k: 512 },
      { title: '', dims: ['m', 'n', 'k'] },
    );
    expect(lines.get('01')?.map((p) => p.size)).toEqual([128, 512]);
    const byM = sweepLines([at(512), odd, at(128)], { m: 512, n: 512, k: 512 }, { title: '', dims: ['m'] });
    expect(byM.get('01')?.map((p) => p.size)).toEqual([1, 512]);
  });
});

describe('the table as Markdown', () => {
  it('names device, date, command and every row, also those without a figure', () => {
    const rows = [
      row({ version: '01_naive', ms: 12.345 }),
      row({ version: '02', verified: false, medianMs: null, why: 'refused: a | b' }),
    ];
    const text = tableMarkdown(rows, { ...file(rows), invalid: ['hidden tab'] });
    expect(text).toContain('test paper · Chrome 1.0');
    expect(text).toContain('2026-01-02');
    expect(text).toContain('`npm run bench -- kernels`');
    expect(text).toContain('Not to be trusted: hidden tab');
    expect(text).toContain('| matmul 01_naive f32 | 512 | 12.3 (12.1–12.6) |');
    expect(text).toContain('refused: a \\| b');
    const widths = text
      .split('\n')
      .filter((l) => l.startsWith('|'))
      .map((l) => l.replaceAll('\\|', '').split('|').length);
    expect(new Set(widths).size).toBe(1);
  });
});
