// The Step page as a person uses it: open, step both ways, the three moves, tours, a phone.

import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { visit } from './browser.ts';
import { opened } from './opened.ts';
import { clickCell, link, open, patient, result, sentence, where } from './step-page.ts';

const on = opened();

describe('stepping', () => {
  it('opens a shipped kernel from the Bench page in one click, with inputs that fit it', async () => {
    const { page, errors } = await visit(on.browser, `${on.site.url}#/bench`);
    await page.locator('.source-panel').getByRole('link', { name: 'Step', exact: true }).click(patient);
    await page.locator('.lanes-panel canvas').waitFor(patient);
    expect(page.url()).toMatch(/#\/step\?kernel=matmul/);
    await result(page, 'agree with the double-precision reference');
    expect(errors).toEqual([]);
    await page.context().close();
  });

  it('goes both ways by keyboard, says what happened, and a link restores it', async () => {
    const { page, errors } = await open(on, '#/step');
    await expect.poll(() => sentence(page).textContent(), patient).toMatch(/^Subgroup 0 reads a\[/);
    const start = await where(page);
    for (let i = 0; i < 7; i++) await page.keyboard.press('ArrowRight');
    await expect.poll(() => where(page)).toBe(start + 7);
    const there = await sentence(page).textContent();
    for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowRight');
    for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowLeft');
    await expect.poll(() => where(page)).toBe(start + 7);
    await expect.poll(() => sentence(page).textContent()).toBe(there);
    await page.keyboard.press('Shift+ArrowRight');
    await expect.poll(() => sentence(page).textContent(), patient).toMatch(/arrives at the barrier/);
    await page.keyboard.press('End');
    await expect.poll(() => sentence(page).textContent(), patient).toMatch(/The workgroup is done\.$/);
    await page.keyboard.press('Home');
    await expect.poll(() => where(page)).toBe(0);
    await page.keyboard.press('l');
    await expect.poll(() => where(page)).toBeGreaterThan(0);
    await page.keyboard.press('Shift+ArrowRight');
    await expect.poll(() => sentence(page).textContent(), patient).toMatch(/arrives at the barrier/);
    const [said, at] = [await sentence(page).textContent(), await where(page)];
    await expect.poll(() => page.url(), patient).toMatch(new RegExp(`[?&]t=${at}(&|$)`));
    const again = await open(on, new URL(page.url()).hash);
    await expect.poll(() => sentence(again.page).textContent(), patient).toBe(said);
    expect(await where(again.page)).toBe(at);
    expect([...errors, ...again.errors]).toEqual([]);
    await page.context().close();
    await again.page.context().close();
  });

  it('another subgroup width and another order are other runs of the same kernel', async () => {
    const { page } = await open(on, '#/step');
    const before = await page.locator('.where').textContent();
    await page.getByRole('combobox', { name: 'Lanes of a subgroup' }).selectOption('8');
    await page.locator('.lead', { hasText: 'subgroup 8' }).waitFor(patient);
    await expect.poll(() => page.locator('.where').textContent(), patient).not.toBe(before);
    await result(page, 'agree with the double-precision reference');
    await page.context().close();
  });

  it('follows one lane through divergence: its statements only, both ways', async () => {
    const { page, errors } = await open(
      on,
      await link(
        on,
        `@group(0) @binding(0) var<storage, read_write> y: array<u32>;
fn left(i: u32) -> u32 { return i * 2u; }
fn right(i: u32) -> u32 { return i + 7u; }
@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) i: u32) {
  var v = 0u;
  if (i % 2u == 0u) {
    v = left(i);
  } else {
    v = right(i);
  }
  y[i] = v;
}`,
      ),
    );
    await page.keyboard.press('Home');
    // the second lane, by its address
    const url = new URL(page.url()).hash;
    const odd = await open(on, `${url.replace(/[&?]t=\d+/, '')}&lane=33&t=0`);
    await odd.page.keyboard.press('f');
    expect(await odd.page.getByRole('button', { name: 'follow lane 33' }).getAttribute('aria-pressed')).toBe(
      'true',
    );
    const lines: string[] = [];
    for (let i = 0; i < 4; i++) {
      const at = await where(odd.page);
      await odd.page.keyboard.press('ArrowRight');
      await expect.poll(() => where(odd.page), patient).toBeGreaterThan(at);
      lines.push((await sentence(odd.page).textContent()) ?? '');
    }
    expect(lines.every((l) => l.startsWith('Subgroup 1'))).toBe(true);
    expect(lines.join(' ')).toContain('right');
    expect(lines.join(' ')).not.toMatch(/left|i \* 2u/);
    // over the call, back: the callee is not entered
    await odd.page.keyboard.press('Home');
    for (let i = 0; i < 3; i++) await odd.page.keyboard.press('o');
    await expect.poll(() => sentence(odd.page).textContent(), patient).toContain('right(i)');
    await odd.page.keyboard.press('o');
    await expect.poll(() => sentence(odd.page).textContent(), patient).toMatch(/writes y/);
    await odd.page.keyboard.press('u');
    await expect.poll(() => sentence(odd.page).textContent(), patient).toContain('right(i)');
    expect(odd.page.url()).toContain('follow=1');
    expect([...errors, ...odd.errors]).toEqual([]);
    await page.context().close();
    await odd.page.context().close();
  });

  it('a link to a captured dispatch that is gone says so, and steps the same kernel', async () => {
    const { page, errors } = await open(
      on,
      '#/step?kernel=paged_attention/02_page_walk&capture=paged_attention/02_page_walk:attention:3:0123abcd&wg=1',
    );
    const banner = page.getByText('This link shows a captured dispatch: attention of layer 3');
    await banner.waitFor(patient);
    await result(page, 'agree with the double-precision reference');
    await page.getByRole('button', { name: 'Stay with the small inputs' }).click();
    await banner.waitFor({ state: 'detached' });
    expect(page.url()).not.toContain('capture=');
    expect(errors).toEqual([]);
    await page.context().close();
  });

  it('lists every key', async () => {
    const { page } = await open(on, '#/step');
    await page.keyboard.press('?');
    const dialog = page.getByRole('dialog', { name: 'Keys' });
    await dialog.waitFor();
    for (const label of ['to the next barrier', 'the focus lane’s next statement', 'to the next breakpoint'])
      await dialog.getByText(label, { exact: true }).waitFor();
    await page.context().close();
  });
});

describe('the three moves', () => {
  it('an output cell: its loads light up, in the contract’s row and column and nowhere else', async () => {
    const { page, errors } = await open(on, '#/step');
    await clickCell(page, 'c', 3, 4);
    await result(page, /fed by 128 loads: 32 cells of a, 32 cells of b/);
    expect(page.url()).toContain('cell=c:3,4');
    await page.getByRole('slider', { name: 'Memory a,' }).waitFor();
    await page.getByRole('slider', { name: 'Memory b,' }).waitFor();
    // as of the cursor: nothing is written yet, and the loads count up to the write
    await result(page, /Not written yet: it will be, by lane 52 at statement/);
    await page.getByRole('button', { name: 'To the start (Home)' }).click();
    await result(page, /By now 0 of them have happened/);
    await page.getByRole('button', { name: 'go to the write' }).click();
    await result(page, /^(?!.*Not written)(?!.*By now).*Written by lane 52/s);
    await page.keyboard.press('Shift+ArrowLeft');
    await result(page, /By now \d+ of them have happened/);
    expect(errors).toEqual([]);
    await page.context().close();
  });

  it('a tile cell: what it holds now, and what it held a phase before', async () => {
    const { page } = await open(on, '#/step');
    await page.keyboard.press('End');
    await clickCell(page, 'tile_a', 2, 3);
    await result(page, /Written by lane 35 at statement [\d,]+; fed by 1 load: 1 cell of a/);
    await page.getByRole('button', { name: 'To the start (Home)' }).click();
    await result(page, /Not written yet: it will be, by lane 35/);
    // between the two phases it holds what the first one put there
    await page.getByRole('button', { name: 'go to the write' }).click();
    await result(page, /^(?!.*Not written).*Written by lane 35/s);
    await page.context().close();
  });

  it('a barrier struck out: wrong cells and the two lines that race; put back, all is right', async () => {
    const { page, errors } = await open(on, '#/step');
    await result(page, 'Result right');
    await page.getByRole('button', { name: 'strike out' }).last().click();
    const banner = page.locator('.struck-banner');
    await expect
      .poll(() => banner.textContent(), patient)
      .toMatch(/1,024 of 1,024 cells are wrong; lines \d+ and \d+ race/);
    expect(await page.locator('.step-line.found').count()).toBeGreaterThanOrEqual(2);
    await banner.getByRole('button', { name: /^to the read/ }).click();
    await expect.poll(() => sentence(page).textContent(), patient).toMatch(/reads .*tile_[ab]/);
    await banner.getByRole('button', { name: /^Put line/ }).click();
    await result(page, 'Result right');
    expect(await banner.count()).toBe(0);
    expect(errors).toEqual([]);
    await page.context().close();
  });

  it('naive against tiled: the reads of one input cell fall sixteenfold', async () => {
    const { page, errors } = await open(on, '#/step?cell=a:3,7&mem=a&drawer=origin');
    const bar = (version: string) => page.locator('.reuse li', { hasText: version }).locator('b');
    await expect.poll(() => bar('01 naive').textContent(), patient).toBe('32×');
    await expect.poll(() => bar('02 shared tile').textContent(), patient).toBe('2×');
    await page.locator('.reuse').getByRole('button', { name: '01 naive' }).click();
    await result(page, /Read 8 times in this workgroup/);
    expect(page.url()).toContain('cell=a:3,7');
    expect(errors).toEqual([]);
    await page.context().close();
  });
});

describe('tours', () => {
  const done = /The workgroup is done\.$/;

  it.each([
    ['The shared tile', 8, 7],
    ['Paged attention', 7, 6],
  ])(
    '%s: every stop of %i opens, the first at the start and number %i at the end',
    async (title, stops, end) => {
      const { page, errors } = await open(on, '#/step');
      await page.getByRole('button', { name: `Tour: ${title}` }).click();
      for (let i = 1; i <= stops; i++) {
        await page.locator('.tour-where', { hasText: `${i} of ${stops}` }).waitFor(patient);
        await page.locator('.lanes-panel canvas').waitFor(patient);
        await expect.poll(() => sentence(page).textContent(), patient).not.toBe('');
        if (i === 1) await expect.poll(() => where(page), patient).toBe(0);
        if (i === end) await expect.poll(() => sentence(page).textContent(), patient).toMatch(done);
        if (i < stops) await page.locator('.tour').getByRole('button', { name: 'Next' }).click();
      }
      await page.locator('.tour').getByRole('button', { name: 'Done' }).click();
      expect(await page.locator('.tour').count()).toBe(0);
      expect(errors).toEqual([]);
      await page.context().close();
    },
  );

  it('a task is ticked when it is done; a barrier that is not put back does not move the end', async () => {
    const { page } = await open(on, '#/step?tour=shared_tile&stop=4');
    await page.getByRole('button', { name: 'strike out' }).last().click();
    await page.locator('.tour .task', { hasText: '✔' }).waitFor(patient);
    // the stop at the end puts the barrier back itself, which opens the kernel again
    const next = page.locator('.tour').getByRole('button', { name: 'Next' });
    await next.click();
    await page.locator('.tour-where', { hasText: '6 of 8' }).waitFor(patient);
    await next.click();
    await page.locator('.struck-banner').waitFor({ ...patient, state: 'detached' });
    await expect.poll(() => sentence(page).textContent(), patient).toMatch(done);
    await page.waitForURL(/[?&]t=\d/, patient);
    expect(await sentence(page).textContent()).toMatch(done);
    await page.context().close();
  });
});

describe('at any width and in any theme', () => {
  it.each([
    [390, 'light'],
    [390, 'dark'],
    [1440, 'light'],
    [1440, 'dark'],
  ] as const)('%i px, %s: nothing scrolls sideways, and axe finds nothing', async (width, colorScheme) => {
    const { page } = await open(on, '#/step?drawer=counters', {
      viewport: { width, height: 900 },
      colorScheme,
    });
    await page.getByRole('button', { name: 'strike out' }).last().click();
    await page.locator('.struck-banner', { hasText: 'race' }).waitFor(patient);
    // every picture has its name, and none looks like an alarm
    for (const name of ['Lanes', 'tile_a', 'c'])
      await page.getByRole('heading', { name, exact: true }).waitFor(patient);
    expect(await page.locator('.memory-column').evaluate((e) => getComputedStyle(e).backgroundColor)).toBe(
      'rgba(0, 0, 0, 0)',
    );
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
