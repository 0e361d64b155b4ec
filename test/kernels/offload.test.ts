// The rounds that both threads drive: checked when they are whole, and never timed when they are not.

import { expect, it } from 'vitest';
import { unwrap } from '../../src/core/result.ts';
import { driveRound } from '../../src/worker/offload/drive.ts';
import { testGpu } from './gpu.ts';

const { gpu, pipelines } = await testGpu();
const work = { side: 64, steps: 3, dispatches: 1 };

it('a whole round is checked and timed, and leaves no bytes behind', async () => {
  const round = unwrap(await driveRound(gpu, pipelines, work, () => false));
  expect(round.driveMs).toBeGreaterThan(0);
  expect(gpu.memory.live).toBe(0);
});

it.each([0, 1])('a round that is stopped after %i steps says so and has no time', async (steps) => {
  let asked = 0;
  const round = await driveRound(gpu, pipelines, work, () => asked++ === steps);
  expect(round.ok ? '' : round.error).toMatchObject({
    code: 'cancelled',
    message: `Cancelled after ${steps} of 3 steps.`,
  });
  expect(gpu.memory.live).toBe(0);
});
