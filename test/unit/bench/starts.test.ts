// The report of starts: what each took, with its spread, from either state.

import { expect, it } from 'vitest';
import { type StartReport, startRow, startText } from '../../../bench/start-report.ts';

it('starts are told with their spread, and where they were taken', () => {
  const starts = [1, 2, 3].map((s) => ({ listens: s / 10, painted: s }));
  const report: StartReport = {
    ...{ schema: 'lockstep-start', version: 1, what: 'first-picture', date: '', commit: null, command: '' },
    ...{ machine: '2 × a processor', browser: 'Chromium 156', flags: [] },
    device: { name: 'google swiftshader', fallback: true },
    names: { listens: 'listens after', painted: 'first picture' },
    results: [startRow('installed', starts, ['listens', 'painted'])],
  };
  expect(report.results[0]?.seconds).toEqual({ listens: [0.1, 0.2, 0.3], painted: [1, 2, 3] });
  expect(report.results[0]?.spread['painted']).toMatchObject({ median: 2, n: 3 });
  expect(startText(report).split('\n')).toEqual([
    '2 × a processor; Chromium 156; google swiftshader, a CPU',
    'installed: listens after 0.20 s (p10–p90 0.12–0.28), first picture 2.00 s (p10–p90 1.20–2.80); 3 starts',
  ]);
});
