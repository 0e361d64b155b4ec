// Where the cursor stands when another run of the same kernel has been opened.

import { expect, it } from 'vitest';
import { keptTime } from '../../../src/app/step/kept-time.ts';
import type { Session } from '../../../src/app/step/session.ts';
import { openedOf } from './fake-opened.ts';

const session = (line: string, length: number, pass = 0): Session => {
  const opened = openedOf(length);
  return { opened, recording: opened, lines: [line], subject: { launch: { pass } } } as never;
};

it.each([
  ['the same statement, as often as it had run', session('a = 1;', 80), 60, 60],
  ['as many statements on where the line has gone', session('b = 2;', 80), 60, 60],
  ['the end where the run is too short for that', session('b = 2;', 40), 60, 40],
  ['the start', session('b = 2;', 80), 0, 0],
  ['another pass at its first access where it has no such line', session('b = 2;', 80, 1), 60, 5],
] as const)('keeps %s', (_, next, time, kept) => {
  expect(keptTime(session('a = 1;', 100), time, next)).toBe(kept);
});
