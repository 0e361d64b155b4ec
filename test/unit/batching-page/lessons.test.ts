// Every lesson: its text speaks of figures that its run has, and its null test finds nothing. Every run recorded for one: it is of
// a lesson that there is, and its plans are those that the lesson's recipe gives now.

import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DISAGREEMENTS, disagreementOf, type LessonFacts } from '../../../src/app/batching/lesson.ts';
import { lessons } from '../../../src/app/batching/lessons.ts';
import { readRuns, runFileOf, writeRuns } from '../../../src/app/batching/runs.ts';
import { type Served, serveVirtual } from '../../../src/app/batching/serve.ts';
import { readWanted, serveRequests } from '../../../src/app/batching/spec.ts';
import { unwrap } from '../../../src/core/result.ts';
import { costModels } from '../../../src/engine/devices/index.ts';
import { continuousOverStatic } from '../../../src/engine/metrics/bounds.ts';
import { REQUEST_EVENTS } from '../../../src/engine/trace.ts';
import { makeTrack } from '../../../src/views/batching/make-track.ts';

const cost = costModels.get('illustrative');
if (!cost) throw new Error('the illustrative cost model is missing');

const factsOf = (runs: readonly Served[]): LessonFacts => {
  const tracks = runs.map((run) =>
    makeTrack(run.trace, { key: run.header.strategy, title: '', rule: '', slots: run.header.settings.slots }),
  );
  const [first] = tracks;
  return { tracks, bound: first ? continuousOverStatic([...first.outputs], first.slots) : 1 };
};

const recorded = readdirSync('bench/results/batching').filter((name) => name.endsWith('.json'));
const textOf = (name: string): string => readFileSync(`bench/results/batching/${name}`, 'utf8');
const recordedRuns = (name: string): readonly Served[] => unwrap(readRuns(textOf(name)));

/** Which rows each step computed, and for whom. */
const plansOf = (run: Served) => ({
  strategy: run.header.strategy,
  steps: runFileOf(run).steps.map((step) => step.rows),
});

describe.each([...lessons.values()])('$title', (lesson) => {
  const serve = (work: string): Served[] =>
    serveRequests(unwrap(readWanted({ ...lesson, work, lookahead: 0 })), cost).map((one) =>
      unwrap(serveVirtual(one)),
    );

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

  it('has a recorded run, which says what bounds it, its turn, and what the harness cost', () => {
    const files = recorded.filter((name) => name.startsWith(`${lesson.id}.`));
    expect(files, 'npm run bench -- record-lessons --gpu hardware | swiftshader').not.toEqual([]);
    for (const { header } of files.flatMap(recordedRuns)) {
      expect(header.bound?.explained).toBeGreaterThan(0);
      expect(header.turn).toBeGreaterThanOrEqual(0);
      expect(header.harness?.encode.mean).toBeGreaterThan(0);
    }
  });

  it('has an explanation of its own for whatever bounds a run, and for a run that no bound explains', () => {
    const said = DISAGREEMENTS.map((one) => lesson.disagree[one]);
    expect(new Set(said).size).toBe(4);
    // the floors of an H200's run were launches, and explained 13 % of it: its steps did not cost the same whatever they held
    const launch = { launch: 0.96, bandwidth: 0, compute: 0.04 };
    expect(disagreementOf({ ...launch, explained: 0.13 })).toBe('unexplained');
    expect(lesson.disagree.unexplained).toMatch(/far from every limit/);
    expect(lesson.disagree.unexplained).not.toMatch(/launch-bound|bandwidth-bound|compute-bound/);
    expect([disagreementOf({ ...launch, explained: 0.8 }), disagreementOf(launch)]).toEqual([
      'launch',
      'launch',
    ]);
  });

  it('has a null test that finds nothing', () => {
    const { tracks } = factsOf(serve(lesson.nullTest.work));
    expect(new Set(tracks.map((t) => t.steps)).size).toBe(1);
  });
});

describe.each(recorded)('the recorded %s', (name) => {
  const text = textOf(name);
  const runs = recordedRuns(name);
  const lesson = lessons.get(name.split('.')[0] ?? '');

  it('is of a lesson, and comes back as it was', () => {
    expect(lesson).toBeDefined();
    expect(writeRuns(runs)).toBe(text);
  });

  it('has the plans of the lesson’s recipe, track by track', () => {
    const want = unwrap(readWanted({ ...(lesson ?? expect.fail('no lesson')), lookahead: 0 }));
    // with later arrivals the times of a device decide what is planned together; no lesson has them
    expect(new Set(want.requests.map((request) => request.arrival))).toEqual(new Set([0]));
    const planned = serveRequests(want, cost).map((one) => plansOf(unwrap(serveVirtual(one))));
    expect(runs.length).toBeGreaterThanOrEqual(planned.length);
    for (const [i, run] of runs.entries()) expect(plansOf(run)).toEqual(planned[i % planned.length]);
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

it('Who gets in says the steps of its run', () => {
  const lesson = lessons.get('who-gets-in') ?? expect.fail('no lesson');
  const runs = serveRequests(unwrap(readWanted({ ...lesson, lookahead: 0 })), cost);
  const facts = factsOf(runs.map((one) => unwrap(serveVirtual(one))));
  expect(lesson.answer(facts)).toMatch(/step 11 .* step 1 .* 16 steps against 10/);
  expect(lesson.explanation(facts).join(' ')).toMatch(
    /3 of the 8 pages each, so 2 requests .* at least; .* The runs took 16 and 10, because the longest answer alone takes 10/,
  );
  const pages = facts.tracks.map(({ trace }) =>
    Math.max(...trace.steps.columns.usedPages.subarray(0, trace.steps.length)),
  );
  expect(pages).toEqual([6, 8]);
});

it('Who gets in: where many answers turn out long, somebody is sent back, as it says', () => {
  const lesson = lessons.get('who-gets-in') ?? expect.fail('no lesson');
  const preemptions = (work: string): number[] =>
    serveRequests(unwrap(readWanted({ ...lesson, work, lookahead: 0 })), cost)
      .map((one) => unwrap(serveVirtual(one)).trace.events)
      .map(({ columns, length }) => columns.kind.subarray(0, length))
      .map((kinds) => kinds.filter((kind) => REQUEST_EVENTS[kind] === 'preempted').length);
  expect(preemptions(lesson.work)).toEqual([0, 0]);
  expect(preemptions('8x12,8x12,8x12,8x12')).toEqual([0, 2]);
});
