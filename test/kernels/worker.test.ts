// The worker as the page sees it: a small benchmark, a lost device, a dead worker.

import { describe, expect, it } from 'vitest';
import { unwrap } from '../../src/core/result.ts';
import { catalog } from '../../src/kernels/catalog.ts';
import { timesOf } from '../../src/measure/rank.ts';
import { connectWorker, DeadWorkerError } from '../../src/worker/client.ts';
import type { BenchEvent, BenchRequest, WorkerNotice } from '../../src/worker/protocol.ts';
import { testGpu } from './gpu.ts';

const { gpu } = await testGpu();

const request: BenchRequest = {
  items: [
    {
      op: 'matmul',
      versions: ['01_naive', '02_shared_tile'],
      shapes: { tiny: { m: 48, n: 40, k: 36 } },
      dtypes: ['f32'],
    },
  ],
  effort: 'quick',
  tuning: 'off',
  tuned: {},
  command: 'test',
};

describe('the GPU worker', () => {
  it('verifies, times, streams rows and leaves no bytes behind', async () => {
    const client = connectWorker();
    const events: BenchEvent[] = [];
    const notices: WorkerNotice[] = [];
    client.onNotice((n) => notices.push(n));
    unwrap(await client.api.open('auto'));
    const file = unwrap(await client.bench(request, (event) => events.push(event)));
    expect(file.results.map((r) => [r.version, r.verified])).toEqual([
      ['01_naive', true],
      ['02_shared_tile', true],
    ]);
    for (const row of file.results) {
      expect(row.medianMs).toBeGreaterThan(0);
      expect(row.maxError).toBeLessThanOrEqual(row.tolerance);
      expect(timesOf(row.samplesMs)).toHaveLength(row.n);
    }
    expect(file.ceilings.f32?.value).toBeGreaterThan(0);
    // which version runs is told in fields, beside the sentence
    const told = events.flatMap((e) => (e.type === 'progress' && e.running ? [e.running] : []));
    expect(
      new Set(told.map(({ op, version, shape, dtype }) => `${op} ${version} ${shape} ${dtype}`)),
    ).toEqual(new Set(['matmul 01_naive tiny f32', 'matmul 02_shared_tile tiny f32']));
    expect(told.some(({ doing }) => /^\d+ of \d+ samples$/.test(doing))).toBe(true);
    expect(new Set(events.map((e) => e.type))).toEqual(new Set(['device', 'progress', 'ceilings', 'row']));
    await client.api.echo(0);
    expect(notices.at(-1)).toEqual({ type: 'live-bytes', bytes: 0 });
    client.terminate();
  });

  it('refuses a source that is wrong by its line, and measures the others', async () => {
    const client = connectWorker();
    const right = catalog.get('matmul')?.versions[0]?.source ?? '';
    const custom = [
      { op: 'matmul', id: 'stray', source: right.replace('> b:', '> stray:') },
      { op: 'matmul', id: 'headless', source: 'fn main() {}' },
    ];
    const [item] = request.items;
    if (!item) throw new Error('an item');
    const items = [{ ...item, versions: ['01_naive'] }];
    const { results } = unwrap(await client.bench({ ...request, items, custom }, () => undefined));
    const rows = new Map(results.map((row) => [row.version, row]));
    expect(rows.get('01_naive')).toMatchObject({ verified: true });
    expect(rows.get('stray')).toMatchObject({ status: 'refused', clock: null });
    expect(rows.get('stray')?.why).toMatch(/shaders\/matmul\/stray\.wgsl:\d+: it binds "stray"/);
    expect(rows.get('headless')?.why).toContain('@title');
    client.terminate();
  });

  it('re-creates a lost device and says so', async () => {
    const client = connectWorker();
    unwrap(await client.api.open('auto'));
    const lost = new Promise<WorkerNotice>((resolve) =>
      client.onNotice((n) => n.type === 'device-lost' && resolve(n)),
    );
    await client.api.loseDevice();
    expect(await lost).toMatchObject({ type: 'device-lost', recovered: true });
    const again = await client.api.open('auto');
    expect(again.ok).toBe(true);
    client.terminate();
  });

  it('keeps what was measured when cancelled', async () => {
    const client = connectWorker();
    unwrap(await client.api.open('auto'));
    const file = unwrap(
      await client.bench(request, (event) => {
        if (event.type === 'row') client.api.cancel().catch(() => undefined);
      }),
    );
    expect(file.invalid).toEqual(['cancelled: only what was finished is shown']);
    expect(file.results.length).toBe(2);
    client.terminate();
  });

  it('runs one of two that are asked for while the device opens, and hears a cancel meanwhile', async () => {
    const client = connectWorker();
    const ignore = () => undefined;
    const both = [client.bench(request, ignore), client.bench(request, ignore)];
    await client.api.cancel();
    const [first, second] = await Promise.all(both);
    expect(first?.ok && first.value.invalid).toEqual(['cancelled: only what was finished is shown']);
    expect(second && !second.ok && second.error.code).toBe('busy');
    client.terminate();
  });

  it('tells of a mistake of its own as a failure, and goes on with the same device', async () => {
    const client = connectWorker();
    unwrap(await client.api.open('auto'));
    const failed = await client.api.drive({ side: -1, steps: 1, dispatches: 1 });
    expect(failed.ok ? '' : failed.error.code).toBe('internal');
    expect(failed.ok ? '' : failed.error.message).toMatch(/^Something went wrong in the worker: ./);
    unwrap(await client.api.drive({ side: 16, steps: 1, dispatches: 1 }));
    client.terminate();
  });

  it('opens the adapter that is asked for, one after the other', async () => {
    const client = connectWorker();
    const [auto, fallback] = await Promise.all([client.api.open('auto'), client.api.open('swiftshader')]);
    expect(unwrap(auto).fallback).toBe(gpu.fallback);
    expect(unwrap(fallback).fallback).toBe(true);
    unwrap(await client.api.drive({ side: 16, steps: 1, dispatches: 1 }));
    client.terminate();
  });

  it('is known to be dead when it vanishes without a word', async () => {
    const client = connectWorker();
    unwrap(await client.api.open('auto'));
    await expect(client.api.vanish().then(() => client.api.echo(1))).rejects.toThrow(DeadWorkerError);
    expect((await client.dead).message).toContain('it closed, or the browser ended it');
  });

  it('rejects pending calls when the worker dies', async () => {
    const client = connectWorker();
    const pending = client.api.open('auto');
    client.terminate('a test ended it');
    await expect(pending).rejects.toThrow(DeadWorkerError);
    await expect(client.api.echo(1)).rejects.toThrow('a test ended it');
  });
});
