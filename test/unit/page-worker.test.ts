// The page before a worker that fails: what a call gives, which worker comes next, and what is kept.

import { beforeEach, describe, expect, it, vi } from 'vitest';
import { err, failure, ok, unwrap } from '../../src/core/result.ts';

class DeadWorkerError extends Error {
  override readonly name = 'DeadWorkerError';
}

const fake = vi.hoisted(() => ({ made: 0, unloadable: false, die: (_: Error): void => undefined }));
vi.mock('../../src/worker/client.ts', () => ({
  connectWorker: () => {
    if (fake.unloadable) throw new Error('offline');
    const dead = new Promise<Error>((resolve) => {
      fake.die = resolve;
    });
    return { number: ++fake.made, dead, onNotice: () => () => undefined, api: {} };
  },
}));

async function page() {
  vi.resetModules();
  return await import('../../src/app/gpu.ts');
}

beforeEach(() => {
  Object.assign(fake, { made: 0, unloadable: false });
});

describe('a call of the page', () => {
  it('that throws is a mistake, not a death: the worker stays', async () => {
    const { ask, gpu } = await page();
    const failed = await ask(() => Promise.reject(new Error('unexpected shape')));
    expect(failed.ok ? '' : failed.error.code).toBe('internal');
    expect(failed.ok ? '' : failed.error.message).toContain('unexpected shape');
    expect(gpu.value.kind).toBe('idle');
    expect(await ask(async (client) => ok(client))).toMatchObject({ value: { number: 1 } });
  });
  it('whose worker dies says so, and the next one gets a new worker', async () => {
    const { ask, gpu } = await page();
    const failed = await ask(() => {
      fake.die(new DeadWorkerError('it closed'));
      return Promise.reject(new DeadWorkerError('it closed'));
    }, 'Run it again.');
    expect(failed).toEqual(err(failure('dead-worker', 'it closed', 'Run it again.')));
    expect(gpu.value).toEqual({ kind: 'dead', why: 'it closed' });
    expect(await ask(async (client) => ok(client))).toMatchObject({ value: { number: 2 } });
  });
  it('is tried anew after the worker could not be loaded', async () => {
    const { ask, gpu } = await page();
    fake.unloadable = true;
    const failed = await ask(async (client) => ok(client));
    expect(failed.ok ? '' : failed.error).toMatchObject({
      code: 'dead-worker',
      message: 'The worker could not be loaded: offline',
    });
    expect(gpu.value).toEqual({ kind: 'dead', why: 'offline' });
    fake.unloadable = false;
    expect(await ask(async (client) => ok(client))).toMatchObject({ value: { number: 1 } });
  });
  it('gives failures of the worker as they are', async () => {
    const { ask } = await page();
    const busy = err(failure('busy', 'It measures.', 'Wait.'));
    expect(await ask(async () => busy)).toEqual(busy);
    expect(unwrap(await ask(async () => ok(3)))).toBe(3);
  });
});
