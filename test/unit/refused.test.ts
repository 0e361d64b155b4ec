import { expect, it } from 'vitest';
import { failure } from '../../src/core/result.ts';
import { cancelled } from '../../src/model/stopped.ts';
import { refused } from '../../src/worker/refused.ts';

it('a failure from a room below is refused with its text; cancelling stays cancelling', () => {
  const full = failure('out-of-memory', 'No memory left for the pool.', 'Ask for fewer pages.');
  expect(refused(full)).toEqual({ ok: false, error: { ...full, code: 'refused' } });
  const ended = cancelled('Loading');
  expect(refused(ended)).toEqual({ ok: false, error: ended });
});
