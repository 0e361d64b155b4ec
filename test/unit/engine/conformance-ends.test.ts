// How an answer ends: by what, and what a step that was planned ahead makes of it.

import { describe, expect, it } from 'vitest';
import type { Request } from '../../../src/engine/request.ts';
import { atOnce, eventLog, outputs, serve, stepTable, table } from './serve.ts';

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
