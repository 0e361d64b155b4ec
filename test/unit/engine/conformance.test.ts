// The observable behaviour that the batching strategies promise, each with the table of its steps. How to
// read a table: p8 prefills 8 tokens, d decodes, r recomputes, = is padding, ! overrun, * a token came out.
import { describe, expect, it } from 'vitest';
import type { Request } from '../../../src/engine/request.ts';
import { atOnce, eventLog, firstTokens, outputs, serve, stepTable } from './serve.ts';

const table = (text: string): string =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join('\n');

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
    // the first takes all but two pages; nobody else fits, and slots are free
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

describe('planning ahead', () => {
  it('finds an end one step late: the row counts as overrun, and no token of it comes out', () => {
    const request: Request = {
      id: 0,
      arrival: 0,
      prompt: [{ seed: 1, length: 8 }],
      maxTokens: 9,
      endsAfter: 3,
    };
    const exact = serve('continuous', {}, [request]);
    const ahead = serve('continuous', {}, [request], { lookahead: 1 });
    expect(stepTable(ahead.trace)).toBe(
      table(`
      step 1   2  3  4
      r0   p8* d* d* !`),
    );
    expect(outputs(ahead.trace)).toEqual(outputs(exact.trace));
  });

  it('an end by the declared limit is known in time', () => {
    expect(stepTable(serve('continuous', {}, atOnce([8, 3]), { lookahead: 1 }).trace)).not.toContain('!');
  });
});

describe('how an answer ends', () => {
  const base: Request = { id: 0, arrival: 0, prompt: [{ seed: 1, length: 8 }], maxTokens: 12 };
  const text = outputs(serve('serial', {}, [base]).trace).get(0) ?? [];
  const end = (extra: Partial<Request>) => {
    const { trace } = serve('serial', {}, [{ ...base, ...extra }]);
    return `${eventLog(trace, 'finished', 'aborted')[0]?.split(': ')[1]} after ${outputs(trace).get(0)?.length ?? 0}`;
  };
  it('by the limit, the end token, a stop sequence, the workload, or the client', () => {
    const token = text[4] as number;
    expect(new Set(text).size).toBe(text.length);
    expect(end({})).toBe('length after 12');
    expect(end({ stop: { endToken: token } })).toBe('end after 5');
    expect(end({ stop: { endToken: token, minTokens: 6 } })).toBe('length after 12');
    expect(end({ stop: { endToken: token, ignoreEnd: true } })).toBe('length after 12');
    expect(end({ stop: { sequences: [[text[2] as number, text[3] as number]] } })).toBe('stop after 4');
    expect(end({ endsAfter: 7 })).toBe('end after 7');
    expect(end({ endsAfter: 7, stop: { ignoreEnd: true } })).toBe('length after 12');
    expect(end({ abortAt: 4.5 })).toBe('abort after 5');
  });
  it('an abort while waiting', () => {
    const { trace } = serve('serial', {}, [base, { ...base, id: 1, abortAt: 3 }]);
    expect(eventLog(trace, 'aborted')).toEqual(['aborted r1 step 4: abort']);
    expect(outputs(trace).has(1)).toBe(false);
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
