// The tabs of the Bench page beside Kernels: whole models and attention, measured on the real worker (SwiftShader).

import { createRequire } from 'node:module';
import type { Page } from 'playwright';
import { describe, expect, it } from 'vitest';
import { visit } from './browser.ts';
import { opened } from './opened.ts';

const on = opened();

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
const done = (page: Page) => page.getByText('Measured here, on').waitFor({ timeout: 160_000 });

describe('the tabs of Bench', () => {
  it('times whole steps, prefill and decode, beside their floors', async () => {
    const { page, errors } = await visit(on.browser, `${on.site.url}#/bench`);
    await page.getByRole('radio', { name: 'Whole model' }).check();
    expect(page.url()).toContain('tab=model');
    await page.getByRole('checkbox', { name: 'i8-row' }).uncheck();
    await page
      .getByRole('group', { name: 'Sequences' })
      .getByRole('checkbox', { name: '1', exact: true })
      .uncheck();
    await run(page).click();
    await done(page);
    const rows = await page.locator('.panel', { hasText: 'Steps' }).locator('tbody tr').allInnerTexts();
    expect(rows).toHaveLength(4);
    for (const row of rows)
      expect(row).toMatch(/nano f32, KV f32, (canonical|fast)\s+(prefill|decode)\s+8\s+[\d,.]+\s/);
    expect(await page.locator('svg.log-chart circle').count()).toBe(4);

    // each step by op, estimated, beside the measured whole
    const split = page.locator('.split-panel');
    expect(await split.textContent()).toContain('Estimated: WebGPU tells times at pass boundaries only');
    expect(await split.locator('option').count()).toBe(4);
    await split.getByRole('combobox').selectOption('nano f32, KV f32, fast, decode of 8');
    expect(await split.locator('tbody').textContent()).toContain('linear/07_straight_block');
    const shares = await split.locator('tbody tr td:nth-of-type(3)').allInnerTexts();
    const sum = shares.reduce((total, share) => total + Number.parseFloat(share), 0);
    expect(sum).toBeGreaterThan(90);
    expect(sum).toBeLessThan(110);

    const numerics = page.locator('.numerics-panel');
    expect(await numerics.textContent()).toMatch(/The same bits on this device/);
    expect(await numerics.textContent()).toMatch(/Fast numerics are not the same in every batch/);
    expect(await numerics.locator('tbody tr').allInnerTexts()).toHaveLength(2);
    await shot(page, 'tab-model-1440');
    expect(await axe(page)).toEqual([]);
    expect(errors).toEqual([]);
    await page.setViewportSize({ width: 390, height: 900 });
    await shot(page, 'tab-model-390');
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    // a link brings the choices back
    await page.reload();
    expect(await page.getByRole('checkbox', { name: 'i8-row' }).isChecked()).toBe(false);
    await page.goBack();
    await page.getByRole('radio', { name: 'Kernels' }).and(page.locator(':checked')).waitFor();
    await page.context().close();
  });

  it('times int8 activations beside f32 ones, as the command does', async () => {
    const link = 'tab=model&weights=i8-row&numerics=canonical&batches=1';
    const { page, errors } = await visit(on.browser, `${on.site.url}#/bench?${link}`);
    const chips = page.getByRole('group', { name: 'Activations' });
    expect(await chips.getByRole('checkbox', { name: 'f32' }).isChecked()).toBe(true);
    await chips.getByRole('checkbox', { name: 'i8' }).check();
    await expect.poll(() => page.url()).toContain('activations=f32~i8');
    await run(page).click();
    await done(page);
    const rows = await page.locator('.panel', { hasText: 'Steps' }).locator('tbody tr').allInnerTexts();
    const names = rows.map((row) => row.split('\t').slice(0, 2).join(' ').trim());
    expect(names.sort()).toEqual(
      ['nano i8-row, KV f32', 'nano i8-row, activations i8, KV f32']
        .flatMap((model) => ['prefill', 'decode'].map((phase) => `${model}, canonical ${phase}`))
        .sort(),
    );
    for (const row of rows) expect(row.split('\t')[3]).toMatch(/\d/);
    expect(await page.locator('.numerics-panel').textContent()).toContain(
      'nano i8-row, activations i8, KV f32',
    );
    // the int8 matrices are what served
    const split = page.locator('.split-panel');
    await split
      .getByRole('combobox')
      .selectOption('nano i8-row, activations i8, KV f32, canonical, decode of 1');
    expect(await split.locator('tbody').textContent()).toContain('matmul_w8a8/');
    expect(errors).toEqual([]);
    // none chosen: nothing to run
    await chips.getByRole('checkbox', { name: 'f32' }).uncheck();
    await chips.getByRole('checkbox', { name: 'i8' }).uncheck();
    await page.getByText('Choose at least one of each.').waitFor();
    await page.context().close();
  });

  it('sets paged attention beside contiguous and gathered', async () => {
    const { page, errors } = await visit(on.browser, `${on.site.url}#/bench?tab=attention`);
    const box = (name: string) => page.getByRole('checkbox', { name, exact: true });
    await page.getByRole('group', { name: 'Sequences' }).getByRole('checkbox', { name: '8' }).uncheck();
    await box('i8').check();
    await box('f32').uncheck();
    await box('1024').uncheck();
    // the address follows a moment later
    await expect.poll(() => page.url()).toMatch(/batches=1&.*contexts=256&|contexts=256&.*batches=1&/);
    await run(page).click();
    await done(page);
    const rows = await page.locator('tbody tr').allInnerTexts();
    expect(rows).toHaveLength(1);
    const cells = (rows[0] ?? '').split('\t').map((text) => text.trim());
    expect(cells.slice(0, 6)).toEqual(['decode', '1', '256', '4', 'i8', '16']);
    for (const figure of cells.slice(8, 12)) expect(Number(figure.replaceAll(',', ''))).toBeGreaterThan(0);
    expect(cells[12]).toMatch(/\d–\d/);
    // three measured lines and the ceiling
    expect(await page.locator('svg.log-chart circle').count()).toBe(3);
    expect(await page.locator('svg.log-chart .ceiling').textContent()).toBe('reading the bytes');
    await shot(page, 'tab-attention-1440');
    expect(await axe(page)).toEqual([]);
    expect(errors).toEqual([]);
    await page.context().close();
  });

  it('scores ways of storing the trained model on held-out text, beside bytes and speed', async () => {
    const { page, errors } = await visit(
      on.browser,
      `${on.site.url}#/bench?tab=quality&ways=i8-row&inputs=i8&caches=i8&texts=10`,
    );
    await run(page).click();
    await done(page);
    const table = page.getByRole('region', { name: 'Ways of storing the model' });
    const rows = await table.locator('tbody tr').allInnerTexts();
    expect(rows).toHaveLength(2);
    const [f32 = [], int8 = []] = rows.map((row) => row.split('\t').map((text) => text.trim()));
    expect(f32[0]).toBe('f32, KV f32');
    expect(int8[0]).toBe('i8-row, activations i8, KV i8');
    expect(Number(f32[4])).toBeGreaterThan(1);
    expect(int8[5]).toMatch(/^[+−±]\d+\.\d\d %$/);
    expect(Number.parseFloat(int8[7] ?? '')).toBeGreaterThan(90);
    // error of the logits, RMS and largest; KL from f32, mean and 99th percentile
    expect(f32.slice(8, 12)).toEqual(['–', '–', '–', '–']);
    const [rms = 0, largest = 0, mean = 0, p99 = 0] = int8
      .slice(8, 12)
      .map((text) => Number(text.replace('−', '-')));
    expect(rms).toBeGreaterThan(0);
    expect(largest).toBeGreaterThan(rms);
    expect(mean).toBeGreaterThan(0);
    expect(p99).toBeGreaterThan(mean);
    const tasks = page.getByRole('region', { name: 'Answers that are right, by task' });
    expect(await tasks.locator('tbody tr').count()).toBeGreaterThan(4);
    expect(await page.locator('.quality-plot svg[role=img]').count()).toBe(1);
    await page
      .getByText(/(The most costly is|the largest change is) i8-row, activations i8, KV i8/)
      .waitFor();
    // ticks that read alike would say nothing
    const ticks = await page.locator('.quality-plot [aria-label="y-axis tick label"] text').allTextContents();
    expect(new Set(ticks).size).toBe(ticks.length);
    await shot(page, 'tab-quality-1440');
    expect(await axe(page)).toEqual([]);
    expect(errors).toEqual([]);
    await page.setViewportSize({ width: 390, height: 900 });
    await shot(page, 'tab-quality-390');
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    await page.context().close();
  });
});
