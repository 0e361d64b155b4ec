// A result link: small enough for the comparison that the page takes by itself, the same figures and spread for who opens it, and a
// reader that refuses what it cannot read.

import fc from 'fast-check';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { answeredOf, doubtsOf, lanesOf } from '../../../src/app/batching/lanes.ts';
import { completed, readLink, readResult, writeResult } from '../../../src/app/batching/result-link.ts';
import { writeRuns } from '../../../src/app/batching/runs.ts';
import { type Served, serveVirtual } from '../../../src/app/batching/serve.ts';
import type { Shown } from '../../../src/app/batching/shown.ts';
import { limitsOnGpu, readWanted, serveRequests } from '../../../src/app/batching/spec.ts';
import { pack } from '../../../src/app/packed.ts';
import { prng } from '../../../src/core/prng.ts';
import { unwrap } from '../../../src/core/result.ts';
import { costModels } from '../../../src/engine/devices/index.ts';
import { presets } from '../../../src/model/presets.ts';
import { differencesOf } from '../../../src/views/batching/differences.ts';
import { sameOutputs } from '../../../src/views/batching/same-outputs.ts';
import { FACTS, factOf, wholeRuns } from '../../../src/views/batching/summary.ts';
import { change, ODD } from '../engine/odd.ts';
import { stubPage } from '../page-globals.ts';

const cost = costModels.get('illustrative') ?? expect.fail('the cost model is missing');
const LONGEST = 16_384;

/** Turns of a comparison as a device gives them: steps of noisy lengths, one turn after the other. */
function measured(turns: number, requests: number, tracks = ['static', 'continuous']): Served[] {
  const work = `synthetic,requests:${requests}`;
  const asked = unwrap(readWanted({ tracks, work, pages: 0, pageSize: 0, lookahead: 0, cost }));
  const want = { ...asked, limits: limitsOnGpu(asked.limits, presets['SmolLM2-135M']) };
  const random = prng(7);
  return Array.from({ length: turns }, (_, turn) =>
    serveRequests(want, cost).map((request, i) => {
      const seconds = { ...cost.seconds, step: cost.seconds.step * (1 + 0.1 * random.next()) };
      const run = unwrap(serveVirtual({ ...request, cost: { ...cost, seconds } }));
      const lag = { waits: 1, mean: 1e-5, max: 1e-4 * (turn + 1) };
      const mean = { mean: 1e-4 * random.next(), p90: 2e-4 };
      const header = {
        ...run.header,
        clock: 'wall',
        device: 'a GPU',
        date: new Date(Date.UTC(2026, 10, 20, 10, 0, turn * tracks.length + i)).toISOString(),
        numerics: { model: 'SmolLM2-135M', weights: 'f16', kv: 'f16', standing: 'kept' },
        turn,
        bound: { launch: 0.5 + 0.01 * turn, bandwidth: 0.5 - 0.01 * turn, compute: 0 },
        harness: { lag, encode: mean, between: mean },
      } as const;
      return { ...run, header };
    }),
  ).flat();
}

let shownOf: typeof import('../../../src/app/batching/shown.ts')['shownOf'];
beforeAll(async () => {
  stubPage('#/batching');
  vi.resetModules();
  ({ shownOf } = await import('../../../src/app/batching/shown.ts'));
});

const shownAs = (source: 'yours' | 'link', runs: readonly Served[], told = {}): Shown =>
  shownOf(source, runs, told) ?? expect.fail('there are runs');

function reopened(text: string): Shown {
  const { linked, ...read } = unwrap(readResult(text));
  const next = shownAs('link', read.runs, read);
  return linked ? completed(next, linked) : next;
}

/** All that stands below the tracks. */
function figuresOf(shown: Shown) {
  const facts = shown.lanes.map((lane) => FACTS.map((fact) => factOf(fact, lane)));
  const [first = [], ...rivals] = facts;
  return { ...toldOf(shown), facts, differences: differencesOf(FACTS, first, rivals, shown.taken) };
}

const toldOf = (shown: Shown) => ({
  taken: shown.taken,
  of: shown.of,
  invalid: shown.invalid,
  date: shown.date,
  device: shown.device,
  standing: shown.standing,
  lanes: shown.lanes.map((lane) => {
    const { cut, bound, harness, key, limits, memory, track } = lane;
    const drawn = { title: track.title, steps: track.steps, cells: track.cells, waits: track.waits.reason };
    return { cut, bound, harness, key, limits, memory, whole: wholeRuns(lane).length, ...drawn };
  }),
});

