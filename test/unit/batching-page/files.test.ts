// What goes out of the page and comes back: a recipe says all that the lesson had lent, opened files belong to no lesson.

import { readFileSync } from 'node:fs';
import { expect, it, vi } from 'vitest';
import { unwrap } from '../../../src/core/result.ts';
import { stubPage } from '../page-globals.ts';
import { plain } from './scene.ts';

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

it('the tracks as a picture are all their requests, however many there are', async () => {
  const work = 'synthetic,requests:700,output:2,prompt:2';
  const { tracksSvg, follow, shown } = await page(
    `#/batching?lesson=none&from=virtual&tracks=serial&work=${work}`,
  );
  const { palette } = await import('../../../src/app/batching/palette.ts');
  palette.value = plain;
  const stop = follow();
  await expect.poll(() => shown.value?.lanes[0]?.track.requests, { timeout: 10_000 }).toBe(700);
  const comparison = shown.value ?? expect.fail('it was there');
  const { text, height } = tracksSvg(comparison) ?? expect.fail('there is a palette');
  expect(height).toBeGreaterThan(700 * 3);
  // under serial batching each request has a row of its own, the last one at the bottom
  const tops = [...text.matchAll(/<rect x="[^"]*" y="([\d.]+)"/g)].map((m) => Number(m[1]));
  expect(Math.max(...tops)).toBe(699 * 3);
  stop();
});

it('a picture is as large as a canvas can be, and twice its size at most', async () => {
  stubPage('');
  const { pngScale } = await import('../../../src/app/batching/save-figure.ts');
  expect(pngScale(1280, 600)).toBe(2);
  expect(pngScale(1280, 12_000) * 12_000).toBe(16_384);
  const wide = pngScale(16_000, 16_300);
  expect(16_000 * 16_300 * wide ** 2).toBeLessThanOrEqual(2 ** 28 * 1.000001);
});

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
