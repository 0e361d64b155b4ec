// Where keys lead. The step keys stop at every step of the chosen track, then at those of the track that goes on longest.

import { beforeEach, describe, expect, it, vi } from 'vitest';
import { scrollFor } from '../../../src/app/batching/geometry.ts';
import { AXIS_MODES, endOf, startOf } from '../../../src/views/batching/axis.ts';
import { stopAt, stopsOf } from '../../../src/views/batching/stops.ts';
import { turningSteps } from '../../../src/views/batching/track.ts';
import { stubPage } from '../page-globals.ts';
import { track } from './scene.ts';

const short = track('static', { slots: 2 });
const long = track('serial', {});

describe.each(AXIS_MODES)('stops on an axis of %s', (mode) => {
  it('are the steps of a track, and past its end those of the longest', () => {
    expect(long.steps).toBeGreaterThan(short.steps);
    const end = endOf(short, mode, short.steps - 1);
    const stops = stopsOf(short, long, mode);
    const past = stops.slice(short.steps);
    const later = Array.from({ length: long.steps }, (_, s) => endOf(long, mode, s)).filter((at) => at > end);
    expect(past).toHaveLength(later.length);
    expect(later.length).toBeGreaterThan(1);
    expect(past.every(({ at, from }) => at > end && from >= end)).toBe(true);
    expect(past.at(-1)?.at).toBe(
      (startOf(long, mode, long.steps - 1) + endOf(long, mode, long.steps - 1)) / 2,
    );
    const places = stops.map(({ at }) => at);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(places.map((at) => stopAt(stops, endOf(long, mode, long.steps - 1), at))).toEqual([
      ...stops.keys(),
    ]);
    expect(stopAt(stops, end, -1)).toBe(-1);
  });

  it('of the longest track are its own', () => {
    const stops = stopsOf(long, long, mode);
    expect(stops).toHaveLength(long.steps);
    expect(stops.flatMap(({ turns }, i) => (turns ? [i] : []))).toEqual(
      turningSteps(long).filter((s) => s < long.steps),
    );
  });
});

it('rows are scrolled as little as brings one into view', () => {
  const rows = { rowHeight: 3, total: 3000, shown: 198 };
  expect(scrollFor(rows, 10, 0)).toBe(0);
  expect(scrollFor(rows, 699, 0)).toBe(700 * 3 - 198);
  expect(scrollFor(rows, 699, 2000)).toBe(2000);
  expect(scrollFor(rows, 5, 2000)).toBe(15);
});

describe('the keys', () => {
  beforeEach(() => vi.resetModules());

  async function page(params: string) {
    stubPage(
      `#/batching?lesson=none&from=virtual&work=8x2,8x8,8x4,8x6&pages=20&page=4&axis=steps&tracks=static,slots:2~serial&${params}`,
    );
    const [{ follow }, cursor, { stepBy, jump }, { batching }] = await Promise.all([
      import('../../../src/app/batching/shown.ts'),
      import('../../../src/app/batching/cursor.ts'),
      import('../../../src/app/batching/walk.ts'),
      import('../../../src/app/batching/view.ts'),
    ]);
    follow()();
    return { ...cursor, stepBy, jump, batching };
  }

  it.each([0, 1])('reach every step of every track, whichever is chosen (lane %d)', async (lane) => {
    const { tracks, cursor, stepBy } = await page(`at=0.5&lane=${lane}`);
    const steps = tracks.value.map((t) => t.steps);
    expect(steps).toEqual([14, 20]);
    for (let s = 1; s < 20; s++) {
      stepBy(1);
      expect(cursor.value).toBe(s + 0.5);
    }
    stepBy(1);
    expect(cursor.value).toBe(19.5);
    for (let s = 18; s >= 0; s--) {
      stepBy(-1);
      expect(cursor.value).toBe(s + 0.5);
    }
  });

  it('jump where requests of the chosen track turn', async () => {
    const { tracks, cursor, jump, batching } = await page('at=0.5&lane=1');
    const [, serial] = tracks.value;
    const turns = serial ? turningSteps(serial) : [];
    jump(1);
    expect(cursor.value).toBe((turns.find((s) => s > 0) ?? Number.NaN) + 0.5);
    batching.adjust({ at: '17.5' });
    jump(-1);
    expect(cursor.value).toBe((turns.findLast((s) => s < 17) ?? Number.NaN) + 0.5);
  });

  it('change the axis at the moment that the cursor stands on, also past the end of the chosen track', async () => {
    // steps of one length: what is past the end of static in steps is so in time
    const { cursor, toggleAxis } = await page('at=17.5&lane=0&cost=unit');
    toggleAxis();
    toggleAxis();
    expect(cursor.value).toBeCloseTo(17.5, 6);
  });

  it('act on a track that is drawn: a presentation shows two', async () => {
    const { tracks, chosen } = await page('tracks=static~serial~continuous&lane=2&show=present');
    expect(tracks.value).toHaveLength(2);
    expect(chosen.value?.key).toBe('serial');
  });
});
