// What the tests of the Batching page ask it and do on it.

import type { Browser, Page } from 'playwright';
import { type Visit, visit } from './browser.ts';

/** The first lesson, its question answered. */
export const answered = '#/batching?guess=skip';
export const clipboard = { permissions: ['clipboard-read', 'clipboard-write'] };
/** Polls by themselves give up after a second; a busy machine needs more. */
export const patient = { timeout: 20_000 };

/** Whose run is in view. */
export const badge = (page: Page) => page.getByTestId('run-badge');
/** What the page says of the answers: whether they are the same. */
export const same = (page: Page) => page.locator('.same-outputs').getAttribute('data-same');

/** Steps of the first track. */
export const steps = async (page: Page): Promise<number> =>
  Number(
    /in (\d+) steps/.exec(
      (await page.locator('.track canvas').first().getAttribute('aria-label')) ?? '',
    )?.[1],
  );

/** Clicks in the row that is asked about, at a share of its width. */
export async function guess(page: Page, share: number): Promise<void> {
  const row = page.locator('.guess');
  await row.waitFor();
  const box = await row.boundingBox();
  if (!box) throw new Error('the row to guess in has no size');
  await page.mouse.click(box.x + box.width * share, box.y + box.height / 2);
}

/** Opens the link that carries the runs in view, in `browser`, which has none of them. */
export async function followResultLink(browser: Browser, page: Page): Promise<Visit> {
  await page.getByRole('radio', { name: 'Files and links', exact: true }).check();
  await page.getByRole('button', { name: 'Result: these very figures' }).click();
  await page.getByRole('button', { name: 'Copied' }).waitFor();
  return visit(browser, await page.evaluate(() => navigator.clipboard.readText()));
}
