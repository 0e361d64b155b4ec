// What charts and page maps say to those who read them: values at a place, rows of a table, files; and what a drag adds.

import { describe, expect, it } from 'vitest';
import { strideOf } from '../../../src/app/batching/stride.ts';
import { placesOf, readAt } from '../../../src/views/batching/chart-reading.ts';
import { pageStates, pagesAt } from '../../../src/views/batching/page-states.ts';
import { pageRows, pagesSvg } from '../../../src/views/batching/pages-picture.ts';
import { gaugeSeries } from '../../../src/views/batching/series.ts';
import { plain, track } from './scene.ts';

const fixed = track('static', { slots: 2 });
const joining = track('continuous', { slots: 2, memory: 'paged' });

describe('a value of a chart', () => {
  const line = {
    name: 'line',
    points: [
      [1, 10],
      [2, 20],
      [4, 5],
    ] as const,
  };

  it('is the last one that the line has come to, and none beside it', () => {
    expect(readAt(line, 0.5)).toBeUndefined();
    expect(readAt(line, 1)).toEqual({ x: 1, y: 10 });
    expect(readAt(line, 3.9)).toEqual({ x: 3.9, y: 20 });
    expect(readAt(line, 4)).toEqual({ x: 4, y: 5 });
    expect(readAt(line, 4.1)).toBeUndefined();
  });

  it('of a line with marks is that of the nearest mark', () => {
    const marked = { ...line, marks: true };
    expect(readAt(marked, 2.9)).toEqual({ x: 2, y: 20 });
    expect(readAt(marked, 3.1)).toEqual({ x: 4, y: 5 });
    expect(readAt({ name: 'none', points: [], marks: true }, 1)).toBeUndefined();
    expect(
      placesOf(
        [
          marked,
          {
            ...marked,
            points: [
              [3, 1],
              [4, 2],
            ],
          },
        ],
        { from: 0, to: 9 },
        5,
      ),
    ).toEqual([1, 2, 3, 4]);
  });

  it('of a gauge is the engine’s, in the middle of every step', () => {
    const range = { from: 0, to: fixed.steps };
    const points = gaugeSeries(fixed, 'running', 'steps', range, 1000);
    for (let s = 0; s < fixed.steps; s++)
      expect(readAt({ name: 'running', points }, s + 0.5)?.y).toBe(fixed.trace.steps.columns.running[s]);
    expect(placesOf([{ name: 'running', points }], range, 3)).toEqual([0, 7, 14]);
  });
});

describe('the pages as text', () => {
  const states = pageStates(joining, 20, 4);

  it('name every taken page once for each of its holders, with its tokens', () => {
    for (let s = 0; s < joining.steps; s++) {
      const cells = pagesAt(states, joining, s);
      const rows = pageRows(joining, cells);
      expect(rows.flatMap((row) => row.pages).sort((a, b) => a - b)).toEqual(
        cells.flatMap((cell) => cell.holders.map(() => cell.page)),
      );
      expect(rows.reduce((sum, row) => sum + row.tokens, 0)).toBe(
        cells.reduce((sum, cell) => sum + cell.tokens * cell.holders.length, 0),
      );
    }
    expect(pageRows(joining, pagesAt(states, joining, 0)).map((row) => row.request)).toEqual(['R1', 'R2']);
  });

  it('count what is shared', () => {
    const alike = [0, 1].map((id) => ({
      id,
      arrival: id * 2,
      prompt: [{ seed: 9, length: 9 }],
      maxTokens: 6,
    }));
    const prefix = track('continuous', { slots: 2, memory: 'prefix' }, alike);
    const both = pageRows(prefix, pagesAt(pageStates(prefix, 20, 4), prefix, 3));
    expect(both.map((row) => row.shared)).toEqual([2, 2]);
  });

  it('are a picture too, with its moment and whose run it is', () => {
    const map = { track: joining, states, step: 3, said: '4 of 20 taken' };
    const { text, width, height } = pagesSvg(plain, [map, { ...map, said: 'again' }], 'at 3 s · a device');
    expect(text).toMatch(new RegExp(`^<svg [^>]*width="${width}" height="${height}"`));
    expect(text.match(/>continuous</g)).toHaveLength(2);
    for (const said of ['4 of 20 taken', 'again', 'at 3 s · a device']) expect(text).toContain(`>${said}<`);
    expect(text).toContain('>R2<');
  });
});

it('a stride of a drag is about a twentieth of where it began', () => {
  expect([1, 8, 150, 512, 4096].map((value) => strideOf(value, true))).toEqual([1, 1, 1, 10, 100]);
  expect([0, 0.3, 1, 20].map((value) => strideOf(value, false))).toEqual([0.01, 0.01, 0.01, 1]);
});
