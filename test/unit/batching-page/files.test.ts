// What goes out of the page and comes back: a recipe says all that the lesson had lent, opened files belong to no lesson.

import { readFileSync } from 'node:fs';
import { expect, it, vi } from 'vitest';
import { unwrap } from '../../../src/core/result.ts';
import { stubPage } from '../page-globals.ts';

async function page(hash: string) {
  stubPage(hash);
  vi.resetModules();
  const [files, wanted, shown, { batching }] = await Promise.all([
    import('../../../src/app/batching/files-panel.tsx'),
    import('../../../src/app/batching/wanted.ts'),
    import('../../../src/app/batching/shown.ts'),
    import('../../../src/app/batching/view.ts'),
  ]);
  return { ...files, ...wanted, ...shown, batching };
}

it.each(['', 'lesson=long-prompt', 'pages=7', 'work=synthetic,requests:4', 'lesson=none&pages=30&page=4'])(
  'the recipe of “%s” asks for the same comparison without the lesson',
  async (params) => {
    const { recipe, comparisonKey, wanted } = await page(`#/batching?${params}`);
    const [key, want] = [comparisonKey.value, unwrap(wanted.value)];
    const copy = await page(new URL(recipe()).hash);
    expect(copy.batching.view.value).toMatchObject({ lesson: 'none', from: 'virtual' });
    expect(copy.comparisonKey.value).toBe(key);
    expect(unwrap(copy.wanted.value).limits).toEqual(want.limits);
  },
);

it('opened runs are of no lesson: no question, answer or door speaks of them', async () => {
  const { openRunFiles, lesson, batching, fileRuns } = await page('#/batching?door=wait&lane=1&request=3');
  const text = readFileSync('bench/results/batching/joining.swiftshader.json', 'utf8');
  expect(await openRunFiles([new File([text], 'runs.json')])).toBe('');
  expect(fileRuns.value.length).toBeGreaterThan(1);
  expect(lesson.value).toBeNull();
  expect(batching.view.value).toMatchObject({ from: 'file', lesson: 'none', door: '', lane: 0, request: 0 });
});