describe('the comparison that the page takes by itself', () => {
  const runs = measured(8, 16);

  it('fits into a link, which all its runs together would not', async () => {
    const shown = shownAs('yours', runs, { of: 64 });
    expect(shown.lanes.map((lane) => lane.track.steps)).toEqual([94, 90]);
    const [link, whole] = await Promise.all([pack(writeResult(shown)), pack(writeRuns(runs))]);
    console.log(
      `eight turns of 94 and 90 steps: a link of ${link.length} characters, ${whole.length} with every run`,
    );
    expect(whole.length).toBeGreaterThan(LONGEST);
    expect(link.length).toBeLessThan(LONGEST / 2);
  });

  it('has the same figures, spread and verdicts where the link is opened', () => {
    const shown = shownAs('yours', runs, { of: 64 });
    const copy = reopened(writeResult(shown));
    expect(figuresOf(copy)).toEqual({ ...figuresOf(shown), date: copy.date });
    expect(copy.lanes.map(({ runs: carried }) => carried.length)).toEqual([1, 1]);
    expect(sameOutputs(answeredOf(copy.lanes))).toEqual(sameOutputs(answeredOf(shown.lanes)));
    for (const [i, { track }] of copy.lanes.entries()) {
      const drawn = shown.lanes[i]?.track;
      for (const name of ['start', 'end'] as const)
        track.trace.steps.columns[name].slice(0, track.steps).forEach((time, s) => {
          expect(Math.abs(time - (drawn?.trace.steps.columns[name][s] ?? 0))).toBeLessThan(1e-9);
        });
    }
    // a link may be made of what a link has brought
    expect(figuresOf(reopened(writeResult(copy)))).toEqual(figuresOf(copy));
  });
});

it('tracks of one strategy, a lane whose every run was cut and a doubt come along', () => {
  const runs = measured(3, 9, ['continuous,slots:2', 'continuous,slots:3', 'static', 'serial']);
  const keys = runs.map(
    (_, i) => ['continuous,slots:2', 'continuous,slots:3', 'static', 'serial'][i % 4] ?? '',
  );
  const cut = runs.map((run, i) => {
    if (i % 4 !== 2) return run;
    return { ...run, header: { ...run.header, incomplete: 'The run was cancelled.', invalid: ['a doubt'] } };
  });
  const shown = shownAs('yours', cut, { keys });
  const copy = reopened(writeResult(shown));
  expect(figuresOf(copy)).toEqual({ ...figuresOf(shown), date: copy.date });
  expect(copy.lanes.map((lane) => lane.cut)).toEqual([0, 0, 3, 0]);
  expect(copy.invalid).toEqual(doubtsOf(lanesOf(cut, keys)));
});

it('says that answers differ where the run that shows it stays behind', () => {
  const runs = measured(3, 8);
  const drawn = shownAs('yours', runs).lanes.map(({ track }) => track.trace);
  const odd = runs.find(({ trace }) => !drawn.includes(trace)) ?? expect.fail('every run is drawn');
  const ids = odd.trace.tokens.columns.id;
  ids[3] = (ids[3] as number) ^ 1;
  const shown = shownAs('yours', runs);
  expect(sameOutputs(answeredOf(shown.lanes)).kind).toBe('different');
  expect(reopened(writeResult(shown)).invalid).toEqual(['the answers of its runs differ']);
});

it('a link of before, a set of run files, opens with every run', async () => {
  const runs = measured(3, 8);
  const read = unwrap(await readLink(await pack(writeRuns(runs))));
  expect([read.linked, read.runs.length]).toEqual([null, 6]);
});

describe('what cannot be read', () => {
  const text = writeResult;
  const linked = () => JSON.parse(text(shownAs('yours', measured(2, 8))));

  it.each([
    [{ version: 2 }, 'The result in the link has version 2; this build reads 1.'],
    [{ taken: 'twice' }, '"taken" is "twice"'],
    [{ lanes: [] }, 'it has 0 tracks'],
    [{ facts: ['worst-ttft'] }, 'a turn of "static" has not 1 figures'],
  ])('%j is named', (part, message) => {
    const read = readResult(JSON.stringify({ ...linked(), ...part }));
    expect(read.ok ? '' : read.error.message).toContain(message);
  });

  it('a turn that no comparison has is named', () => {
    const data = linked();
    data.lanes[0].run.header.turn = 2 ** 33;
    const read = readResult(JSON.stringify(data));
    expect(read.ok ? '' : read.error.message).toContain('"header.turn" is 8589934592');
  });

  it('whatever is changed, it opens or a failure says why', () => {
    const whole = JSON.stringify(linked());
    let failed = 0;
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(), fc.constantFrom(...ODD)), { minLength: 1, maxLength: 2 }),
        (changes) => {
          const data: unknown = JSON.parse(whole);
          for (const [at, value] of changes) change(data, at, structuredClone(value));
          const read = readResult(JSON.stringify(data));
          if (read.ok) figuresOf(reopened(JSON.stringify(data)));
          else {
            failed++;
            expect(read.error.message).toMatch(/^(The (run|result)|This JSON)/);
          }
        },
      ),
      { numRuns: 400 },
    );
    expect(failed).toBeGreaterThan(100);
  });
});
