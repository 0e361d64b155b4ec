// When samples are a measurement. A slope between two noisy times may come out below zero; such samples are kept, because
// dropping them would leave the noise that adds and so lengthen every median.

import { err, ok, type Result } from '../core/result.ts';
import { type Spread, spread } from '../core/stats.ts';
import { type TurnTimes, timesOf } from './rank.ts';

/** Median and spread of the turns that have a time, or why there is none. */
export function measured(turns: TurnTimes): Result<Spread, string> {
  const samplesMs = timesOf(turns);
  if (samplesMs.length === 0) return err('no valid interval from this clock');
  const turned = samplesMs.filter((ms) => ms <= 0).length;
  return turned === 0
    ? ok(spread(samplesMs))
    : err(
        `${turned} of ${samplesMs.length} slopes were not positive: too short for this clock’s noise; choose a larger shape`,
      );
}
