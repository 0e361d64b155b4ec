// The built site from a sub-path of a plain static host: small, and usable without network after one visit.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { visit } from './browser.ts';
import { siteFolder } from './build.ts';
import { opened } from './opened.ts';
import { serve } from './serve.ts';

const on = opened();

it('opens offline after the first visit, with the recorded run', async () => {
  const site = await serve(siteFolder); // one that can go away
  const { page, errors } = await visit(on.browser, `${site.url}#/bench`);
  // resolves once the worker has put everything into its cache
  await page.evaluate(async () => void (await navigator.serviceWorker.ready));
  await page.context().setOffline(true);
  await site.close();
  await page.reload();
  await page.getByRole('heading', { name: 'How fast is my GPU' }).waitFor();
  await page.getByText('Recorded on').waitFor();
  await page.locator('svg.ladder .bar').first().waitFor();
  // the worker and the kernels come from the same cache
  await page.locator('header .device', { hasText: 'SwiftShader' }).waitFor();
  // another page, never opened online, and its recorded run
  await page.getByRole('link', { name: 'Batching', exact: true }).click();
  await page.getByTestId('run-badge').getByText('Recorded on').waitFor();
  await page.getByRole('button', { name: 'Skip' }).click();
  await page.getByTestId('answer').waitFor();
  await page.locator('.summary-panel tbody').getByText('Continuous').first().waitFor();
  expect(await page.locator('.track canvas').count()).toBe(2);
  expect(errors).toEqual([]);
  await page.context().close();
}, 120_000);

it('tells its text offline after the first visit, of any page', async () => {
  const site = await serve(siteFolder); // one that can go away
  const { page, errors } = await visit(on.browser, `${site.url}#/bench`);
  await page.evaluate(async () => void (await navigator.serviceWorker.ready));
  await page.context().setOffline(true);
  await site.close();
  await page.reload();
  await page.getByRole('link', { name: 'Model', exact: true }).click();
  await page.locator('.memory-track').waitFor();
  await page.getByRole('button', { name: 'Generate', exact: true }).click();
  await page.locator('.of-output .token').nth(3).waitFor({ timeout: 60_000 });
  expect(errors).toEqual([]);
  await page.context().close();
}, 120_000);

it('loads less than 150 kB of compressed JavaScript for its first page, and no GPU before the first paint', async () => {
  const context = await on.browser.newContext();
  const page = await context.newPage();
  const scripts = new Set<string>();
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.pathname.endsWith('.js') && !/sw\.js|workbox/.test(url.pathname))
      scripts.add(url.pathname.split('/').at(-1) ?? '');
  });
  await page.addInitScript(() => {
    const asked: number[] = [];
    Object.assign(globalThis, { asked });
    const { Worker: Original } = globalThis;
    globalThis.Worker = class extends Original {
      constructor(url: string | URL, options?: WorkerOptions) {
        asked.push(performance.now());
        super(url, options);
      }
    };
  });
  await page.goto(`${on.site.url}#/bench`);
  await page.locator('header .device', { hasText: 'SwiftShader' }).waitFor();
  const { paint, asked } = await page.evaluate(() => ({
    paint: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.POSITIVE_INFINITY,
    asked: (globalThis as typeof globalThis & { readonly asked: readonly number[] }).asked,
  }));
  expect(asked.length).toBe(1);
  expect(asked[0]).toBeGreaterThan(paint);
  const sizes = [...scripts].map(
    (name) => [name, gzipSync(readFileSync(join(siteFolder, 'assets', name))).length] as const,
  );
  const page150 = sizes.filter(([name]) => !name.includes('worker')).reduce((sum, [, size]) => sum + size, 0);
  expect(page150, JSON.stringify(sizes)).toBeLessThan(150_000);
  await context.close();
});
