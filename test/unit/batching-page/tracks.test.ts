// The tracks: what is laid out where, what is drawn at which width, and what is said at a moment.

import { describe, expect, it } from 'vitest';
import { costModels } from '../../../src/engine/devices/index.ts';
import { outputsOf } from '../../../src/engine/outputs.ts';
import { placeOf, runningAt, stepAt, timeOf, wholeRange, zoomed } from '../../../src/views/batching/axis.ts';
import { describeCell, describeMoment, momentAt } from '../../../src/views/batching/caption.ts';
import {
  layoutRows,
  type Paint,
  paintTrack,
  placeAt,
  rowAt,
  xOf,
} from '../../../src/views/batching/paint.ts';
import { SvgPen } from '../../../src/views/batching/pen.ts';
import { ticksOf } from '../../../src/views/batching/ticks.ts';
import { cellAt, tokensBy, tokensHeld, turningSteps, waitAt } from '../../../src/views/batching/track.ts';
import { atOnce, unitSteps } from '../engine/serve.ts';
import { four, NotingPen, plain, track, twoSlots, view } from './scene.ts';

const fixed = track('static', { slots: 2 });
const joining = track('continuous', { slots: 2 });

describe('a track of the two-slot case', () => {
  it('knows the steps of first and last tokens: static 9, continuous 3', () => {
    expect([...fixed.firstStep].map((s) => s + 1)).toEqual([1, 1, 9, 9]);
    expect([...joining.firstStep].map((s) => s + 1)).toEqual([1, 1, 3, 7]);
    expect([...joining.lastStep].map((s) => s + 1)).toEqual([2, 8, 6, 12]);
    expect([fixed.steps, joining.steps]).toEqual([14, 12]);
    expect([...joining.outputs]).toEqual([2, 8, 4, 6]);
  });

  it('tells why request 3 waits, and until when', () => {
    const w = waitAt(fixed, 2, 5.5);
    expect(w).toBeDefined();
    expect(fixed.waits.to[w as number]).toBe(8);
    expect(waitAt(fixed, 2, 8.5)).toBeUndefined();
    expect(cellAt(fixed, 2, 8)).toBeDefined();
    expect(cellAt(fixed, 2, 7)).toBeUndefined();
  });

  it('holds the tokens of the prompt and of every decode step but the last token', () => {
    expect(tokensHeld(joining, 0, 0)).toBe(8);
    expect(tokensHeld(joining, 1, 7)).toBe(8 + 7);
    expect(tokensHeld(joining, 2, 1)).toBe(0);
  });

  it('knows its own steps at which somebody joined or left', () => {
    expect(turningSteps(fixed)).toEqual([0, 2, 8, 12, 14]);
    expect(turningSteps(joining)).toEqual([0, 2, 6, 8, 12]);
  });

  it('merges cells of one kind that follow each other', () => {
    const { offset, first, last } = fixed.spans;
    expect((offset[1] as number) - (offset[0] as number)).toBe(3); // prefill, decode, held
    expect([first[2], last[2]]).toEqual([2, 7]);
  });
});

describe('the axis', () => {
  const slow = costModels.get('illustrative');
  if (!slow) throw new Error('the illustrative cost model is missing');
  const real = track('continuous', { slots: 2 }, undefined, {
    limits: { pageSize: 4, pages: 20, window: 32 },
    cost: slow,
  });

  it('finds the step at any place, in time and in equal steps', () => {
    for (let s = 0; s < real.steps; s++) {
      const start = real.trace.steps.columns.start[s] as number;
      const end = real.trace.steps.columns.end[s] as number;
      expect(stepAt(real, 'time', (start + end) / 2)).toBe(s);
      expect(stepAt(real, 'steps', s + 0.5)).toBe(s);
    }
    expect(stepAt(real, 'time', -1)).toBeUndefined();
    expect(stepAt(real, 'time', real.end)).toBeUndefined();
    expect(stepAt(real, 'steps', real.steps)).toBeUndefined();
  });

  it('goes from seconds to steps and back', () => {
    for (let s = 0; s < real.steps; s++) {
      const time = timeOf(real, 'steps', s + 0.25);
      expect(placeOf(real, 'steps', time)).toBeCloseTo(s + 0.25, 6);
    }
  });

  it('zooms around a place and stays inside the whole', () => {
    const whole = { from: 0, to: 10 };
    expect(zoomed(whole, whole, 0.5, 5)).toEqual({ from: 2.5, to: 7.5 });
    expect(zoomed({ from: 8, to: 10 }, whole, 4, 10)).toEqual({ from: 2, to: 10 });
    expect(zoomed({ from: 2, to: 4 }, whole, 100, 3)).toEqual(whole);
  });

  it('labels round numbers in one unit', () => {
    expect(ticksOf({ from: 0, to: 0.05 }, 'time', 900).map((t) => t.label)).toContain('5 ms');
    expect(ticksOf({ from: 13.5, to: 14.4 }, 'time', 900).map((t) => t.label)).toContain('13.9 s');
    expect(ticksOf({ from: 0, to: 14 }, 'steps', 2000).map((t) => t.label)[0]).toBe('step 1');
  });

  it('takes pixels to places and back', () => {
    const v = view({ from: 3, to: 9 });
    expect(placeAt(v, xOf(v, 5))).toBeCloseTo(5, 9);
  });
});

