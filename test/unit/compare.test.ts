// Result files side by side: ratios with their interval, noise, rows that only one file has, and what makes ratios doubtful.

import { describe, expect, it } from 'vitest';
import { compareTable, compareText } from '../../bench/compare-report.ts';
import { prng } from '../../src/core/prng.ts';
import { compareFiles, type NamedFile } from '../../src/measure/compare.ts';
import type { ResultFile, ResultRow } from '../../src/measure/schema.ts';
import { file, row as resultRow } from './views-rows.ts';

const noisy = (centre: number, seed: number): number[] => {
  const random = prng(seed);
  return Array.from({ length: 21 }, () => centre * (1 + 0.02 * (random.next() - 0.5)));
};
const row = (version: string, ms: number, seed: number, extra: Partial<ResultRow> = {}): ResultRow =>
  resultRow({ version, ms, samplesMs: noisy(ms, seed), n: 21, ...extra });
const named = (name: string, results: ResultRow[], extra: Partial<ResultFile> = {}): NamedFile => ({
  name,
  file: { ...file(results), ...extra },
});

describe('comparing result files', () => {
  const before = named('before.json', [row('01_naive', 4, 1), row('02_tile', 2, 2), row('09_gone', 1, 3)]);
  const after = named('after.json', [row('01_naive', 4, 4), row('02_tile', 1, 5), row('10_new', 1, 6)]);
  const compared = compareFiles([before, after]);

  it('gives the ratio to the first file with an interval that holds it', () => {
    const cell = compared.rows.find((r) => r.name.includes('02_tile'))?.cells[1];
    expect(cell).toMatchObject({ kind: 'time', against: { verdict: 'faster' } });
    if (cell?.kind !== 'time' || !cell.against) throw new Error('no comparison');
    expect(cell.against.ratio).toBeCloseTo(2, 1);
    expect(cell.against.low).toBeLessThanOrEqual(cell.against.ratio);
    expect(cell.against.high).toBeGreaterThanOrEqual(cell.against.ratio);
  });

  it('says "no difference" inside the noise', () => {
    const cell = compared.rows.find((r) => r.name.includes('01_naive'))?.cells[1];
    expect(cell).toMatchObject({ kind: 'time', against: { verdict: 'no difference' } });
  });

  it('names rows that only one file has', () => {
    expect(compared.only).toEqual([
      { file: 'before.json', rows: ['matmul 512 f32 · 09_gone'] },
      { file: 'after.json', rows: ['matmul 512 f32 · 10_new'] },
    ]);
    expect(compared.rows).toHaveLength(2);
  });

  it('keeps the reason of a row that has no figure', () => {
    const failed = { verified: false, medianMs: null, samplesMs: [], why: 'failed verification' };
    const { rows } = compareFiles([before, named('b', [row('02_tile', 1, 1, failed)])]);
    expect(rows[0]?.cells[1]).toEqual({ kind: 'none', why: 'failed verification' });
  });

  it('does not take a shape that changed its size for the same row', () => {
    const other = named('b', [row('02_tile', 1, 1, { dims: { m: 511, n: 512, k: 512 } })]);
    expect(compareFiles([before, other]).rows).toEqual([]);
  });

  it('tells what makes ratios doubtful', () => {
    const tuned = named('b', [row('02_tile', 1, 1, { params: { TILE_M: 8 } })], {
      invalid: ['the page was hidden'],
    });
    const { notes } = compareFiles([before, tuned]);
    expect(notes).toContain('b is invalid: the page was hidden');
    expect(notes.some((note) => note.includes('02_tile: parameters differ'))).toBe(true);
  });

  it('compares clocks of what was timed alone', () => {
    const clocks = (over: Partial<ResultRow>): readonly string[] =>
      compareFiles([before, named('b', [row('02_tile', 1, 1, over)])]).notes.filter((note) =>
        note.includes('clocks'),
      );
    expect(clocks({ clock: 'wall' })).toEqual(['matmul 512 f32 · 02_tile: clocks differ']);
    const why = { verified: false, medianMs: null, samplesMs: [], why: 'skipped' };
    expect(clocks({ ...why, clock: null })).toEqual([]);
    expect(clocks({ ...why, clock: 'wall' })).toEqual([]); // older files called every clock gpu
  });

  it('compares calls with calls', () => {
    const both = { calls: [row('02_tile', 3, 7)] };
    const { rows } = compareFiles([named('a', [], both), named('b', [row('02_tile', 3, 8)], both)]);
    expect(rows.map(({ name }) => name)).toEqual(['matmul 512 f32 · 02_tile (call)']);
  });

  it('prints a column a file, in text and in Markdown', () => {
    expect(compareTable([before, after], compared).head).toEqual([
      'row',
      'before.json ms',
      'after.json ms',
      'speed',
    ]);
    const text = compareText([before, after], 'markdown');
    expect(text).toContain('| matmul 512 f32 · 02_tile | ');
    expect(text).toContain('Only in after.json:\n- matmul 512 f32 · 10_new');
  });
});
