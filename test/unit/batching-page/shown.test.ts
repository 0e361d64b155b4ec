// Which runs are shown, and which are held against each other: those of one comparison, the newest wish alone.

import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ok } from '../../../src/core/result.ts';
import { stubPage } from '../page-globals.ts';

/** Answers of the worker that computes, in the order in which it was asked. */
const worker = vi.hoisted(() => ({ answers: [] as ((runs: unknown) => void)[] }));
vi.mock('../../../src/app/batching/compute.ts', () => ({
  computeNow: () => undefined,
  compute: () => new Promise((resolve) => worker.answers.push(resolve)),
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
