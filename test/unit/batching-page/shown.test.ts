// Which runs are shown, and which are held against each other: those of one comparison, the newest wish alone.

import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { OwnRuns } from '../../../src/app/batching/gpu-run.ts';
import { countsOf } from '../../../src/app/batching/lanes.ts';
import type { ServeRequest } from '../../../src/app/batching/serve.ts';
import { ok } from '../../../src/core/result.ts';
import { stubPage } from '../page-globals.ts';

/** Answers of the worker that computes, in the order in which it was asked. */
const worker = vi.hoisted(() => ({
  answers: [] as ((runs: unknown) => void)[],
  asked: [] as ServeRequest[][],
}));
/** What an earlier visit left, if it left something. */
const left = vi.hoisted(() => ({ own: null as OwnRuns | null }));
vi.mock('../../../src/app/batching/kept.ts', () => ({ restored: async () => left.own }));
vi.mock('../../../src/app/batching/compute.ts', () => ({
  computeNow: () => undefined,
  compute: (requests: ServeRequest[]) => {
    worker.asked.push(requests);
    return new Promise((resolve) => worker.answers.push(resolve));
  },
}));

async function page(hash: string) {
  stubPage(hash);
  vi.resetModules();
  const [shown, wanted, { batching }, frontier, { serveVirtual }, { serveRequests }] = await Promise.all([
    import('../../../src/app/batching/shown.ts'),
    import('../../../src/app/batching/wanted.ts'),
    import('../../../src/app/batching/view.ts'),
    import('../../../src/app/batching/frontier.ts'),
    import('../../../src/app/batching/serve.ts'),
    import('../../../src/app/batching/spec.ts'),
  ]);
  /** What the address asks for, computed. */
  const computed = () => {
    const want = wanted.wanted.value;
    if (!want.ok) throw new Error(want.error.message);
    return serveRequests(want.value, wanted.cost.value).map((one) => {
      const run = serveVirtual(one);
      if (!run.ok) throw new Error(run.error.message);
      return run.value;
    });
  };
  return { ...shown, ...wanted, ...frontier, batching, computed };
}

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

beforeEach(() => {
  worker.answers = [];
  left.own = null;
});

describe('a comparison', () => {
  it.each([{ pages: 9 }, { page: 4 }, { ahead: '1' }, { work: '8x2,8x9' }, { tracks: ['serial'] }] as const)(
    'is another one with %o: neither own runs nor a frontier are taken for it',
    async (change) => {
      const { batching, comparisonKey, frontierKey, ownRuns, below, follow, computed, ofLesson } =
        await page('#/batching?from=virtual');
      const end = follow();
      const runs = computed();
      const keys = runs.map(({ header }) => header.strategy);
      ownRuns.value = new Map([[comparisonKey.value, { runs, keys, of: null }]]);
      worker.answers.at(-1)?.(ok(runs));
      await settled();
      expect(below.value?.source).toBe('yours');
      expect(ofLesson.value).toBe(true);
      const frontierBefore = frontierKey.value;
      batching.go(change);
      worker.answers.at(-1)?.(ok(computed()));
      await settled();
      expect(below.value).toBeNull();
      expect(ofLesson.value).toBe(false);
      expect(frontierKey.value).not.toBe(frontierBefore);
      end();
    },
  );

  it('is the same one however the address writes it', async () => {
    const { comparisonKey, lesson, ofLesson } = await page('#/batching');
    const { tracks, work, pages, pageSize } = lesson.value ?? expect.fail('no lesson');
    const written = await page(
      `#/batching?tracks=${tracks.join('~')}&work=${work}&pages=${pages}&page=${pageSize}`,
    );
    expect(written.comparisonKey.value).toBe(comparisonKey.value);
    expect(written.ofLesson.value && ofLesson.value).toBe(true);
  });

  it('has another frontier once the clock was fitted again', async () => {
    const { frontierKey, allCosts, ownFits, batching } = await page('#/batching');
    const [first] = allCosts.value;
    if (!first) throw new Error('no cost model');
    batching.adjust({ cost: 'mine' });
    const fitted = (step: number) =>
      ({
        cost: { ...first, id: 'mine', seconds: { ...first.seconds, step } },
        device: { features: [], adapter: {} },
      }) as never;
    ownFits.value = [fitted(1)];
    const before = frontierKey.value;
    ownFits.value = [fitted(2)];
    expect(frontierKey.value).not.toBe(before);
  });
});

describe('the run below', () => {
  it('a computed one of a lesson is the recorded one, until the reader has one of their own', async () => {
    const { below, ownRuns, comparisonKey, follow, computed } = await page('#/batching?from=virtual');
    const end = follow();
    const runs = computed();
    worker.answers.at(-1)?.(ok(runs));
    await expect.poll(() => below.value?.source).toBe('recorded');
    expect(below.value?.lanes.map((lane) => lane.key)).toHaveLength(2);
    const keys = runs.map(({ header }) => header.strategy);
    ownRuns.value = new Map([[comparisonKey.value, { runs, keys, of: null }]]);
    expect(below.value?.source).toBe('yours');
    end();
  });

  it('the reader’s own is the recorded one, also after the page was opened again', async () => {
    const { recordedRuns } = await import('../../../src/app/batching/runs.ts');
    const runs = await recordedRuns('joining');
    left.own = { runs, keys: runs.map(({ header }) => header.strategy), of: null };
    const { below, shown, follow, batching } = await page('#/batching?from=yours');
    const end = follow();
    await expect.poll(() => shown.value?.source).toBe('yours');
    await expect.poll(() => below.value?.source).toBe('recorded');
    batching.go({ work: '8x2,8x9' });
    expect(below.value).toBeNull();
    end();
  });

  it('of another model is none', async () => {
    const { recordedRuns } = await import('../../../src/app/batching/runs.ts');
    const runs = (await recordedRuns('joining')).map((run) => ({
      ...run,
      header: { ...run.header, numerics: { ...run.header.numerics, model: 'another' } },
    }));
    left.own = { runs, keys: runs.map(({ header }) => header.strategy), of: null };
    const { below, shown, follow } = await page('#/batching?from=yours');
    const end = follow();
    await expect.poll(() => shown.value?.source).toBe('yours');
    await settled();
    expect(below.value).toBeNull();
    end();
  });
});

