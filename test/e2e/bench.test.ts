// The Bench page on the real worker (SwiftShader): first visit, a run, what is kept, links, files, keys, a phone.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright';
import { describe, expect, it } from 'vitest';
import { parseResultFile } from '../../src/measure/read-results.ts';
import type { ResultFile } from '../../src/measure/schema.ts';
import { type LockstepConsole, visit } from './browser.ts';
import { opened } from './opened.ts';

const on = opened();

/** What main.tsx offers to the console. */
declare const lockstep: LockstepConsole;

/** Polls by themselves give up after a second; a busy machine needs more. */
const patient = { timeout: 20_000 };
const small = '#/bench?shapes=48&versions=01_naive~02_shared_tile&tuning=off';
const run = (page: Page) => page.getByRole('button', { name: 'Run on this device' });

async function finished(page: Page): Promise<void> {
  await run(page).click();
  await page.getByText('Measured here, on').waitFor({ timeout: 60_000 });
}

async function downloaded(page: Page): Promise<{ readonly path: string; readonly file: ResultFile }> {
  const waiting = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download JSON' }).click();
  const path = await (await waiting).path();
  const parsed = parseResultFile(readFileSync(path, 'utf8'));
  if (!parsed.ok) throw new Error(parsed.error.message);
  return { path, file: parsed.value };
}

async function openFiles(
  page: Page,
  files: readonly (string | { name: string; mimeType: string; buffer: Buffer })[],
): Promise<void> {
  const waiting = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Open JSON' }).click();
  const chooser = await waiting;
  for (const file of files) await chooser.setFiles(typeof file === 'string' ? [file] : [file]);
}

describe('the first visit', () => {
  it('shows a recorded run, with its device, as not the reader’s own', async () => {
    const { page, errors } = await visit(on.browser, `${on.site.url}#/bench`);
    await page.getByText('Recorded on').waitFor();
    await page.getByText('not your GPU', { exact: true }).first().waitFor();
    await page.locator('svg.ladder .bar.best').waitFor();
    expect(await page.locator('.ladder-panel .panel-footer').textContent()).toMatch(
      /(as fast as|noise of) 01 naive/,
    );
    expect(errors).toEqual([]);
    await page.context().close();
  });
});

interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  /** In microseconds. */
  readonly ts: number;
  readonly dur?: number;
  /** Processor time in microseconds: what the task itself took, however busy the machine is. */
  readonly tdur?: number;
  readonly args?: {
    readonly name?: string;
    readonly chrome_mojo_event_info?: { readonly mojo_interface_tag?: string };
  };
}

/**
 * Processor time of the page's longest main-thread task while `work` runs, in milliseconds. What Playwright asks of the page through
 * DevTools is not the page's: its own script alone is 330 kB, compiled in every new document.
 */
async function longestTask(page: Page, work: () => Promise<void>): Promise<number> {
  await on.browser.startTracing(page, { categories: ['toplevel', 'devtools.timeline'] });
  await work();
  const trace = JSON.parse((await on.browser.stopTracing()).toString()) as {
    readonly traceEvents: readonly TraceEvent[];
  };
  const main = trace.traceEvents.filter((e) => e.name === 'thread_name' && e.args?.name === 'CrRendererMain');
  const own = trace.traceEvents.filter((e) => main.some((m) => m.pid === e.pid && m.tid === e.tid));
  const tasks = own.filter((e) => e.name === 'ThreadControllerImpl::RunTask');
  expect(tasks.length).toBeGreaterThan(100);
  const asked = own.filter(
    ({ args }) => args?.chrome_mojo_event_info?.mojo_interface_tag === 'blink.mojom.DevToolsSession',
  );
  const times = tasks.map((task) =>
    asked
      .filter((e) => e.pid === task.pid && e.ts >= task.ts && e.ts < task.ts + (task.dur ?? 0))
      .reduce((rest, e) => rest - (e.tdur ?? 0), task.tdur ?? 0),
  );
  return Math.max(...times) / 1000;
}

