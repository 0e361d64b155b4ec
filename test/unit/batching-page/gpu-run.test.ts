// What the page keeps of a comparison that its worker did not live to report.

import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { ServeOptions } from '../../../src/app/batching/gpu-run.ts';
import { unwrap } from '../../../src/core/result.ts';
import { costModels } from '../../../src/engine/devices/index.ts';
import { recordRun } from '../../../src/engine/record.ts';
import { traceStart } from '../../../src/engine/trace.ts';
import type { LiveBlock, ServeEvent } from '../../../src/worker/serving/protocol.ts';
import { atOnce, serve } from '../engine/serve.ts';
import { stubPage } from '../page-globals.ts';

class DeadWorkerError extends Error {
  override readonly name = 'DeadWorkerError';
}

const worker = vi.hoisted(() => ({
  events: [] as ServeEvent[],
  taken: () => {},
  end: async (): Promise<unknown> => null,
}));
vi.mock('../../../src/worker/client.ts', () => ({
  connectWorker: () => ({
    dead: new Promise(() => undefined),
    onNotice: () => () => undefined,
    serve: (_: unknown, on: (event: ServeEvent, taken: () => void) => void) => {
      for (const event of worker.events) on(event, worker.taken);
      return worker.end();
    },
  }),
}));

const tracks = ['static', 'continuous'] as const;

function finished(contender: number): ServeEvent {
  const requests = atOnce([8, 2], [8, 8]);
  const run = serve(tracks[contender] ?? 'static', { slots: 2 }, requests);
  const file = recordRun(run.trace, requests, {
    date: '2026-11-28',
    device: 'test',
    clock: 'wall',
    lookahead: 0,
    strategy: tracks[contender] ?? '',
    knobs: {},
    settings: run.engine.settings,
    limits: run.engine.limits,
    workload: { id: 'test', knobs: {} },
    numerics: {},
    tuned: {},
    seeds: {},
  });
  const none = { mean: 0, p90: 0 };
  const lag = { waits: 0, mean: 0, max: 0 };
  return {
    type: 'run',
    run: { contender, repeat: 0, file, refused: null, wall: 1, tokens: 10, lag, encode: none, between: none },
  };
}

/** What came of runs that go on, and of how many requests. */
let live: [LiveBlock, number][] = [];

async function compare() {
  const { serveOnGpu } = await import('../../../src/app/batching/gpu-run.ts');
  const { readWanted } = await import('../../../src/app/batching/spec.ts');
  const cost = costModels.get('unit');
  if (!cost) throw new Error('no cost model');
  const want = unwrap(
    readWanted({ tracks, work: 'synthetic,requests:4', pages: 0, pageSize: 0, lookahead: 0, cost }),
  );
  const onLive: ServeOptions['onLive'] = (block, requests) => {
    live.push([block, requests.length]);
  };
  const options = { seconds: null, draw: false, onRun: () => undefined, onLive };
  return serveOnGpu(want, options, () => undefined);
}

beforeEach(() => {
  live = [];
  stubPage('#/batching');
});

describe('a comparison whose worker dies', () => {
  it('keeps the runs that were finished, and says why there are no more', async () => {
    worker.events = [finished(0), finished(1), finished(0)];
    worker.end = () => Promise.reject(new DeadWorkerError('The GPU worker is gone: closed.'));
    const kept = unwrap(await compare());
    expect(kept.keys).toEqual(['static', 'continuous', 'static']);
    expect(kept.runs.map(({ trace }) => trace.steps.length > 0)).toEqual([true, true, true]);
    for (const { header } of kept.runs)
      expect(header.invalid).toEqual(['the comparison is incomplete: The GPU worker is gone: closed.']);
    expect(kept.of).toBe(4);
  });
  it('keeps them as well when the worker fails in itself', async () => {
    worker.events = [finished(0)];
    worker.end = async () => ({ ok: false, error: { code: 'internal', message: 'A bug.', hint: '' } });
    const [run] = unwrap(await compare()).runs;
    expect(run?.header.invalid).toEqual(['the comparison is incomplete: A bug.']);
  });
  it('is a failure when nothing was finished', async () => {
    worker.events = [];
    worker.end = () => Promise.reject(new DeadWorkerError('gone'));
    const failed = await compare();
    expect(failed.ok ? '' : failed.error.code).toBe('dead-worker');
  });
});

describe('a run that goes on', () => {
  it('is handed on block by block though nobody draws it, and the next one is asked for after two seconds', async () => {
    vi.useFakeTimers();
    const { trace } = serve('static', { slots: 2 }, atOnce([8, 2]));
    const block = trace.since(traceStart);
    const taken = vi.fn();
    Object.assign(worker, {
      events: [{ type: 'live', contender: 0, repeat: 0, block, ended: false } satisfies ServeEvent],
      taken,
      end: async () => ({ ok: false, error: { code: 'internal', message: 'A bug.', hint: '' } }),
    });
    await compare();
    expect(live.map(([got, requests]) => [got.block.steps.count, requests])).toEqual([[2, 4]]);
    await vi.advanceTimersByTimeAsync(1900);
    expect(taken).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(4000);
    expect(taken).toHaveBeenCalledTimes(1);
    vi.useRealTimers();
  });
});
