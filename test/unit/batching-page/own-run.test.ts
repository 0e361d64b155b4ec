// "Run it on your GPU": it waits for a device that is being opened, and whatever goes wrong leaves the page ready for the next run.

import { beforeEach, describe, expect, it, vi } from 'vitest';
import { err, failure, ok } from '../../../src/core/result.ts';
import { stubPage } from '../page-globals.ts';

const fake = vi.hoisted(() => ({
  serve: async (): Promise<unknown> => null,
  opening: Promise.resolve() as Promise<void>,
  ended: [] as unknown[],
}));
vi.mock('../../../src/app/batching/gpu-run.ts', () => ({ serveOnGpu: () => fake.serve() }));
vi.mock('../../../src/app/batching/kept.ts', () => ({
  Keeper: class {
    run(): void {}
    live(): void {}
    async end(own: unknown): Promise<void> {
      fake.ended.push(own);
    }
  },
}));
vi.mock('../../../src/worker/client.ts', () => ({
  connectWorker: () => ({
    dead: new Promise(() => undefined),
    onNotice: () => () => undefined,
    api: { open: () => fake.opening.then(() => ok({ fallback: true, adapter: {}, features: [] })) },
  }),
}));

async function page() {
  vi.resetModules();
  const own = await import('../../../src/app/batching/own-run.ts');
  const { gpu, openGpu } = await import('../../../src/app/gpu.ts');
  const { batching } = await import('../../../src/app/batching/view.ts');
  const { ownRuns } = await import('../../../src/app/batching/shown.ts');
  return { ...own, gpu, openGpu, batching, ownRuns };
}

beforeEach(() => {
  Object.assign(fake, { opening: Promise.resolve(), ended: [] });
  stubPage('#/batching?guess=skip');
});

describe('a run that fails', () => {
  it('with an exception says what to do, keeps nothing locked, and can be repeated', async () => {
    const { runOwn, ownProgress, ownFailure } = await page();
    fake.serve = () => Promise.reject(new TypeError('Failed to fetch'));
    await runOwn();
    expect(ownProgress.value).toBeNull();
    expect(ownFailure.value?.message).toBe('The run on your GPU could not go on: Failed to fetch.');
    expect(ownFailure.value?.hint).toContain('Run again');
    expect(fake.ended).toEqual([null]);
    fake.serve = async () => err(failure('busy', 'It measures.', 'Wait.'));
    await runOwn();
    expect(ownFailure.value?.message).toBe('It measures.');
    expect(fake.ended).toEqual([null, null]);
  });
});

describe('a run that is asked for while the device opens', () => {
  it('waits for it and is served there, not on the virtual clock', async () => {
    const { runOwn, openGpu, gpu, batching, ownRuns } = await page();
    let answer = (): void => undefined;
    fake.opening = new Promise((resolve) => {
      answer = resolve;
    });
    const runs = { runs: [], keys: [], of: null };
    fake.serve = async () => ok(runs);
    const asked = openGpu();
    expect(gpu.value.kind).toBe('opening');
    const run = runOwn();
    answer();
    await Promise.all([asked, run]);
    expect(gpu.value.kind).toBe('open');
    expect(batching.view.value.from).toBe('yours');
    expect([...ownRuns.value.values()]).toEqual([runs]);
  });
});