describe('a run', () => {
  it('measures without holding the main thread, is kept, and its link and its file say the same elsewhere', async () => {
    const { page, errors } = await visit(on.browser, `${on.site.url}${small}`, {
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    const longest = await longestTask(page, async () => {
      await page.reload();
      await finished(page);
    });
    console.log(`the longest task took ${longest.toFixed(1)} ms of processor time`);
    expect(longest).toBeLessThan(50);

    await page.locator('.table-panel tbody tr').nth(1).waitFor();
    expect(await page.locator('.table-panel tbody tr').count()).toBe(2);
    expect(await page.locator('svg.ladder .bar').count()).toBe(2);
    const { path, file } = await downloaded(page);
    expect(file.results.map((r) => [r.version, r.verified])).toEqual([
      ['01_naive', true],
      ['02_shared_tile', true],
    ]);
    expect(file.command).toBe(
      'npm run bench -- kernels --op matmul --shape 48 --versions 01_naive,02_shared_tile --quick',
    );

    await page.reload();
    await page.getByText('Measured here, on').waitFor();
    const cell = '.table-panel tbody tr:first-child td:nth-child(2)';
    const figure = await page.locator(cell).textContent();
    await page.getByRole('button', { name: 'Result link' }).click();
    await page.getByRole('button', { name: 'Copied' }).waitFor();
    const link = await page.evaluate(() => navigator.clipboard.readText());

    await openFiles(page, [path]);
    await page.getByText('From a file, measured on').waitFor();
    for (const box of await page.getByRole('checkbox', { name: /^Compare (yours|file)/ }).all())
      await box.check();
    const cells = page.locator('.compare .ratio-text');
    await expect.poll(() => cells.allTextContents(), patient).toHaveLength(2);
    for (const text of await cells.allTextContents()) expect(text).toMatch(/^no difference \(/);
    expect(errors).toEqual([]);
    await page.context().close();

    const elsewhere = await visit(on.browser, link);
    await elsewhere.page.getByText('From a link, measured on').waitFor();
    await elsewhere.page.getByText('not your GPU', { exact: true }).first().waitFor();
    expect(await elsewhere.page.locator(cell).textContent()).toBe(figure);
    await elsewhere.page.context().close();

    const cut = await visit(on.browser, link.slice(0, -40));
    await cut.page.getByRole('alert').waitFor();
    expect(await cut.page.getByRole('alert').textContent()).toContain('cannot be read');
    await cut.page.context().close();
  });

  it('can be cancelled and keeps what is done, marked', async () => {
    const { page } = await visit(on.browser, `${on.site.url}#/bench?shapes=48~64~80~96~112&tuning=off`);
    await run(page).click();
    await page.locator('svg.ladder .bar .fill').first().waitFor({ timeout: 60_000 });
    await page.keyboard.press('Escape');
    await page.getByText('Measured here, on').waitFor({ timeout: 30_000 });
    expect(await page.locator('.run-badge').textContent()).toContain('cancelled');
    const { file } = await downloaded(page);
    expect(file.invalid.join()).toContain('cancelled');
    expect(file.results.some((r) => r.verified)).toBe(true);
    await page.context().close();
  });
});

describe('a run whose worker dies', () => {
  it('keeps what was measured, says why it ended, and the next run gets a new worker', async () => {
    const { page } = await visit(on.browser, `${on.site.url}#/bench?shapes=48~64~80~96~112&tuning=off`);
    await run(page).click();
    await page.locator('svg.ladder .bar .fill').first().waitFor({ timeout: 60_000 });
    await page.evaluate(async () => (await lockstep.worker()).terminate('a test stopped it'));
    await page.getByText('Measured here, on').waitFor({ timeout: 30_000 });
    expect(await page.locator('.run-badge').textContent()).toContain('a test stopped it');
    await page.locator('[data-notice=dead-worker]').getByRole('button', { name: 'Try again' }).click();
    await expect.poll(() => run(page).isEnabled(), patient).toBe(true);
    await page.context().close();
  });
});

describe('links', () => {
  it('a recipe waits for a click', async () => {
    const { page } = await visit(on.browser, `${on.site.url}${small}&recipe=ask`);
    await page.getByText('nothing has run yet').waitFor();
    await expect.poll(() => run(page).isEnabled(), patient).toBe(true);
    expect(await page.getByText('Measured here').count()).toBe(0);
    expect(await page.getByRole('checkbox', { name: 'Run 01 naive' }).isChecked()).toBe(true);
    expect(await page.getByRole('checkbox', { name: 'Run 03 register 4×4' }).isChecked()).toBe(false);
    await page.context().close();
  });

  it('own shapes and sweeps are in the address', async () => {
    const { page } = await visit(on.browser, `${on.site.url}#/bench`);
    await page.getByText('Own shape, or a sweep').click();
    await page.getByRole('textbox', { name: 'm × n × k' }).fill('10 x 20 x 30');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    expect(await page.getByRole('checkbox', { name: '10×20×30' }).isChecked()).toBe(true);
    await page.getByRole('button', { name: /^Sweep \d+ sizes/ }).click();
    expect(new URLSearchParams(page.url().split('?')[1]).get('shapes')).toBe('128~192~256~384~512~768~1024');
    await page.context().close();
  });

  it('back and forward walk through what was chosen', async () => {
    const { page } = await visit(on.browser, `${on.site.url}#/bench`);
    await page.locator('svg.ladder .bar').first().waitFor();
    await page.getByRole('radio', { name: 'GB/s' }).check();
    await page.locator('svg.ladder .bar').first().click();
    expect(page.url()).toContain('unit=gbps');
    expect(page.url()).toContain('row=01_naive');
    await page.goBack();
    expect(page.url()).not.toContain('row=');
    await page.goBack();
    expect(page.url()).not.toContain('unit=');
    await page.goForward();
    await page.locator('svg.ladder[aria-label="Ladder, GB/s"]').waitFor();
    await page.context().close();
  });
});

describe('files', () => {
  it('that are dropped on the page are opened', async () => {
    const { page } = await visit(on.browser, `${on.site.url}#/bench`);
    await page.locator('svg.ladder .bar').first().waitFor();
    const { file } = await downloaded(page);
    const text = JSON.stringify({ ...file, date: '2001-02-03T04:05:06.000Z' });
    await page.evaluate((content) => {
      const data = new DataTransfer();
      data.items.add(new File([content], 'old.json'));
      document.body.dispatchEvent(
        new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }),
      );
    }, text);
    await page.getByText('From a file, measured on').waitFor();
    expect(await page.locator('.run-badge').textContent()).toContain('3 Feb 2001');
    await page.context().close();
  });

  it('names the file and what is wrong with it', async () => {
    const { page } = await visit(on.browser, `${on.site.url}#/bench`);
    const text = (name: string, body: string) => ({
      name,
      mimeType: 'application/json',
      buffer: Buffer.from(body),
    });
    await openFiles(page, [text('notes.json', '{"a": 1}')]);
    const alert = page.getByRole('alert');
    await alert.filter({ hasText: 'notes.json: is not a "lockstep-kernels" file.' }).waitFor();
    await openFiles(page, [text('cut.json', '{"schema": "lockstep-ker')]);
    await alert.filter({ hasText: 'cut.json: is no JSON' }).waitFor();
    await page.context().close();
  });
});

describe('keys, sizes and readers', () => {
  it('lists its keys, and a version is chosen from the keyboard', async () => {
    const { page } = await visit(on.browser, `${on.site.url}#/bench`);
    const bar = page.locator('svg.ladder .bar').first();
    await bar.waitFor();
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys' }).getByText('run on this device').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await page.locator('.panel .term', { hasText: 'ceiling' }).first().focus();
    await page.locator('.tip', { hasText: 'ceiling: the rate this device reached' }).waitFor();
    await bar.focus();
    expect(await page.locator('.exact').textContent()).toContain('01 naive');
    await page.keyboard.press('Enter');
    await page.locator('.source-panel h2', { hasText: '01 naive' }).waitFor();
    await page.context().close();
  });

  it('keeps the chosen theme', async () => {
    const { page } = await visit(on.browser, `${on.site.url}#/bench`);
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await ground();
    await page.getByRole('button', { name: 'Theme: as the system' }).click();
    await page.getByRole('button', { name: 'Theme: light' }).click();
    expect(await ground()).not.toBe(light);
    await page.reload();
    await page.getByRole('button', { name: 'Theme: dark' }).waitFor();
    expect(await ground()).not.toBe(light);
    await page.context().close();
  });

  it.each([
    [390, 'light'],
    [390, 'dark'],
    [1440, 'light'],
    [1440, 'dark'],
  ] as const)('at %i px, %s: nothing scrolls sideways, and axe finds nothing', async (width, colorScheme) => {
    const { page } = await visit(on.browser, `${on.site.url}#/bench`, {
      viewport: { width, height: 900 },
      colorScheme,
    });
    await page.locator('svg.ladder .bar').first().waitFor();
    await page.locator('header .device', { hasText: 'SwiftShader' }).waitFor();
    await page.getByRole('heading', { name: 'Ceilings of this run' }).waitFor(); // the last part to be mounted
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    await page.addScriptTag({ path: createRequire(import.meta.url).resolve('axe-core/axe.min.js') });
    const found = await page.evaluate(async () => {
      const axe = Reflect.get(globalThis, 'axe') as typeof import('axe-core');
      const { violations } = await axe.run(document, {
        runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'],
      });
      return violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(' ')).join(', ')}`);
    });
    expect(found).toEqual([]);
    await page.context().close();
  });
});
