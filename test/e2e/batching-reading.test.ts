// Reading the Batching page deeper: the drawers, charts and page maps by pointer, by keys, as tables and as files; what axe says of
// all of it with four tracks.

import type { Page } from 'playwright';
import { describe, expect, it } from 'vitest';
import { violations } from './axe.ts';
import { visit } from './browser.ts';
import { picture, saved, savedBytes, sizeOf } from './downloads.ts';
import { opened } from './opened.ts';

const on = opened();

const two = '#/batching?guess=skip&from=virtual';
const four =
  '#/batching?guess=skip&from=virtual&tracks=static,slots:2~continuous,slots:2~chunked,slots:2,budget:16~serial';
const drawers = ['Curves', 'Distributions', 'Frontier', 'All metrics', 'Files and links'] as const;
const openDrawer = async (page: Page, name: (typeof drawers)[number]): Promise<void> => {
  await page.getByRole('radio', { name, exact: true }).check();
  if (name === 'Frontier')
    await page.getByRole('button', { name: 'Save lockstep-frontier as SVG' }).waitFor();
};

describe('axe finds nothing, and nothing scrolls sideways', () => {
  it.each([
    [390, 'light'],
    [390, 'dark'],
    [1440, 'light'],
    [1440, 'dark'],
  ] as const)('at %i px, %s: the question, four tracks, every drawer', async (width, colorScheme) => {
    const look = { viewport: { width, height: 900 }, colorScheme };
    const first = await visit(on.browser, on.site.url, look);
    await first.page.locator('.guess').waitFor();
    expect(await violations(first.page)).toEqual([]);
    await first.page.context().close();
    const { page } = await visit(on.browser, `${on.site.url}${four}&door=wait`, look);
    await page.locator('.summary-panel').waitFor();
    for (const summary of await page.locator('.pages-panel summary').all()) await summary.click();
    expect(await violations(page)).toEqual([]);
    for (const name of drawers) {
      await openDrawer(page, name);
      for (const summary of await page.locator('.drawer-panel summary').all()) await summary.click();
      expect(await violations(page, '.drawer-panel'), name).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth), name).toBeLessThanOrEqual(
        width,
      );
    }
    await page.context().close();
  });
});

