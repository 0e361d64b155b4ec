// A tour puts the cursor where its stop says, in the run that the stop asks for: not in the one that it takes the place of.

import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { ok } from '../../../src/core/result.ts';
import { stubPage } from '../page-globals.ts';
import { openedOf } from './fake-opened.ts';

const PLAIN = 100;
const CHANGED = 80;
const opening = vi.hoisted(() => ({ ms: 0 }));
vi.mock('../../../src/worker/step-client.ts', () => ({
  StoppedError: Error,
  connectStepper: () => ({
    stop: () => undefined,
    api: {
      open: async ({ length }: { length: number }) => {
        await new Promise((resolve) => setTimeout(resolve, opening.ms));
        return ok(openedOf(length));
      },
      frame: async () => null,
      whole: async () => null,
    },
  }),
}));
vi.mock('../../../src/app/step/recipe.ts', async (original) => {
  const { step } = await import('../../../src/app/step/view.ts');
  return {
    ...(await original<object>()),
    // code that is struck or edited runs for fewer steps
    makeSubject: async () => {
      const { strike, src, kernel } = step.view.peek();
      const [op, version] = kernel.split('/');
      const launch = { length: strike.length > 0 || src !== '' ? CHANGED : PLAIN };
      return ok({
        launch,
        source: '',
        layouts: new Map(),
        contract: { op: { id: op, tensors: {} }, version: { id: version } },
      });
    },
  };
});

const modules = async () => ({
  ...(await import('../../../src/app/step/session.ts')),
  ...(await import('../../../src/app/step/tour.ts')),
  ...(await import('../../../src/app/step/view.ts')),
});
// the modules read the address when they are loaded, which takes a busy machine seconds
beforeAll(async () => {
  stubPage('#/step');
  await modules();
  vi.useFakeTimers();
}, 60_000);
afterAll(() => {
  vi.useRealTimers();
});

/** The page with its first picture, on the first kernel changed so. */
async function page(change: { strike?: string[]; src?: string; tour?: string; stop?: number }) {
  const all = await modules();
  const { step, fresh, follow, followTour } = all;
  step.go({ ...fresh, ...change });
  const ends = [follow(), followTour(async () => null)];
  await vi.advanceTimersByTimeAsync(1000);
  const end = (): void => {
    for (const one of ends) one();
  };
  return { ...all, end };
}

describe.each([0, 100, 600])('a stop whose run takes %i ms to open', (ms) => {
  beforeEach(() => {
    opening.ms = ms;
  });

  it('at the end of the run, with the barrier not put back', async () => {
    const { step, time, goToStop, seek, session, end } = await page({
      tour: 'shared_tile',
      stop: 5,
      strike: ['20'],
    });
    seek(30);
    await vi.advanceTimersByTimeAsync(1000);
    expect(session.value?.opened.length).toBe(CHANGED);
    goToStop('shared_tile', 6);
    await vi.advanceTimersByTimeAsync(2000);
    expect(step.view.value.strike).toEqual([]);
    expect([time.value, step.view.value.t]).toEqual([PLAIN, String(PLAIN)]);
    end();
  });

  it('at the start, of a kernel that was edited', async () => {
    const { step, time, goToStop, seek, session, end } = await page({ src: 'edited' });
    seek(30);
    await vi.advanceTimersByTimeAsync(1000);
    goToStop('shared_tile', 0);
    await vi.advanceTimersByTimeAsync(2000);
    expect(session.value?.opened.length).toBe(PLAIN);
    expect([time.value, step.view.value.t]).toEqual([0, '0']);
    end();
  });
});

it('a tour that was left and is begun again puts the cursor there again', async () => {
  opening.ms = 0;
  const { time, goToStop, endTour, seek, end } = await page({});
  goToStop('shared_tile', 0);
  await vi.advanceTimersByTimeAsync(1000);
  endTour();
  seek(30);
  await vi.advanceTimersByTimeAsync(1000);
  goToStop('shared_tile', 0);
  await vi.advanceTimersByTimeAsync(1000);
  expect(time.value).toBe(0);
  end();
});
