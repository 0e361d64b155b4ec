// What the strategies promise of memory: what is reserved, preempted, found again and shared.

import { describe, expect, it } from 'vitest';
import type { Request } from '../../../src/engine/request.ts';
import { atOnce, eventLog, outputs, serve, stepTable, table } from './serve.ts';

describe('pages run out', () => {
  const run = (memory: string) =>
    serve('unified', { memory }, atOnce([80, 4], [80, 4]), { limits: { pages: 10, pageSize: 16 } });

  it('the last admitted is preempted, stands first in line, and resumes with prompt + output', () => {
    const three = serve('unified', { memory: 'paged', slots: 2 }, atOnce([80, 4], [80, 4], [16, 1]), {
      limits: { pages: 10, pageSize: 16 },
    });
    expect(stepTable(three.trace)).toBe(
      table(`
      step 1    2  3  4  5     6  7
      r0   p80* d* d* d*
      r1   p80*          r80d* d* d*
      r2                 p16*`),
    );
    expect(eventLog(three.trace, 'preempted', 'admitted')).toEqual([
      'admitted r0 step 1: 0',
      'admitted r1 step 1: 0',
      'preempted r1 step 2: 80',
      'admitted r1 step 5: 0',
      'admitted r2 step 5: 0',
    ]);
  });

  it('all its pages go back, and nothing is emitted twice', () => {
    const { trace } = run('paged');
    expect(trace.steps.columns.usedPages.slice(0, 2)).toEqual(Uint32Array.of(10, 6));
    expect([...outputs(trace).values()].map((text) => text.length)).toEqual([4, 4]);
    const roomy = serve('unified', { memory: 'paged' }, atOnce([80, 4], [80, 4]));
    expect(outputs(trace)).toEqual(outputs(roomy.trace));
  });

  it('with the prefix cache it finds its own committed pages that nobody took', () => {
    // one of its five pages was taken by the other's decode: the tail, so four full pages are found again
    expect(eventLog(run('prefix').trace, 'admitted').at(-1)).toBe('admitted r1 step 5: 64');
  });

  it('nobody is admitted in a step that preempted', () => {
    const { trace } = serve('unified', { memory: 'paged' }, atOnce([80, 4], [80, 4], [16, 2]), {
      limits: { pages: 10, pageSize: 16 },
    });
    const log = eventLog(trace, 'preempted', 'waits', 'admitted');
    for (const line of log.filter((l) => l.startsWith('preempted'))) {
      const step = line.match(/step \d+/)?.[0];
      expect(log.filter((l) => l.startsWith('admitted') && l.includes(`${step}:`))).toEqual([]);
    }
    expect(log.some((line) => line.startsWith('preempted'))).toBe(true);
  });
});

describe('prefix cache', () => {
  const prompt = (length: number, tail: number): Request['prompt'] => [
    { seed: 77, length },
    { seed: tail, length: 4 },
  ];
  const request = (id: number, arrival: number, parts: Request['prompt'], maxTokens = 2): Request => ({
    id,
    arrival,
    prompt: parts,
    maxTokens,
  });

  it('shares full pages only, never partial ones', () => {
    const { trace } = serve('unified', {}, [request(0, 0, prompt(40, 1)), request(1, 1, prompt(40, 2))]);
    expect(eventLog(trace, 'admitted')).toEqual(['admitted r0 step 1: 0', 'admitted r1 step 2: 32']);
  });

  it('a prompt wholly in the cache still computes its last page', () => {
    const same: Request['prompt'] = [{ seed: 5, length: 48 }];
    const { trace } = serve('unified', {}, [request(0, 0, same), request(1, 1, same)]);
    expect(eventLog(trace, 'admitted').at(-1)).toBe('admitted r1 step 2: 32');
    expect(outputs(trace).get(1)).toEqual(outputs(trace).get(0));
  });

  it('shares nothing within one step', () => {
    const same: Request['prompt'] = [{ seed: 5, length: 48 }];
    const { trace } = serve('unified', {}, [request(0, 0, same), request(1, 0, same)]);
    expect(eventLog(trace, 'admitted')).toEqual(['admitted r0 step 1: 0', 'admitted r1 step 1: 0']);
  });

  it('separates salts', () => {
    const same: Request['prompt'] = [{ seed: 5, length: 48 }];
    const { trace } = serve('unified', {}, [request(0, 0, same), { ...request(1, 1, same), cacheSalt: 9 }]);
    expect(eventLog(trace, 'admitted').at(-1)).toBe('admitted r1 step 2: 0');
  });

  it('a request preempted in mid-prefill leaves its full committed pages to be found', () => {
    const { trace } = serve('unified', { budget: 40, slots: 2 }, atOnce([60, 30], [100, 2]), {
      limits: { pages: 8, pageSize: 16, window: 112 },
    });
    const log = eventLog(trace, 'preempted', 'admitted');
    const readmitted = log.filter((line) => line.startsWith('admitted r1')).at(-1) ?? '';
    expect(log.some((line) => line.startsWith('preempted r1'))).toBe(true);
    expect(Number(readmitted.split(': ')[1])).toBeGreaterThan(0);
    expect(Number(readmitted.split(': ')[1]) % 16).toBe(0);
  });
});

