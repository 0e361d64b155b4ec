// Every lesson: its recorded run is what its recipe gives now, its text speaks of figures that the run has, and its null
// test finds nothing.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { LessonFacts } from '../../../src/app/batching/lesson.ts';
import { lessons } from '../../../src/app/batching/lessons.ts';
import { readRuns, writeRuns } from '../../../src/app/batching/runs.ts';
import { type Served, serveVirtual } from '../../../src/app/batching/serve.ts';
import { readWanted, serveRequests } from '../../../src/app/batching/spec.ts';
import { unwrap } from '../../../src/core/result.ts';
import { costModels } from '../../../src/engine/devices/index.ts';
import { continuousOverStatic } from '../../../src/engine/metrics/bounds.ts';
import { makeTrack } from '../../../src/views/batching/track.ts';

const cost = costModels.get('illustrative');
if (!cost) throw new Error('the illustrative cost model is missing');

const factsOf = (runs: readonly Served[]): LessonFacts => {
  const tracks = runs.map((run) =>
    makeTrack(run.trace, { key: run.header.strategy, title: '', rule: '', slots: run.header.settings.slots }),
  );
  const [first] = tracks;
  return { tracks, bound: first ? continuousOverStatic([...first.outputs], first.slots) : 1 };
};

describe.each([...lessons.values()])('$title', (lesson) => {
  const serve = (work: string): Served[] =>
    serveRequests(unwrap(readWanted({ ...lesson, work, lookahead: 0 })), cost).map((one) =>
      unwrap(serveVirtual(one)),
    );

  it('opens with a recorded run that the virtual clock still gives', () => {
    const recorded = readFileSync(`bench/results/batching/${lesson.id}.virtual.json`, 'utf8');
    expect(writeRuns(unwrap(readRuns(recorded)))).toBe(recorded);
    expect(writeRuns(serve(lesson.work))).toBe(recorded);
  });

  it('asks about requests and tracks that exist', () => {
    const { tracks } = factsOf(serve(lesson.work));
    for (const mark of lesson.marks)
      expect(tracks[mark.track]?.firstToken[mark.request - 1]).toBeGreaterThan(0);
  });

  it('answers in figures of the run, without gaps', () => {
    const facts = factsOf(serve(lesson.work));
    for (const text of [lesson.answer(facts), ...lesson.explanation(facts)]) {
      expect(text).not.toMatch(/NaN|undefined|Infinity/);
      expect(text.length).toBeGreaterThan(40);
    }
  });

  it('has a null test that finds nothing', () => {
    const { tracks } = factsOf(serve(lesson.nullTest.work));
    expect(new Set(tracks.map((t) => t.steps)).size).toBe(1);
  });
});

it('Joining says the steps of the two-slot case', () => {
  const lesson = lessons.get('joining');
  const runs = serveRequests(
    unwrap(
      readWanted({
        tracks: ['static,slots:2', 'continuous,slots:2'],
        work: '8x2,8x8,8x4,8x6',
        pages: 20,
        pageSize: 4,
        lookahead: 0,
      }),
    ),
    cost,
  );
  const text = lesson?.answer(factsOf(runs.map((one) => unwrap(serveVirtual(one)))));
  expect(text).toMatch(/step 9 .* step 3 .* 14 steps against 12/);
});
