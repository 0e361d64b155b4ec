// Tracks of one strategy are told apart by their titles, and a track of another comparison is found by what it is.

import { describe, expect, it } from 'vitest';
import { lanesOf } from '../../../src/app/batching/lanes.ts';
import { serveVirtual } from '../../../src/app/batching/serve.ts';
import { readWanted, serveRequests } from '../../../src/app/batching/spec.ts';
import { sameTrack, titlesOf } from '../../../src/app/batching/titles.ts';
import { unwrap } from '../../../src/core/result.ts';
import { unitSteps } from '../engine/serve.ts';

const titles = (...keys: string[]): string[] => [...titlesOf(keys).values()];

describe('titles', () => {
  it('are the strategy’s or the preset’s where that tells tracks apart', () => {
    expect(titles('static,slots:2', 'continuous,slots:4', 'orca')).toEqual(['Static', 'Continuous', 'Orca']);
  });

  it('add the knobs in which tracks of one strategy differ, those as usual too', () => {
    expect(titles('continuous,slots:2', 'static', 'continuous,slots:4')).toEqual([
      'Continuous, slots 2',
      'Continuous, slots 4',
      'Static',
    ]);
    expect(titles('continuous,memory:paged', 'continuous,memory:paged,slots:4')).toEqual([
      'Continuous, slots 8',
      'Continuous, slots 4',
    ]);
  });

  it('of lanes differ whatever their runs are: the key alone is never shown for one that can be read', () => {
    const keys = ['continuous,slots:1', 'continuous,slots:2'];
    const want = unwrap(readWanted({ tracks: keys, work: '8x2,8x4', pages: 0, pageSize: 0, lookahead: 0 }));
    const runs = serveRequests(want, unitSteps()).map((one) => unwrap(serveVirtual(one)));
    const named = ['Continuous, slots 1', 'Continuous, slots 2'];
    expect(lanesOf(runs, keys).map((lane) => lane.track.title)).toEqual(named);
    expect(lanesOf(runs).map((lane) => lane.track.title)).toEqual(named);
  });
});

it('a track is the same one however its knobs are written', () => {
  expect(sameTrack('chunked,slots:2,budget:16', 'chunked,budget:16,slots:2')).toBe(true);
  expect(sameTrack('static,slots:8', 'static')).toBe(true);
  expect(sameTrack('continuous,slots:2', 'continuous,slots:4')).toBe(false);
  expect(sameTrack('continuous', 'static')).toBe(false);
});
