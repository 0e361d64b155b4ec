// What axe finds wrong on a page, or in a part of it.

import { createRequire } from 'node:module';
import type { Page } from 'playwright';

/** Violations of WCAG 2.2 AA, each with the elements it is about. */
export async function violations(page: Page, part = 'html'): Promise<readonly string[]> {
  const loaded = await page.evaluate(() => Reflect.has(globalThis, 'axe'));
  if (!loaded)
    await page.addScriptTag({ path: createRequire(import.meta.url).resolve('axe-core/axe.min.js') });
  return page.evaluate(async (selector) => {
    const axe = Reflect.get(globalThis, 'axe') as typeof import('axe-core');
    const found = await axe.run(selector, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'] });
    return found.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(' ')).join(', ')}`);
  }, part);
}
