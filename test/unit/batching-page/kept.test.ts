// What a closed tab leaves of a comparison: the runs that had ended, and of the one that went on what had come of it.

import { beforeEach, describe, expect, it, vi } from 'vitest';
import { cutRun } from '../../../src/app/batching/cut-run.ts';
import { unwrap } from '../../../src/core/result.ts';
import { Engine } from '../../../src/engine/engine.ts';
import { runSync } from '../../../src/engine/loop.ts';
import { NotedArrivals } from '../../../src/engine/noted-arrivals.ts';
import { recordRun } from '../../../src/engine/record.ts';
import { replay } from '../../../src/engine/replay.ts';
import type { Request } from '../../../src/engine/request.ts';
import { type RunFile, type RunHeader, readRunFile, writeRunFile } from '../../../src/engine/run-file.ts';
import { traceStart } from '../../../src/engine/trace.ts';
import { VirtualExecutor } from '../../../src/engine/virtual-executor.ts';
import { strategies } from '../../../src/strategies/index.ts';
import type { LiveBlock } from '../../../src/worker/serving/protocol.ts';
import { openLoop } from '../../../src/workloads/arrivals.ts';
import { LIMITS, unitSteps } from '../engine/serve.ts';
import { fakeStore } from '../fake-store.ts';
import { stubPage } from '../page-globals.ts';

const disk = vi.hoisted(() => new Map<string, unknown>());
vi.mock('idb-keyval', async (original) => ({
  ...(await original<typeof import('idb-keyval')>()),
  createStore: () => fakeStore(disk),
}));

const WHY = 'the tab was closed';
const requests: readonly Request[] = [
  [0, 8, 2],
  [0, 8, 8],
  [1.5, 8, 4],
  [2, 8, 6],
].map(([arrival = 0, length = 0, endsAfter = 0], id) => ({
  id,
  arrival,
  prompt: [{ seed: id + 1, length }],
  maxTokens: 8,
  endsAfter,
}));
const limits = { ...LIMITS, pageSize: 4, pages: 9, window: 32 };

/** A run with its blocks, one a step, as a worker sends them. */
function sent(strategy: string, lookahead: 0 | 1 = 0): { blocks: LiveBlock[]; file: RunFile } {
  const found = strategies.get(strategy);
  if (!found) throw new Error(`no strategy ${strategy}`);
  const { planner, knobs } = unwrap(found.make('slots' in found.knobs ? { slots: 2 } : {}, limits));
  const engine = new Engine({ limits, planner, lookahead });
  const { pages, pageSize, vocabulary } = limits;
  const executor = new VirtualExecutor({
    ...{ cost: unitSteps(), pages, pageSize, vocabulary, seed: 0, lookahead },
  });
  const header: RunHeader = {
    device: 'test',
    clock: 'wall',
    lookahead,
    strategy,
    knobs,
    settings: planner.settings,
    limits,
    workload: { id: 'test', knobs: {} },
    numerics: { model: 'base' },
    tuned: {},
    seeds: {},
    turn: 0,
  };
  const blocks: LiveBlock[] = [];
  let from = traceStart;
  const onStep = (): void => {
    const block = engine.trace.since(from);
    from = engine.trace.cursor();
    const first = blocks.length === 0 ? { header } : {};
    blocks.push({ type: 'live', contender: 0, repeat: 0, ...first, block, ended: false });
  };
  const arrivals = new NotedArrivals(openLoop(requests));
  const end = runSync(engine, executor, arrivals, { onStep });
  expect(end.incomplete).toBeUndefined();
  return { blocks, file: recordRun(engine.trace, arrivals.taken, header) };
}

describe('a run that its tab cut', () => {
  it.each([...strategies.keys()].flatMap((id) => [[id, 0] as const, [id, 1] as const]))(
    'of %s, %i steps ahead, is the run as far as it came, wherever it was cut',
    (strategy, lookahead) => {
      const { blocks, file } = sent(strategy, lookahead);
      for (let steps = 1; steps <= blocks.length; steps++) {
        const cut = cutRun(blocks.slice(0, steps), requests, WHY) ?? expect.fail('nothing was kept');
        const text = writeRunFile(cut.file);
        const trace = unwrap(replay(unwrap(readRunFile(text))));
        expect(trace.steps.length).toBe(steps);
        expect(cut.file.header.incomplete).toBe(WHY);
        expect(cut.file.steps.map(({ tokens }) => tokens)).toEqual(
          file.steps.slice(0, steps).map(({ tokens }) => tokens),
        );
      }
    },
  );

  it('is none before its first step, and none while it warms up', () => {
    const { blocks } = sent('static');
    expect(cutRun([], requests, WHY)).toBeNull();
    expect(
      cutRun(
        blocks.map((block) => ({ ...block, repeat: 'warm-up' as const })),
        requests,
        WHY,
      ),
    ).toBeNull();
  });
});

const asked = { key: 'one', tracks: ['static,slots:2', 'continuous,slots:2'], requests: 4, view: {} };
const liveKeys = (): string[] => [...disk.keys()].filter((key) => /\/(live|requests)/.test(key));
const written = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

