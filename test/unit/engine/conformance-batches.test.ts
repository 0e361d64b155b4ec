// What the strategies promise of who runs with whom, and when: the table of its steps says it (serve.ts).

import { describe, expect, it } from 'vitest';
import type { Request } from '../../../src/engine/request.ts';
import { atOnce, eventLog, firstTokens, serve, stepTable, table } from './serve.ts';

describe('two slots, four requests of 8 tokens, outputs 2, 8, 4, 6', () => {
  const four = atOnce([8, 2], [8, 8], [8, 4], [8, 6]);
  const limits = { pageSize: 8, pages: 64 };

  it('serial: 20 steps', () => {
    const { trace } = serve('serial', {}, four, { limits });
    expect(trace.steps.length).toBe(20);
    expect(firstTokens(trace)).toEqual([1, 3, 11, 15]);
  });

  it('static: 14 steps, first tokens at 1, 1, 9, 9; finished rows are held', () => {
    const { trace } = serve('static', { slots: 2 }, four, { limits });
    expect(firstTokens(trace)).toEqual([1, 1, 9, 9]);
    expect(stepTable(trace)).toBe(
      table(`
      step 1   2  3  4  5  6  7  8  9   10 11 12 13 14
      r0   p8* d* =  =  =  =  =  =
      r1   p8* d* d* d* d* d* d* d*
      r2                            p8* d* d* d* =  =
      r3                            p8* d* d* d* d* d*`),
    );
  });

  it('static, shrinking: the same steps without the held rows', () => {
    const { trace } = serve('static', { slots: 2, finished: 'shrink' }, four, { limits });
    expect(trace.steps.length).toBe(14);
    expect(stepTable(trace)).not.toContain('=');
  });

  it.each(['static', 'dynamic'])(
    '%s: rows are padded to the longest of those that the pages let in',
    (id) => {
      // 4 pages of 8: the first two reserve all of them, the long third waits and makes no row longer
      const small = { pageSize: 8, pages: 4, window: 32 };
      const { trace } = serve(id, { slots: 3 }, atOnce([4, 2], [8, 2], [24, 2]), { limits: small });
      expect(stepTable(trace)).toBe(
        table(`
      step 1     2  3    4
      r0   p4*=4 d*
      r1   p8*   d*
      r2            p24* d*`),
      );
      expect(eventLog(trace, 'waits')).toEqual(['waits r2 step 1: pages', 'waits r2 step 2: batch']);
    },
  );

  it('continuous: 12 steps, first tokens at 1, 1, 3, 7', () => {
    const { trace } = serve('continuous', { slots: 2 }, four, { limits });
    expect(firstTokens(trace)).toEqual([1, 1, 3, 7]);
    expect(stepTable(trace)).toBe(
      table(`
      step 1   2  3   4  5  6  7   8  9  10 11 12
      r0   p8* d*
      r1   p8* d* d*  d* d* d* d*  d*
      r2          p8* d* d* d*
      r3                       p8* d* d* d* d* d*`),
    );
  });

  it('prefill first: 12 steps, decodes stall twice', () => {
    const { trace } = serve('prefill-first', { slots: 2 }, four, { limits });
    expect(stepTable(trace)).toBe(
      table(`
      step 1   2  3   4  5  6  7   8  9  10 11 12
      r0   p8* d*
      r1   p8* d*     d* d* d*     d* d* d*
      r2          p8* d* d* d*
      r3                       p8* d* d* d* d* d*`),
    );
    expect(eventLog(trace, 'waits').filter((line) => line.endsWith('prefill-first'))).toEqual([
      'waits r1 step 3: prefill-first',
      'waits r1 step 7: prefill-first',
    ]);
  });

  it('chunked with 8 tokens: 14 steps, never more than 8 tokens, no decode skipped', () => {
    const { trace } = serve('chunked', { slots: 2, budget: 8 }, four, { limits });
    expect(stepTable(trace)).toBe(
      table(`
      step 1   2  3  4  5  6  7  8  9  10 11 12 13 14
      r0   p8* d*
      r1       p7 p* d* d* d* d* d* d* d*
      r2          p7 p* d* d* d*
      r3                         p7 p* d* d* d* d* d*`),
    );
  });
});