describe('painting', () => {
  it('draws a cell a step where steps are wide: each kind in its own ink, held rows hatched', () => {
    const pen = new NotingPen();
    paintTrack(pen, fixed, view(wholeRange([fixed], 'time')));
    expect(pen.filled('prefill')).toHaveLength(4);
    expect(pen.filled('decode')).toHaveLength(1 + 7 + 3 + 5);
    expect(pen.filled('padding').map((s) => s.kind)).toEqual(Array.from({ length: 6 + 2 }, () => 'hatch'));
    expect(pen.texts()).toContain('waiting: the running batch must finish first');
  });

  it('draws nothing that lies ahead of the replay, and cuts the cell that it is in', () => {
    const pen = new NotingPen();
    const whole = wholeRange([fixed], 'time');
    const at = view(whole, { until: 8.5 });
    paintTrack(pen, fixed, at);
    const right = Math.max(...[...pen.filled('prefill'), ...pen.filled('decode')].map((s) => s.x + s.width));
    expect(right).toBeLessThanOrEqual(xOf(at, 8.5));
    expect(right).toBeGreaterThan(xOf(at, 8.4));
    expect(pen.texts().some((text) => text.includes('first token'))).toBe(false);
    const nothing = new NotingPen();
    paintTrack(nothing, fixed, view(whole, { until: Number.NEGATIVE_INFINITY, flags: [2] }));
    expect(nothing.strokes.every((s) => s.kind === 'text')).toBe(true); // names of rows
  });

  it('flags a first token by name', () => {
    const pen = new NotingPen();
    paintTrack(pen, fixed, view(wholeRange([fixed], 'time'), { flags: [2] }));
    expect(pen.texts()).toContain('R3’s first token, step 9');
  });

  it('flags it in fewer words where there is little room, never cut off', () => {
    const said = (width: number): readonly string[] => {
      const pen = new NotingPen();
      paintTrack(pen, fixed, view(wholeRange([fixed], 'time'), { flags: [2], width }));
      return pen.texts().filter((text) => text.includes('step'));
    };
    expect(said(400)).toEqual(['R3’s first token, step 9']);
    expect(said(230)).toEqual(['first token: step 9']);
    expect(said(130)).toEqual(['step 9']);
  });

  it('flags it behind the row where rows are too close for a line between them', () => {
    const pen = new NotingPen();
    const close = view(wholeRange([fixed], 'time'), {
      flags: [2],
      rowHeight: 28,
      range: { from: 0, to: 20 },
    });
    paintTrack(pen, fixed, close);
    const flag = pen.strokes.find((s) => s.kind === 'text' && s.text === 'R3’s first token, step 9');
    expect(flag && 'x' in flag ? flag.x : 0).toBeGreaterThan(xOf(close, fixed.end));
  });

  it('writes a word smaller where only that fits', () => {
    const sizes = new Map<number, number>();
    for (const width of [400, 450, 600]) {
      const pen = new NotingPen();
      paintTrack(pen, joining, view({ from: 0, to: 12 }, { mode: 'steps', width, spell: () => 'house' }));
      sizes.set(width, pen.texts().filter((text) => text === 'house').length);
    }
    // cells of 33, 37 and 50 pixels: the word is 35 wide at its usual size and 30 at the smaller one, with air 3 more
    expect([...sizes.values()]).toEqual([0, 16, 16]);
  });

  it('draws equal steps equally wide', () => {
    const pen = new NotingPen();
    paintTrack(pen, joining, view({ from: 0, to: 12 }, { mode: 'steps' }));
    const widths = new Set(
      [...pen.filled('prefill'), ...pen.filled('decode')].map((s) => s.width.toFixed(6)),
    );
    expect(widths.size).toBe(1);
  });

  it('hatches the padded share of a prompt', () => {
    const padded = track('static', { slots: 2 }, atOnce([8, 2], [4, 2]));
    const pen = new NotingPen();
    paintTrack(pen, padded, view(wholeRange([padded], 'time')));
    const [hatched] = pen.filled('padding');
    const [, short] = pen.filled('prefill');
    expect(hatched?.height).toBeCloseTo(short?.height ?? 0, 6); // 4 of 8 tokens
  });

  it('writes the words that come out where cells have room, and none on what is thrown away', () => {
    const words = new NotingPen();
    paintTrack(words, fixed, view({ from: 0, to: 14 }, { mode: 'steps', spell: (id) => `w${id % 7}` }));
    const written = words.texts().filter((text) => /w\d$/.test(text));
    expect(written).toHaveLength(20); // one for each output token, the first beside its prompt
    expect(written.filter((text) => text.startsWith('8 → '))).toHaveLength(4);
    const narrow = new NotingPen();
    paintTrack(narrow, fixed, view({ from: 0, to: 140 }, { mode: 'steps', spell: () => 'word' }));
    expect(narrow.texts().filter((text) => text.includes('word'))).toEqual([]);
  });

  it('knows what had been written after any step', () => {
    const all = outputsOf(fixed.trace).get(1) ?? [];
    expect(tokensBy(fixed, 1, 0)).toEqual([]);
    expect(tokensBy(fixed, 1, 3)).toEqual(all.slice(0, 3));
    expect(tokensBy(fixed, 1, fixed.steps)).toEqual(all);
  });

  it('draws the recorded run below its own: a strip under each row, where and as long as it ran', () => {
    const twice = { ...unitSteps(), host: 1 };
    const recorded = track('static', { slots: 2 }, four, { ...twoSlots, cost: twice });
    expect(recorded.end).toBeGreaterThan(fixed.end * 1.5);
    const at = view(wholeRange([fixed, recorded], 'time'));
    const strips = (ghost: Paint['ghost']) => {
      const pen = new NotingPen();
      paintTrack(pen, fixed, { ...at, ghost });
      return pen.strokes.flatMap((s) => (s.kind === 'fill' && s.height === 2.5 ? [s] : []));
    };
    expect(strips(undefined)).toEqual([]);
    const drawn = strips(recorded);
    expect(drawn).toHaveLength(recorded.spans.first.length);
    for (let r = 0; r < recorded.requests; r++) {
      const { y, height } = rowAt(at, r);
      const own = drawn.filter((s) => s.y === y + height + 1);
      const step = (s: number, edge: 'start' | 'end') =>
        xOf(at, recorded.trace.steps.columns[edge][s] as number);
      const spans = [recorded.spans.offset[r] as number, recorded.spans.offset[r + 1] as number] as const;
      expect(own).toHaveLength(spans[1] - spans[0]);
      for (const [i, strip] of own.entries()) {
        expect(strip.x).toBeCloseTo(step(recorded.spans.first[spans[0] + i] as number, 'start'), 6);
        expect(strip.x + strip.width).toBeCloseTo(
          step(recorded.spans.last[spans[0] + i] as number, 'end'),
          6,
        );
      }
    }
  });

  it('writes the same picture as SVG', () => {
    const pen = new SvgPen(plain);
    paintTrack(pen, fixed, view(wholeRange([fixed], 'time')));
    const file = pen.file(1110, 160);
    expect(file.match(/url\(#hatch-padding\)/g)).toHaveLength(8);
    expect(file).toContain('waiting: the running batch must finish first');
    expect(file).toMatch(/^<svg [^>]*width="1110"/);
  });
});

describe('a run of 1,000 requests and 5,000 steps', () => {
  const requests = atOnce(...Array.from({ length: 1000 }, (_, i) => [8, 100 + ((i * 37) % 120)] as const));
  const large = track('prefill-first', { slots: 32 }, requests, { limits: { pages: 4000 } });
  const g = layoutRows(large.requests, 200);
  const at = (range: { from: number; to: number }, scroll = 0) =>
    view(range, { height: g.shown, rowHeight: g.rowHeight, scroll });

  it('is as large as it says', () => {
    expect(large.requests).toBe(1000);
    expect(large.steps).toBeGreaterThan(5000);
    expect(large.cells.step.length).toBeGreaterThan(150_000);
  });

  it('draws only rows in view, merged, and never more strokes than pixels can show', () => {
    const pen = new NotingPen();
    const whole = wholeRange([large], 'time');
    paintTrack(pen, large, at(whole));
    const rows = Math.ceil(g.shown / g.rowHeight);
    expect(pen.strokes.length).toBeLessThan(rows * 1000);
    const lowest = Math.max(...pen.strokes.flatMap((s) => ('y' in s ? [s.y] : [])));
    expect(lowest).toBeLessThan(g.shown);
  });

  it('draws single cells once they are wide enough, and only those in view', () => {
    const pen = new NotingPen();
    paintTrack(pen, large, at({ from: 1000, to: 1040 }, 0));
    const cells = [...pen.filled('decode'), ...pen.filled('prefill')];
    for (const cell of cells) {
      expect(cell.x).toBeGreaterThanOrEqual(100);
      expect(cell.x + cell.width).toBeLessThanOrEqual(1100.001);
      expect(cell.width).toBeLessThan(26);
    }
  });

  it('paints the whole and a part well within a frame', () => {
    const silent = new NotingPen();
    // the best of several, because the machine that runs tests may be busy with other things
    const time = (range: { from: number; to: number }): number => {
      let best = Number.POSITIVE_INFINITY;
      for (let i = 0; i < 20; i++) {
        silent.strokes.length = 0;
        const started = performance.now();
        paintTrack(silent, large, at(range, i * 25));
        best = Math.min(best, performance.now() - started);
      }
      return best;
    };
    expect(time(wholeRange([large], 'time'))).toBeLessThan(16);
    expect(time({ from: 1000, to: 1100 })).toBeLessThan(16);
  });
});

describe('what is under the pointer', () => {
  it('is exact for cells, waits, and what is over', () => {
    expect(describeCell(fixed, 1, 'time', 0.5)).toBe(
      'R2, step 1: prefill, 8 tokens, a token comes out; 0 ms to 1.00 s, 1.00 s',
    );
    expect(describeCell(fixed, 0, 'time', 5.5)).toContain('padding, 1 token thrown away');
    expect(describeCell(joining, 3, 'time', 2.5)).toContain('R4 waits 6.00 s: every slot is taken');
    expect(describeCell(joining, 0, 'steps', 8.5)).toBe('R1 was answered at 2.00 s, in step 2');
  });
});

describe('the caption', () => {
  it('says what ran, who waited, and why', () => {
    expect(describeMoment(fixed, momentAt(fixed, 'time', 5.5))).toBe(
      'decodes one token for R2 and one row for nobody (R1 ended at step 2 and its row is held); R3 and R4 wait: the running batch must finish first.',
    );
    expect(describeMoment(joining, momentAt(joining, 'time', 2.5))).toBe(
      'prefills R3 (8 tokens) and decodes one token for R2; R4 waits: every slot is taken.',
    );
    expect(describeMoment(joining, momentAt(joining, 'steps', 99))).toContain('has answered all');
  });

  it('says that nothing runs, and why: before the first step, between two, idle, and after the last', () => {
    const [first, , , last] = four;
    if (!first || !last) throw new Error('there are four requests');
    const requests = [
      { ...first, arrival: 2 },
      { ...last, arrival: 20 },
    ];
    const late = track('static', { slots: 2 }, requests, { ...twoSlots, cost: { ...unitSteps(), host: 1 } });
    const { start, end } = late.trace.steps.columns;
    const said = (place: number): [string, string] => {
      const moment = momentAt(late, 'time', place);
      return [moment.phase, describeMoment(late, moment)];
    };
    expect(said(1)).toEqual(['before', 'has not begun: its first step starts at 3.00 s.']);
    expect([start[0], end[0], start[1]]).toEqual([3, 4, 5]);
    expect(said(3.5)[0]).toBe('runs');
    expect(said(4.5)).toEqual(['between', 'is between steps 1 and 2.']);
    expect(said(12)).toEqual([
      'idle',
      'is idle: every request that has arrived has ended, and the next one arrives at 20.0 s.',
    ]);
    expect(said(late.end + 1)).toEqual([
      'after',
      `has answered all: its last step ended at ${late.end}.0 s.`,
    ]);
    expect(describeCell(late, 0, 'time', 4.5)).toBe('R1: no step runs here');
    // where one goes on from, a gap belongs to the step before it
    expect([stepAt(late, 'time', 4.5), runningAt(late, 'time', 4.5)]).toEqual([0, undefined]);
  });

  it('counts requests when there are many', () => {
    const many = track(
      'continuous',
      { slots: 8 },
      atOnce(...Array.from({ length: 20 }, () => [8, 4] as const)),
      { limits: { pages: 200 } },
    );
    expect(describeMoment(many, momentAt(many, 'time', 1.5))).toBe(
      'decodes one token each for 8 requests; 12 requests wait: every slot is taken.',
    );
  });
});