describe('a chart', () => {
  it('is read by keys and as a table, and saved with its names and its source', async () => {
    const { page, errors } = await visit(on.browser, `${on.site.url}${two}&drawer=spread`);
    const plot = page.getByRole('slider', { name: /^Distribution of time to first token/ });
    await plot.focus();
    await page.keyboard.press('End');
    expect(await plot.getAttribute('aria-valuetext')).toMatch(/ms: Static 100 %, Continuous 100 %$/);
    await page.keyboard.press('ArrowLeft');
    expect(await plot.getAttribute('aria-valuetext')).toMatch(/Static 50 %, Continuous 100 %$/);
    const figure = page.locator('.figure').first();
    await figure.getByText('As a table').click();
    expect(await figure.locator('tbody tr').last().textContent()).toMatch(/100 %100 %$/);
    const svg = await saved(page, 'Save lockstep-ttft as SVG');
    expect(svg).toMatch(/^<svg[\s\S]*>Static<[\s\S]*>Continuous<[\s\S]*>Simulated on the virtual clock: /);
    expect(svg).not.toMatch(/class=|var\(--/);
    const { width, height, colors } = await picture(
      page,
      await savedBytes(page, 'Save lockstep-ttft as PNG'),
    );
    expect([width, height]).toEqual(sizeOf(svg).map((size) => 2 * size));
    expect(colors).toBeGreaterThan(10);
    expect(errors).toEqual([]);
    await page.context().close();
  });
});

describe('the curves', () => {
  it('are read at the cursor of the tracks, wherever keys move it', async () => {
    const { page, errors } = await visit(on.browser, `${on.site.url}${two}&drawer=curves&at=0.01`);
    const figure = page.locator('.figure', { hasText: 'Requests waiting' });
    const line = figure.locator('.cursor-line');
    await line.waitFor({ state: 'attached' }); // no box: an upright line has no width
    const place = async (): Promise<{ readonly x: number; readonly said: string; readonly at: string }> => ({
      x: Number(await line.getAttribute('x1')),
      said: (await figure.locator('.figure-read').textContent()) ?? '',
      at: (await page.locator('.timeline .cursor span').textContent()) ?? '',
    });
    const first = await place();
    // requests 3 and 4 wait in the first step
    expect(first.said).toBe(`${first.at}: Static 2, Continuous 2`);
    const seen = [first];
    for (const key of ['ArrowRight', 'ArrowRight', 'ArrowRight']) {
      await page.keyboard.press(key);
      await expect.poll(async () => (await place()).x).toBeGreaterThan(seen.at(-1)?.x ?? 0);
      seen.push(await place());
    }
    // by then request 3 has joined one batch, and waits for the other to finish
    expect(seen.at(-1)?.said).toBe(`${seen.at(-1)?.at}: Static 2, Continuous 1`);
    await page.keyboard.press('ArrowLeft');
    await expect.poll(place).toEqual(seen.at(-2));
    // in equal steps too
    await page.keyboard.press('t');
    await expect.poll(async () => (await place()).said).toMatch(/^step 3: Static 2, Continuous 1$/);
    await page.keyboard.press('ArrowRight');
    await expect.poll(async () => (await place()).said).toMatch(/^step 4: /);
    expect(errors).toEqual([]);
    await page.context().close();
  });
});

describe('the frontier', () => {
  it('has a point a rate and track, each read by keys and as a row', async () => {
    const { page, errors } = await visit(on.browser, `${on.site.url}${two}&drawer=frontier`);
    const figure = page.locator('.figure');
    await expect.poll(() => figure.locator('circle.dot').count(), { timeout: 60_000 }).toBe(16);
    await expect.poll(() => page.getByText('Computing …').count()).toBe(0);
    const plot = page.getByRole('slider', { name: /^p90 of the time to first token/ });
    await plot.focus();
    await page.keyboard.press('Home');
    expect(await plot.getAttribute('aria-valuetext')).toMatch(/Static [\d.]+ m?s at [\d.,]+\/s, Continuous/);
    await figure.getByText('As a table').click();
    expect(await figure.locator('tbody td').filter({ hasText: 's' }).count()).toBe(16);
    expect(errors).toEqual([]);
    await page.context().close();
  });
});

describe('all metrics', () => {
  it('stand with their formulas, and goodput appears with an objective', async () => {
    const { page, errors } = await visit(on.browser, `${on.site.url}${two}&drawer=formulas`);
    const rows = page.locator('.formulas tbody tr');
    await rows.first().waitFor();
    const before = await rows.count();
    expect(before).toBeGreaterThan(30);
    for (const formula of await rows.locator('.formula').allTextContents())
      expect(formula.length).toBeGreaterThan(3);
    await page.getByLabel('TTFT at most (ms)').fill('200');
    await page.keyboard.press('Enter');
    await page
      .locator('.formulas')
      .getByText(/goodput/i)
      .first()
      .waitFor();
    await expect.poll(() => page.url()).toContain('ttft:200');
    await page.locator('.formulas').getByText('One run cannot tell it').waitFor();
    expect(errors).toEqual([]);
    await page.context().close();
  });
});

describe('the page map', () => {
  it('is read page by page with keys, request by request as a table, and saved', async () => {
    const { page, errors } = await visit(on.browser, `${on.site.url}${two}&axis=steps&at=1.5`);
    const map = page.getByRole('slider', { name: 'KV pages of Continuous: arrow keys read page by page' });
    await map.focus();
    await page.keyboard.press('ArrowRight');
    expect(await map.getAttribute('aria-valuetext')).toMatch(/^Page 0: owned by R1; 8 of 8 tokens\.$/);
    await page.keyboard.press('ArrowRight');
    expect(await map.getAttribute('aria-valuenow')).toBe('1');
    await page.keyboard.press('End');
    expect(await map.getAttribute('aria-valuetext')).toMatch(/^Page 9: /);
    await page.keyboard.press('Escape');
    const said = (await map.getAttribute('aria-valuetext')) ?? '';
    expect(said).toMatch(/^\d+ of 10 taken; /);
    const lane = page.locator('.lane-pages').nth(1);
    await lane.getByText('As a table').click();
    const pages = await lane.locator('tbody td:nth-child(2)').allTextContents();
    expect(pages.reduce((sum, text) => sum + Number(text), 0)).toBe(Number(/\d+/.exec(said)?.[0]));
    const svg = await saved(page, 'Save the page maps as SVG');
    expect(svg).toContain(`>${said}<`);
    expect(svg).toMatch(/>KV pages in step 2 · simulated: /);
    const { width, height, colors } = await picture(
      page,
      await savedBytes(page, 'Save the page maps as PNG'),
    );
    expect([width, height]).toEqual(sizeOf(svg).map((size) => 2 * size));
    expect(colors).toBeGreaterThan(10);
    expect(errors).toEqual([]);
    await page.context().close();
  });
});
