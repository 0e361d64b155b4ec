// The tabs of the Bench page beside Kernels: whole models and attention, measured on the real worker (SwiftShader).

import { createRequire } from 'node:module';
import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launch, visit } from './browser.ts';
import { siteFolder } from './build.ts';
import { type Site, serve } from './serve.ts';

let site: Site;
let browser: Browser;
beforeAll(async () => {
  [site, browser] = await Promise.all([serve(siteFolder), launch('swiftshader')]);
});
afterAll(async () => {
  await browser.close();
  await site.close();
});

async function axe(page: Page): Promise<readonly string[]> {
  await page.addScriptTag({ path: createRequire(import.meta.url).resolve('axe-core/axe.min.js') });
  return page.evaluate(async () => {
    const checker = Reflect.get(globalThis, 'axe') as typeof import('axe-core');
    const { violations } = await checker.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'],
    });
    return violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(' ')).join(', ')}`);
  });
}

const shot = async (page: Page, name: string): Promise<void> => {
  const folder = process.env['LOCKSTEP_SHOTS'];
  if (folder) await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
};
const run = (page: Page) => page.getByRole('button', { name: 'Run on this device' });
const done = (page: Page) => page.getByText('Measured here, on').waitFor({ timeout: 120_000 });

describe('the tabs of Bench', () => {
  it('times whole steps, prefill and decode, beside their floors', async () => {
    const { page, errors } = await visit(browser, `${site.url}#/bench`);
    await page.getByRole('radio', { name: 'Whole model' }).check();
    expect(page.url()).toContain('tab=model');
    await page.getByRole('checkbox', { name: 'i8-row' }).uncheck();
    await page.getByRole('checkbox', { name: '64', exact: true }).uncheck();
    await run(page).click();
    await done(page);
    const rows = await page.locator('tbody tr').allInnerTexts();
    expect(rows).toHaveLength(4);
    for (const row of rows) expect(row).toMatch(/nano f32, KV f32\s+(prefill|decode)\s+(1|8)\s+[\d,.]+\s/);
    expect(await page.locator('svg.rates circle').count()).toBe(4);
    await shot(page, 'tab-model-1440');
    expect(await axe(page)).toEqual([]);
    expect(errors).toEqual([]);
    await page.setViewportSize({ width: 390, height: 900 });
    await shot(page, 'tab-model-390');
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    await page.goBack();
    await page.getByRole('radio', { name: 'Kernels' }).and(page.locator(':checked')).waitFor();
    await page.context().close();
  });

  it('sets paged attention beside contiguous and gathered', async () => {
    const { page, errors } = await visit(browser, `${site.url}#/bench?tab=attention`);
    await page.getByRole('checkbox', { name: '1024' }).uncheck();
    await page.getByRole('checkbox', { name: '256' }).check();
    await page
      .getByRole('group', { name: 'Sequences' })
      .getByRole('checkbox', { name: '8', exact: true })
      .uncheck();
    await run(page).click();
    await done(page);
    const [row = ''] = await page.locator('tbody tr').allInnerTexts();
    expect(row).toMatch(/^decode 1×256, 32 heads in groups of 4, f32, pages of 16\s+\d\d /);
    const cells = row.split('\t').map((text) => text.trim());
    for (const figure of cells.slice(3, 6)) expect(Number(figure)).toBeGreaterThan(0);
    await shot(page, 'tab-attention-1440');
    expect(await axe(page)).toEqual([]);
    expect(errors).toEqual([]);
    await page.context().close();
  });
});
