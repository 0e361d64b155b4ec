// Drift of a device's clock: of what was measured, and of nothing else.

import { expect, it } from 'vitest';
import { driftsOf } from '../../../src/worker/bench/contender.ts';
import { driftOf } from '../../../src/worker/bench/session.ts';
import { row } from '../views-rows.ts';

it('is of contenders whose samples are a measurement', () => {
  const steady = [2, 2, 2, 2, 2, 2];
  const slower = [2, 2, 2, 4, 4, 4];
  const noise = [0.1, -0.2, 0.1, -0.3, -0.1, -0.2]; // slopes that noise turned round
  expect(driftsOf([steady, slower])).toEqual([1, 2]);
  expect(driftsOf([steady, noise, [1, 2], [null, null]])).toEqual([1]);
  expect(driftOf([row({ version: 'a' })], driftsOf([steady, noise]))).toBeNull();
  expect(driftOf([row({ version: 'a' })], driftsOf([slower]))).toContain('slower by 100 %');
  expect(driftOf([], driftsOf([noise]))).toBeNull();
});
