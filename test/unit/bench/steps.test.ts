// Steps of a model, timed on a device of which everything is known: a time of its own for the host and for each step.

import { afterEach, expect, it, vi } from 'vitest';
import { BlockTables } from '../../../src/cache/block-tables.ts';
import { Steps } from '../../../src/worker/bench/steps.ts';
import { FakeRuntime, fakeModel } from '../serving/fake-runtime.ts';

afterEach(() => vi.restoreAllMocks());

/** A device that computes one step after another, and a host whose every submit takes its time too. */
class TimedRuntime extends FakeRuntime {
  now = 0;
  /** When the device has computed all that it was given. */
  free = 0;

  constructor(hostMs: number, stepMs: number) {
    super({ pages: 64, pageSize: 16, window: 256, vocabulary: 64 });
    vi.spyOn(performance, 'now').mockImplementation(() => this.now);
    this.spoil = (step) => {
      this.now += hostMs;
      const end = Math.max(this.now, this.free) + stepMs;
      this.free = end;
      const sampled: PromiseLike<Uint32Array> = {
        // biome-ignore lint/suspicious/noThenProperty: a step that ends when it is waited for
        then: (done, failed) => {
          this.now = Math.max(this.now, end);
          return Promise.resolve(new Uint32Array()).then(done, failed);
        },
      };
      return { ok: true, value: { step, dispatches: 1, hostMs, sampled: sampled as Promise<Uint32Array> } };
    };
  }
}

function tablesOf(): BlockTables {
  const tables = new BlockTables(4, 4);
  tables.openRow();
  for (let i = 0; i < 4; i++) tables.push(0, i);
  return tables;
}

const decode = { phase: 'decode', batch: 1, count: 1, start: 20 } as const;

it.each([
  { bound: 'the device', host: 1, device: 10, step: 10 },
  { bound: 'the host', host: 10, device: 1, step: 10 },
])('flowing steps take what $bound takes for one', async ({ host, device, step }) => {
  const runtime = new TimedRuntime(host, device);
  const steps = new Steps({ runtime, model: fakeModel, tables: tablesOf() }, decode);
  await steps.sample();
  await steps.sample();
  expect(steps.flowingMs).toEqual([step, step]);
  expect(steps.awaitedMs).toEqual([host + device, host + device]);
  // nothing is left in flight
  expect(runtime.free).toBeLessThanOrEqual(runtime.now);
});

it('keeps the device awake: roused for a kind, led to a sample, busy behind every step that is awaited', async () => {
  const runtime = new TimedRuntime(100, 1);
  const did: string[] = [];
  const awake = {
    rouse: async () => void did.push('rouse'),
    lead: async () => void did.push('lead'),
    burst: () => void did.push('burst'),
  };
  const steps = new Steps({ runtime, model: fakeModel, tables: tablesOf(), awake }, decode);
  await steps.warmUp();
  expect(did).toEqual(['rouse', 'burst', 'burst', 'burst', 'burst', 'burst']);
  did.length = 0;
  await steps.sample();
  expect(did).toEqual(['lead', 'burst']);
});