describe('a comparison of which a device served the first requests', () => {
  it('is computed of the same ones, as they came, unless all of it is asked for', async () => {
    const { ownRuns, comparisonKey, shown, below, follow, computed, batching } = await page(
      '#/batching?lesson=none&from=virtual&tracks=serial&work=synthetic,requests:9,arrivals:poisson,rate:2',
    );
    const served = computed().map((run) => ({
      ...run,
      requests: run.requests.slice(0, 4).map((request) => ({ ...request, arrival: 2 * request.arrival })),
    }));
    ownRuns.value = new Map([[comparisonKey.value, { runs: served, keys: ['serial'], of: 9 }]]);
    const end = follow();
    const asked = () => (worker.asked.at(-1)?.[0]?.requests ?? []).map(({ id, arrival }) => [id, arrival]);
    expect(asked()).toEqual(served[0]?.requests.map(({ id, arrival }) => [id, arrival]));
    expect(asked()).toHaveLength(4);
    worker.answers.at(-1)?.(ok(computed()));
    await settled();
    expect([shown.value?.of, below.value?.of]).toEqual([9, 9]);
    batching.adjust({ size: 'all' });
    expect(asked()).toHaveLength(9);
    end();
  });

  it('says of how many requests each row is where they differ', async () => {
    const { shownOf, computed } = await page(
      '#/batching?from=virtual&lesson=none&work=8x2,8x2&tracks=serial',
    );
    const other = await page('#/batching?from=virtual&lesson=none&work=8x2,8x2,8x2&tracks=serial');
    const lanes = [shownOf('virtual', computed()), other.shownOf('virtual', other.computed())].flatMap(
      (shown) => shown?.lanes ?? [],
    );
    expect(lanes.map(countsOf(lanes))).toEqual([', 2 requests', ', 3 requests']);
    expect(lanes.slice(0, 1).map(countsOf(lanes.slice(0, 1)))).toEqual(['']);
  });
});

describe('the clock', () => {
  it('of another model than would serve says so: whose it is, on which device, of which day', async () => {
    const { clockOfOther } = await page('#/batching?cost=swiftshader');
    expect(clockOfOther.value?.model).toBe('nano');
    expect(clockOfOther.value?.why).toMatch(
      /fitted to steps of nano \(f32 weights, f32 KV\) on SwiftShader: a CPU.*, \d{4}-\d\d-\d\d; base \(f32 weights.* or base \(f16 weights.* would serve/,
    );
    const generated = await page('#/batching?cost=swiftshader&work=synthetic');
    expect(generated.clockOfOther.value).toBeNull();
  });
});

describe('a wish', () => {
  it.each(['yours', 'file'] as const)(
    'for what is there already (%s) outlives the late answer to the one before',
    async (from) => {
      const { batching, comparisonKey, ownRuns, fileRuns, shown, follow, computed } =
        await page('#/batching?from=virtual');
      const end = follow();
      const runs = computed();
      ownRuns.value = new Map([
        [comparisonKey.value, { runs, keys: runs.map((run) => run.header.strategy), of: null }],
      ]);
      fileRuns.value = runs;
      batching.go({ from });
      expect(shown.value?.source).toBe(from);
      for (const answer of worker.answers) answer(ok(computed()));
      await settled();
      expect(shown.value?.source).toBe(from);
      end();
    },
  );
});

it('a file that is not open any more is said to be closed; no other comparison passes for it', async () => {
  const { batching, fileRuns, shown, showFailure, follow, computed } = await page('#/batching?from=file');
  const end = follow();
  await settled();
  expect(worker.answers).toHaveLength(0);
  expect([shown.value, showFailure.value?.code]).toEqual([null, 'file-closed']);
  fileRuns.value = computed();
  expect([shown.value?.source, showFailure.value]).toEqual(['file', null]);
  fileRuns.value = [];
  batching.go({ from: 'virtual' });
  batching.go({ from: 'file' });
  expect(shown.value).toBeNull();
  worker.answers.at(-1)?.(ok(computed()));
  await settled();
  expect(shown.value).toBeNull();
  end();
});

describe('the frontier', () => {
  it('is computed whole when what it is of changes to and fro', async () => {
    const { batching, computeFrontier, frontier, frontierKey } = await page(
      '#/batching?work=8x2,8x2&tracks=serial',
    );
    const key = frontierKey.value;
    const first = computeFrontier();
    await expect
      .poll(() => frontier.value?.lanes[0]?.points.length ?? 0, { timeout: 10_000 })
      .toBeGreaterThan(0);
    batching.go({ pages: 9 });
    const other = computeFrontier();
    batching.go({ pages: 0 });
    await Promise.all([first, other, computeFrontier()]);
    expect(frontier.value).toMatchObject({ key, done: true });
    // there already: what is computed of something else meanwhile must not replace it
    batching.go({ pages: 9 });
    const late = computeFrontier();
    batching.go({ pages: 0 });
    await Promise.all([late, computeFrontier()]);
    expect(frontier.value).toMatchObject({ key, done: true });
  });
});
