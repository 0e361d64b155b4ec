// How long "Run it on your GPU" will take, as far as anyone can say before a device is asked for: from the runs in view, which are
// the reader's own where there are some.

import { median } from '../../core/stats.ts';
import { device } from '../gpu.ts';
import { LONGEST } from './gpu-run.ts';
import type { ShownLane } from './lanes.ts';
import { ABOUT_SECONDS, sizes } from './own-run.ts';
import { ownRuns, type Shown, shownOf } from './shown.ts';
import { turnsFor } from './turns-for.ts';
import { comparisonKey } from './wanted.ts';

/** Seconds allowed for opening a device, loading the model in the box and compiling its kernels; not measured here. */
const START = 3;

const wall = ({ runs }: ShownLane): number => median(runs.map(({ track }) => track.end));

/**
 * Seconds until the comparison is there, in words. Generated requests are sized to a time. Listed ones are served by every track in
 * turns after a round that is not counted, and turns end early when they would last too long: that is all that a simulated run,
 * of another model, tells of it.
 */
export function aboutTime(shown: Shown): string {
  const start = device.value ? 0 : START;
  if (sizes.value) return `about ${ABOUT_SECONDS + start} s`;
  const own = ownRuns.value.get(comparisonKey.value);
  const known = (own && shownOf('yours', own.runs, own)) ?? shown;
  if (known.simulated) return `about ${LONGEST + start} s at most`;
  const round = known.lanes.reduce((sum, lane) => sum + wall(lane), 0);
  // two turns are taken in any case
  const turns = Math.min((turnsFor(known.lanes.length) + 1) * round, Math.max(LONGEST, 3 * round));
  return `about ${Math.max(1, Math.round(start + turns))} s`;
}