/** A page that can be closed: what it does then. */
async function tab() {
  stubPage('#/batching');
  const leave = new Map<string, () => void>();
  vi.stubGlobal('window', {
    addEventListener: (type: string, work: () => void) => void leave.set(type, work),
  });
  vi.resetModules();
  return { ...(await import('../../../src/app/batching/kept.ts')), close: () => leave.get('pagehide')?.() };
}

beforeEach(() => {
  disk.clear();
  vi.useRealTimers();
});

describe('a comparison whose tab is closed', () => {
  it('in its first run is offered, opened as a run that was cut, and is there from then on', async () => {
    const { blocks } = sent('static');
    const before = await tab();
    const keeper = new before.Keeper(asked);
    for (const block of blocks.slice(0, 3)) keeper.live(block, requests);
    before.close();
    await written();

    const { readEarly, early, accept, restored } = await tab();
    await readEarly();
    const [offer] = early.value;
    expect(early.value).toMatchObject([{ runs: 1, cut: true }]);
    const own = offer && (await accept(offer));
    expect(own?.keys).toEqual(['static,slots:2']);
    const [run] = own?.runs ?? [];
    expect(run?.trace.steps.length).toBe(3);
    expect(run?.header.incomplete).toMatch(/closed or reloaded/);
    expect(run?.header.invalid).toEqual([run?.header.incomplete]);
    expect([early.value, liveKeys()]).toEqual([[], []]);
    expect((await restored('one'))?.runs[0]?.header).toEqual(run?.header);
  });

  it('in a later one is offered with the runs that had ended', async () => {
    const { blocks, file } = sent('static');
    const before = await tab();
    const keeper = new before.Keeper(asked);
    for (const block of blocks) keeper.live(block, requests);
    keeper.run(0, file);
    const other = sent('continuous').blocks.map((block) => ({ ...block, contender: 1 }));
    for (const block of other.slice(0, 2)) keeper.live(block, requests);
    before.close();
    await written();
    const { readEarly, early, accept } = await tab();
    await readEarly();
    expect(early.value).toMatchObject([{ runs: 2, cut: true }]);
    const own = early.value[0] && (await accept(early.value[0]));
    expect(own?.keys).toEqual(asked.tracks);
    expect(own?.runs.map(({ header }) => header.incomplete === undefined)).toEqual([true, false]);
    // two of the four had arrived when the last one was cut: the comparison is of all four
    expect(own?.of).toBeNull();
  });

  it('between two runs has no cut one, and nothing left of the one that ended', async () => {
    const { blocks, file } = sent('static');
    const before = await tab();
    const keeper = new before.Keeper(asked);
    keeper.live(blocks[0] ?? expect.fail('no block'), requests);
    before.close();
    keeper.run(0, file);
    before.close();
    await written();
    const { readEarly, early } = await tab();
    await readEarly();
    expect(early.value).toMatchObject([{ runs: 1, cut: false }]);
    expect(liveKeys().filter((key) => key.includes('/live/'))).toEqual([]);
  });

  it('while it warms up leaves nothing', async () => {
    const before = await tab();
    const keeper = new before.Keeper(asked);
    for (const block of sent('static').blocks) keeper.live({ ...block, repeat: 'warm-up' }, requests);
    before.close();
    await written();
    const { readEarly, early } = await tab();
    await readEarly();
    expect([early.value, disk.size]).toEqual([[], 0]);
  });

  it('without notice, as in a crash, leaves what was written every two seconds, in one write each', async () => {
    vi.useFakeTimers();
    const { blocks } = sent('static');
    const { Keeper } = await tab();
    const keeper = new Keeper(asked);
    const parts = async (ms: number): Promise<number> => {
      await vi.advanceTimersByTimeAsync(ms);
      return liveKeys().filter((key) => key.includes('/live/')).length;
    };
    for (const block of blocks.slice(0, 3)) keeper.live(block, requests);
    expect(await parts(1900)).toBe(0);
    expect(await parts(200)).toBe(1);
    expect(await parts(4000)).toBe(1);
    for (const block of blocks.slice(3, 5)) keeper.live(block, requests);
    expect(await parts(2100)).toBe(2);
    vi.useRealTimers();
    const { readEarly, early, accept } = await tab();
    await readEarly();
    const own = early.value[0] && (await accept(early.value[0]));
    expect(own?.runs[0]?.trace.steps.length).toBe(5);
  });
});

describe('a comparison that ended with the page there', () => {
  it('keeps no part of a run beside its runs', async () => {
    const { blocks, file } = sent('static');
    const page = await tab();
    const keeper = new page.Keeper(asked);
    for (const block of blocks) keeper.live(block, requests);
    page.close();
    await written();
    const run = { trace: unwrap(replay(file)), header: file.header, requests: file.requests };
    keeper.run(0, file);
    await keeper.end({ runs: [run], keys: ['static,slots:2'], of: null });
    expect(liveKeys()).toEqual([]);
    await page.readEarly();
    expect(page.early.value).toEqual([]);
    expect((await page.restored('one'))?.runs).toHaveLength(1);
  });
});