describe('token budget of 1024, 3 slots, prompts 800, 800, 10, 10', () => {
  const four = atOnce([800, 2], [800, 2], [10, 2], [10, 2]);

  it('chunking: the first step runs 800 and 224, and the short ones wait for the budget', () => {
    const { trace } = serve('unified', { slots: 3, budget: 1024 }, four);
    expect(stepTable(trace)).toBe(
      table(`
      step 1     2     3    4
      r0   p800* d*
      r1   p224  p576* d*
      r2         p10*  d*
      r3               p10* d*`),
    );
    expect(eventLog(trace, 'waits').slice(0, 2)).toEqual([
      'waits r2 step 1: token-budget',
      'waits r3 step 1: token-budget',
    ]);
  });

  it('no chunking: the first step runs 800 alone; nobody overtakes', () => {
    const { trace } = serve('unified', { slots: 3, budget: 1024, chunking: false }, four);
    expect(stepTable(trace)).toBe(
      table(`
      step 1     2     3    4
      r0   p800* d*
      r1         p800* d*
      r2         p10*  d*
      r3               p10* d*`),
    );
    expect(eventLog(trace, 'waits').slice(0, 3)).toEqual([
      'waits r1 step 1: token-budget',
      'waits r2 step 1: head-of-line',
      'waits r3 step 1: head-of-line',
    ]);
  });

  it('no chunking, overtaking allowed: the short ones run beside the first', () => {
    const { trace } = serve('unified', { slots: 3, budget: 1024, chunking: false, overtake: true }, four);
    expect(firstTokens(trace)).toEqual([1, 3, 1, 1]);
  });

  it('a prompt larger than the budget that may not be cut runs alone', () => {
    const { trace } = serve('unified', { budget: 100, chunking: false }, atOnce([10, 2], [800, 2], [10, 2]));
    expect(stepTable(trace)).toBe(
      table(`
      step 1    2  3     4    5
      r0   p10* d*
      r1           p800* d*
      r2                 p10* d*`),
    );
  });
});

describe('prefill first, prompts larger than the budget', () => {
  it('each runs in a step of its own, beside residents that have not finished', () => {
    const { trace } = serve('prefill-first', { slots: 3, budget: 100 }, atOnce([800, 3], [10, 2], [800, 2]));
    expect(stepTable(trace)).toBe(
      table(`
      step 1     2    3     4  5
      r0   p800*            d* d*
      r1         p10*       d*
      r2              p800* d*`),
    );
    expect(eventLog(trace, 'waits').slice(0, 2)).toEqual([
      'waits r1 step 1: token-budget',
      'waits r2 step 1: token-budget',
    ]);
  });

  it('a prompt joins residents as they decode', () => {
    const late = { id: 1, arrival: 2, prompt: [{ seed: 2, length: 800 }], maxTokens: 2 };
    const { trace } = serve('prefill-first', { budget: 100 }, [...atOnce([10, 5]), late]);
    expect(stepTable(trace)).toBe(
      table(`
      step 1    2  3     4  5  6
      r0   p10* d*       d* d* d*
      r1           p800* d*`),
    );
  });
});

describe('overtaking', () => {
  it('who stands behind more requests than are looked at waits for those, not for a slot', () => {
    // the first takes all but one page; nobody else fits, and slots are free
    const requests = atOnce([40, 8], ...Array.from({ length: 60 }, () => [40, 8] as const));
    const { trace } = serve('unified', { slots: 4, overtake: true, memory: 'prefix' }, requests, {
      limits: { pages: 4, pageSize: 16, window: 64 },
    });
    const first = eventLog(trace, 'waits').filter((line) => line.includes('step 1:'));
    expect(first.at(0)).toBe('waits r1 step 1: pages');
    expect(first.at(-1)).toBe('waits r60 step 1: head-of-line');
    expect(first.some((line) => line.endsWith('slots'))).toBe(false);
  });
});

describe('dynamic batching', () => {
  const late = (...arrivals: number[]) =>
    atOnce(...arrivals.map(() => [8, 2] as const)).map((r, i) => ({ ...r, arrival: arrivals[i] as number }));
  const starts = (knobs: Record<string, number | string>, ...arrivals: number[]) => {
    const { trace } = serve('dynamic', { slots: 4, ...knobs }, late(...arrivals));
    return firstTokens(trace).map((step) => trace.steps.columns.start[step - 1]);
  };
  it('without delay sends what there is', () => {
    expect(starts({}, 0, 0.5, 0.6)).toEqual([0, 2, 2]);
  });
  it('waits for the preferred size, or until the oldest has waited long enough', () => {
    const knobs = { preferredSizes: '2,4', maxQueueDelay: 3e6 };
    expect(starts(knobs, 0, 1)).toEqual([1, 1]);
    expect(starts(knobs, 0)).toEqual([3]);
    expect(starts(knobs, 0, 0, 0)).toEqual([0, 0, 3]);
  });
});

describe('order of admission', () => {
  const mixed: Request[] = [
    [30, 3, 9],
    [10, 9, 5],
    [20, 5, 1],
  ].map(([prompt, output, deadline], id) => ({
    id,
    arrival: 0,
    prompt: [{ seed: id, length: prompt as number }],
    maxTokens: output as number,
    deadline: deadline as number,
    priority: 2 - id,
  }));
  it.each([
    ['fcfs', [0, 1, 2]],
    ['priority', [2, 1, 0]],
    ['shortest-input', [1, 2, 0]],
    ['longest-input', [0, 2, 1]],
    ['shortest-output', [0, 2, 1]],
    ['longest-output', [1, 2, 0]],
    ['deadline', [2, 1, 0]],
  ])('%s', (order, ids) => {
    const { trace } = serve('serial', { order }, mixed);
    expect(eventLog(trace, 'admitted').map((line) => Number(line[10]))).toEqual(ids);
  });
});
