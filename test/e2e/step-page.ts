// What the tests of the Step page ask it and do on it.

import type { Page } from 'playwright';
import { type Visit, visit } from './browser.ts';
import type { Opened } from './opened.ts';

/** A busy machine needs more than a second. */
export const patient = { timeout: 20_000 };

/** The page with its first picture. */
export async function open(
  on: Opened,
  hash: string,
  options: Parameters<typeof visit>[2] = {},
): Promise<Visit> {
  const visited = await visit(on.browser, `${on.site.url}${hash}`, options);
  await visited.page.locator('.lanes-panel canvas').waitFor(patient);
  return visited;
}
/** What the cursor's statement did. */
export const sentence = (page: Page) => page.locator('.step-timeline .sentence');
/** The statement that the cursor is at. */
export const where = async (page: Page): Promise<number> =>
  Number((await page.locator('.where').textContent())?.replaceAll(',', '').match(/\d+/)?.[0]);
/** Waits until the drawer says so. */
export const result = (page: Page, text: string | RegExp) =>
  page.locator('.drawer-body', { hasText: text }).waitFor(patient);
/** Clicks a cell of a memory by its description's reach: row and column of a grid with square cells. */
export async function clickCell(page: Page, memory: string, row: number, column: number): Promise<void> {
  const canvas = page.getByRole('slider', { name: `Memory ${memory},` });
  await canvas.focus();
  // arrow keys move a cell cursor, Enter picks: what a screen reader's user does
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowUp');
  for (let i = 0; i < row; i++) await page.keyboard.press('ArrowDown');
  for (let i = 0; i < column; i++) await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
}

/** A link to an own kernel with this source. */
export async function link(on: Opened, source: string): Promise<string> {
  const { page } = await visit(on.browser, `${on.site.url}#/step`);
  const packed = await page.evaluate(async (text) => {
    const stream = new Blob([text]).stream().pipeThrough(new CompressionStream('deflate-raw'));
    const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
    return btoa(String.fromCharCode(...bytes))
      .replaceAll('+', '-')
      .replaceAll('/', '_')
      .replace(/=+$/, '');
  }, source);
  await page.context().close();
  return `#/step?kernel=own&src=${packed}`;
}