describe('n answers to one prompt', () => {
  const n: Request[] = [0, 1, 2].map((id) => ({
    id,
    arrival: 0,
    prompt: [{ seed: 3, length: 21 }],
    maxTokens: 5,
    sampling: { temperature: 1, seed: 10 + id },
    ...(id > 0 ? { forkOf: 0 } : {}),
  }));

  it('share the prompt, its partial page included, until each writes', () => {
    const { trace } = serve('unified', { memory: 'paged' }, n);
    expect(eventLog(trace, 'admitted').slice(1)).toEqual([
      'admitted r1 step 2: 20',
      'admitted r2 step 2: 20',
    ]);
    // pages: 2 for the first; each fork copies the partial page and shares the full one
    expect(trace.steps.columns.usedPages.slice(0, 2)).toEqual(Uint32Array.of(2, 4));
  });

  it('answer as they would alone', () => {
    const shared = outputs(serve('unified', { memory: 'paged' }, n).trace);
    const alone = n.map(({ forkOf, ...request }) => request);
    expect(shared).toEqual(outputs(serve('unified', { memory: 'paged' }, alone).trace));
    expect(new Set([...shared.values()].map(String)).size).toBe(3);
  });
});

describe('memory rules', () => {
  it('reserve takes the declared limit at once; paged takes pages as they come', () => {
    const used = (memory: string) =>
      serve('continuous', { memory }, atOnce([16, 48])).trace.steps.columns.usedPages[0];
    expect([used('reserve'), used('paged')]).toEqual([4, 1]);
  });
  it('the watermark holds back an admission, and says so', () => {
    const { trace } = serve('continuous', { memory: 'paged', watermark: 0.3 }, atOnce([32, 2], [80, 2]), {
      limits: { pages: 10, pageSize: 16, window: 160 },
    });
    expect(eventLog(trace, 'waits')).toEqual([]);
    const tight = serve('continuous', { memory: 'paged', watermark: 0.4 }, atOnce([32, 2], [80, 2]), {
      limits: { pages: 10, pageSize: 16, window: 160 },
    });
    expect(eventLog(tight.trace, 'waits')).toEqual(['waits r1 step 1: watermark']);
  });
  it('no-evict admission never preempts', () => {
    const limits = { pages: 10, pageSize: 16, window: 160 };
    const two = atOnce([60, 60], [60, 60]);
    const free = serve('unified', { memory: 'paged' }, two, { limits });
    const safe = serve('unified', { memory: 'paged', admission: 'no-evict' }, two, { limits });
    expect(eventLog(free.trace, 'preempted').length).toBeGreaterThan(0);
    expect(eventLog(safe.trace, 'preempted')).toEqual([]);
    expect(eventLog(safe.trace, 'waits')[0]).toBe('waits r1 step 1: no-evict');
  });
});
