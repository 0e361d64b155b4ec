// The cursor and the address: a step soon followed by another change keeps its place, a link or Back restores its own, and
// breakpoints are asked for when they change.

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ok } from '../../../src/core/result.ts';
import { openedOf } from './fake-opened.ts';

const LENGTH = 100;
const asked = vi.hoisted(() => ({ stops: 0 }));
vi.mock('../../../src/worker/step-client.ts', () => ({
  StoppedError: Error,
  connectStepper: () => ({
    stop: () => undefined,
    api: {
      open: async () => ok(openedOf(LENGTH)),
      frame: async () => null,
      whole: async () => null,
      stops: async () => {
        asked.stops++;
        return ok(new Int32Array([1, 2]));
      },
    },
  }),
}));
vi.mock('../../../src/app/step/recipe.ts', async (original) => ({
  ...(await original<object>()),
  makeSubject: async () => ok({ launch: {}, source: '', layouts: new Map() }),
}));

const events = new Map<string, () => void>();
beforeAll(() => {
  vi.useFakeTimers();
  vi.stubGlobal('location', { hash: '#/step', href: 'http://localhost/#/step' });
  vi.stubGlobal('window', { addEventListener: (name: string, f: () => void) => events.set(name, f) });
  vi.stubGlobal('history', { pushState: () => undefined, replaceState: () => undefined });
});
afterAll(() => {
  vi.useRealTimers();
});

const page = async () => ({
  ...(await import('../../../src/app/step/session.ts')),
  ...(await import('../../../src/app/step/view.ts')),
  ...(await import('../../../src/app/step/breaks.ts')),
});

/** Goes where a link or the browser's Back leads. */
function arrive(hash: string): void {
  location.hash = hash;
  events.get('popstate')?.();
}

describe('the cursor of the Step page', () => {
  it('begins at the first access, and stays where it is when something else in the address changes', async () => {
    const { follow, phase, seek, step, time } = await page();
    const end = follow();
    await vi.advanceTimersByTimeAsync(10);
    expect(phase.value.kind).toBe('open');
    expect(time.value).toBe(5);
    seek(20);
    await vi.advanceTimersByTimeAsync(300);
    expect(step.view.value.t).toBe('20');
    seek(21);
    step.adjust({ lane: 3 });
    expect(time.value).toBe(21);
    await vi.advanceTimersByTimeAsync(300);
    expect([step.view.value.t, time.value]).toEqual(['21', 21]);
    end();
  });

  it('goes where a link or Back says: in the same kernel, and with other settings', async () => {
    const { follow, step, time } = await page();
    const end = follow();
    await vi.advanceTimersByTimeAsync(10);
    arrive('#/step?t=60');
    expect(time.value).toBe(60);
    arrive('#/step?t=70&sg=8');
    await vi.advanceTimersByTimeAsync(10);
    expect(step.view.value.sg).toBe('8');
    expect(time.value).toBe(70);
    // a setting that the reader changes keeps the place
    step.go({ sg: '4' });
    await vi.advanceTimersByTimeAsync(10);
    expect(time.value).toBe(70);
    // so does an address that names none
    arrive('#/step?sg=16');
    await vi.advanceTimersByTimeAsync(10);
    expect(time.value).toBe(70);
    end();
  });

  it('moves that are made while other settings open count; those in a kernel that is left do not', async () => {
    const { follow, fresh, seek, step, time } = await page();
    const end = follow();
    await vi.advanceTimersByTimeAsync(10);
    step.go({ sg: '32' });
    seek(90);
    await vi.advanceTimersByTimeAsync(400);
    expect([step.view.value.t, time.value]).toEqual(['90', 90]);
    seek(91);
    step.go({ ...fresh, kernel: 'softmax/01_rows' });
    await vi.advanceTimersByTimeAsync(400);
    expect([step.view.value.t, time.value]).toEqual(['', 5]);
    end();
  });

  it('begins at the first access in a captured dispatch, wherever it was in the kernel on other inputs', async () => {
    const { follow, fresh, seek, step, time } = await page();
    const end = follow();
    await vi.advanceTimersByTimeAsync(10);
    seek(40);
    await vi.advanceTimersByTimeAsync(300);
    step.go({ ...fresh, capture: 'softmax/01_rows:softmax:0:0123abcd' });
    await vi.advanceTimersByTimeAsync(10);
    expect(time.value).toBe(5);
    end();
  });

  it('a link is not overwritten by a step just before it', async () => {
    const { follow, seek, step, time } = await page();
    const end = follow();
    await vi.advanceTimersByTimeAsync(10);
    seek(33);
    arrive('#/step?t=44&sg=16');
    await vi.advanceTimersByTimeAsync(500);
    expect([step.view.value.t, time.value]).toEqual(['44', 44]);
    end();
  });

  it('asks for a breakpoint once', async () => {
    const { allStops, follow, followBreaks, step, toggleBreak } = await page();
    const ends = [follow(), followBreaks()];
    await vi.advanceTimersByTimeAsync(10);
    const before = asked.stops;
    toggleBreak('l1');
    await vi.advanceTimersByTimeAsync(10);
    expect([...allStops.value]).toEqual([1, 2]);
    step.adjust({ lane: 5 });
    step.adjust({ t: '50' });
    await vi.advanceTimersByTimeAsync(10);
    expect(asked.stops - before).toBe(1);
    for (const end of ends) end();
  });
});
