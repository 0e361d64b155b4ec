// All pages in one visit. The styles of a page that was left stay in the document: they must not reach into the next one.

import type { Page } from 'playwright';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launch, visit } from './browser.ts';
import { siteFolder } from './build.ts';
import { type Site, serve } from './serve.ts';

let site: Site;
let browser: Awaited<ReturnType<typeof launch>>;
beforeAll(async () => {
  // nothing here needs a device, and none means the same page each time
  [site, browser] = await Promise.all([serve(siteFolder), launch('without-adapter')]);
});
afterAll(async () => {
  await browser.close();
  await site.close();
});

/** Each page, and what is there when it is complete. */
const pages = [
  ['#/batching?guess=skip', '.summary-panel'],
  ['#/bench', '.bench-source .line'],
  ['#/bench?tab=attention', '.tab-choose .chips'],
  ['#/step', '.drawer-body'],
  ['#/model', '.sampling'],
] as const;

/** Every box of the page: what it is, how large, and where. */
const boxes = (page: Page): Promise<readonly string[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll('main *')].map((element) => {
      const { left, top, width, height } = element.getBoundingClientRect();
      const [x, y] = [left + scrollX, top + scrollY];
      return `${element.tagName}.${element.getAttribute('class') ?? ''} ${[x, y, width, height].map(Math.round)}`;
    }),
  );

/** The boxes once they have stopped changing. */
async function settled(page: Page): Promise<readonly string[]> {
  let before = await boxes(page);
  for (;;) {
    await page.waitForTimeout(500);
    const now = await boxes(page);
    if (now.join() === before.join()) return now;
    before = now;
  }
}

it('a page is the same whichever pages were open before it', async () => {
  const alone = new Map<string, readonly string[]>();
  for (const [hash, complete] of pages) {
    const { page } = await visit(browser, `${site.url}${hash}`);
    // as below, where Bench and Model have asked
    const ask = page.getByRole('button', { name: 'Ask for the GPU' });
    const told = page.locator('.notice', { hasText: 'found no GPU' });
    await ask.or(told).first().waitFor();
    if (await ask.isVisible()) await ask.click({ timeout: 5000 }).catch(() => undefined);
    await told.waitFor();
    await page.locator(complete).first().waitFor();
    alone.set(hash, await settled(page));
    await page.context().close();
  }
  const { page, errors } = await visit(browser, site.url);
  for (const round of ['first', 'again'])
    for (const [hash, complete] of pages) {
      await page.goto(`${site.url}${hash}`);
      await page.locator(complete).first().waitFor();
      if (round === 'again') expect(await settled(page), hash).toEqual(alone.get(hash));
    }
  expect(errors).toEqual([]);
  await page.context().close();
});
