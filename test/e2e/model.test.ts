// The Model page on the real worker (SwiftShader): memory before allocating, a refusal, steps, a pause, looking inside.

import { createRequire } from 'node:module';
import type { Page } from 'playwright';
import { describe, expect, it } from 'vitest';
import { documents, textOf } from '../../src/workloads/corpus/index.ts';
import { visit } from './browser.ts';
import { opened } from './opened.ts';

const on = opened();

const patient = { timeout: 30_000 };
const state = (page: Page) => page.locator('.run-state');
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const output = (page: Page) => page.locator('.of-output .token');

const wordsOf = (text: string): string[] => text.toLowerCase().match(/[a-z]+/g) ?? [];
/** Words of the text that the model in the box was trained on. */
function trainedWords(): Set<string> {
  const words = new Set<string>();
  const drawn = documents(1, { part: 'train', from: 40, to: 300 });
  for (let i = 0; i < 2000; i++)
    for (const word of wordsOf(textOf(drawn.next().value.segments))) words.add(word);
  return words;
}

describe('the Model page', () => {
  it('opens with a trained model: one click, and words come until it ends by itself', async () => {
    const { page, errors } = await visit(on.browser, `${on.site.url}#/model`);
    await page.locator('.memory-track').waitFor(patient);
    expect(await page.locator('.shape-line').textContent()).toContain('vocabulary 1,408');
    await button(page, 'Generate').click();
    await output(page).first().waitFor(patient);
    await expect
      .poll(() => state(page).textContent(), { timeout: 90_000 })
      .toMatch(/^Ended by its end token/);
    const pieces = await output(page).allTextContents();
    expect(pieces.at(-1)).toBe('<|end|>');
    const words = wordsOf(pieces.slice(0, -1).join(''));
    expect(words.length).toBeGreaterThan(40);
    const known = trainedWords();
    expect(words.filter((word) => !known.has(word)).length, words.join(' ')).toBeLessThan(words.length / 20);
    expect(errors).toEqual([]);
    await page.context().close();
  });

  it('generates, step by step and at once, with the same seed the same text', async () => {
    const { page, errors } = await visit(on.browser, `${on.site.url}#/model?config=nano&max=16&prompt=hello`);
    await page.getByText('random weights', { exact: true }).waitFor();
    await page.getByText('Nothing is allocated yet.').waitFor();
    await page.locator('.memory-track').waitFor(patient);

    await button(page, 'One step').click();
    await expect.poll(() => state(page).textContent(), patient).toBe('Paused: 1 of 16 tokens.');
    await button(page, 'One step').click();
    await expect.poll(() => state(page).textContent(), patient).toBe('Paused: 2 of 16 tokens.');
    const start = await output(page).allTextContents();
    expect(await page.locator('.cache-panel svg').getAttribute('aria-label')).toBe(
      '1 of 32 pages taken; 6 tokens fill 16 places.',
    );

    await page.getByRole('button', { name: 'Look inside' }).click();
    await page.locator('.inspect-panel canvas').waitFor(patient);
    expect(await page.locator('.inspect-panel').textContent()).toContain('paged_attention/');

    await page.keyboard.press('g');
    await expect.poll(() => state(page).textContent(), patient).toBe('Done: 16 of 16 tokens.');
    const whole = await output(page).allTextContents();
    expect(whole).toHaveLength(16);
    expect(whole.slice(0, 2)).toEqual(start);
    await page.locator('.candidates .drawn').waitFor();

    await button(page, 'Generate').click();
    await expect.poll(() => state(page).textContent(), patient).toBe('Done: 16 of 16 tokens.');
    expect(await output(page).allTextContents()).toEqual(whole);

    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys' }).getByText('look inside the last step').waitFor();
    await page.keyboard.press('Escape');

    await button(page, 'Open this dispatch in Step').click();
    await page.getByText('attention · layer 0 (captured)').first().waitFor(patient);
    expect(errors).toEqual([]);
    await page.context().close();
  });

  it('gives several answers to one prompt, whose pages are shared, and takes the step apart', async () => {
    const prompt = 'the quick brown fox jumps over the dog';
    const query = new URLSearchParams({ config: 'nano', max: '12', answers: '3', seed: '5', prompt });
    const { page, errors } = await visit(on.browser, `${on.site.url}#/model?${query}`);
    await page.locator('.memory-track').waitFor(patient);
    await button(page, 'Generate').click();
    await expect.poll(() => state(page).textContent(), patient).toBe('Done: 12 of 12 tokens, 3 answers.');
    const answers = page.locator('.answer');
    expect(await answers.locator('h3').allTextContents()).toEqual([
      'Answer 1 seed 5',
      'Answer 2 seed 6',
      'Answer 3 seed 7',
    ]);
    const texts = await answers.locator('.of-output').allTextContents();
    expect(new Set(texts).size).toBe(3);
    expect(await output(page).count()).toBe(36);
    // 38 tokens of prompt: two full pages for all, then two of each one's own
    expect(await page.locator('.page-square.shared').count()).toBe(2);
    expect(await page.locator('.page-square.shared text').allTextContents()).toEqual(['×3', '×3']);
    expect(await page.locator('.cache-panel svg').getAttribute('aria-label')).toContain(
      '2 shared: without that, 4 more.',
    );

    await page.locator('.likely-panel').getByRole('radio', { name: '3' }).check();
    await page.locator('.candidates .drawn').waitFor();

    await button(page, 'Split the last step by op').click();
    const split = page.locator('.split-table');
    await split.waitFor(patient);
    expect(await split.locator('tbody').textContent()).toContain('paged_attention/04_serial');
    expect(await page.locator('.split-panel').textContent()).toContain('Estimated: WebGPU tells times');

    await button(page, 'Probe this device').click();
    const found = page.locator('.numerics-panel [role=status]');
    await found.waitFor(patient);
    expect(await found.textContent()).toMatch(/^The same bits on this device/);

    await page.getByRole('radio', { name: 'fast' }).check();
    expect(page.url()).toContain('numerics=fast');
    await button(page, 'Load').click();
    await page.locator('.numerics-panel').getByText('quickest kernel').waitFor(patient);
    await button(page, 'Probe this device').click();
    await found.waitFor(patient);
    expect(await found.textContent()).toMatch(/^Fast numerics are not the same in every batch/);

    // the answers share the context's pages: what does not fit is shortened, and said
    await page.getByLabel('Answers').fill('8');
    await page.getByLabel('Answers').blur();
    await page.getByLabel('Tokens', { exact: true }).fill('400');
    await page.getByLabel('Tokens', { exact: true }).blur();
    await page.getByText('8 answers share the pages of this context: at most 43 tokens each.').waitFor();
    expect(errors).toEqual([]);
    await page.context().close();
  });

  it('pauses, goes on and is cancelled from the keyboard', async () => {
    const { page, errors } = await visit(
      on.browser,
      `${on.site.url}#/model?config=nano&max=2000&window=2048&prompt=hello`,
    );
    await page.locator('.memory-track').waitFor(patient);
    await button(page, 'Generate').click();
    await output(page).first().waitFor(patient);
    await page.locator('h1').click();
    await page.keyboard.press(' ');
    await expect.poll(() => state(page).textContent(), patient).toMatch(/^Paused: \d+ of 2000 tokens\.$/);
    const paused = Number(/\d+/.exec((await state(page).textContent()) ?? '')?.[0]);
    await page.keyboard.press(' ');
    await expect.poll(() => button(page, 'Pause').count(), patient).toBe(1);
    await page.keyboard.press('Escape');
    await expect.poll(() => state(page).textContent(), patient).toMatch(/^Cancelled: \d+ of 2000 tokens\.$/);
    const ended = Number(/\d+/.exec((await state(page).textContent()) ?? '')?.[0]);
    expect(ended).toBeGreaterThanOrEqual(paused);
    expect(ended).toBeLessThan(2000);
    expect(errors).toEqual([]);
    await page.context().close();
  });

  it('refuses what does not fit before anything is allocated, and names a broken checkpoint', async () => {
    const { page } = await visit(on.browser, `${on.site.url}#/model?config=Llama-3.2-1B`);
    const alert = page.locator('.load-panel').getByRole('alert');
    await alert.filter({ hasText: 'Llama-3.2-1B does not fit: it takes' }).waitFor(patient);
    expect(await button(page, 'Load').isDisabled()).toBe(true);
    expect(await button(page, 'Generate').isDisabled()).toBe(true);
    expect(await state(page).textContent()).toBe(
      'This model cannot be loaded here: the Model panel says why.',
    );
    // the way out is a click away
    await page
      .getByRole('button', { name: /^Choose what fits: i8-row weights, f32 pages, 512 tokens/ })
      .click();
    await expect.poll(() => button(page, 'Load').isDisabled(), patient).toBe(false);
    expect(page.url()).toContain('weights=i8-row');
    await page.goBack();
    await alert.filter({ hasText: 'Llama-3.2-1B does not fit' }).waitFor(patient);
    await page.evaluate(() => {
      const data = new DataTransfer();
      data.items.add(new File(['{"model_type": "llama"}'], 'config.json'));
      document.body.dispatchEvent(
        new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }),
      );
    });
    await page.getByText('There is no tokenizer.json beside config.json').waitFor(patient);
    await alert.filter({ hasText: 'config.json: architectures is missing. Supported' }).waitFor(patient);
    await page.context().close();
  });

  it.each([
    [390, 'light'],
    [390, 'dark'],
    [1440, 'light'],
    [1440, 'dark'],
  ] as const)('at %i px, %s: nothing scrolls sideways, and axe finds nothing', async (width, colorScheme) => {
    const { page } = await visit(on.browser, `${on.site.url}#/model?max=24&answers=2`, {
      viewport: { width, height: 900 },
      colorScheme,
    });
    // a narrow screen folds the model up, and says what it takes in a line
    if (width < 760) await page.locator('.load-panel summary', { hasText: 'of 2 GiB' }).waitFor(patient);
    else await page.locator('.memory-track').waitFor(patient);
    await button(page, 'Generate').click();
    await expect
      .poll(() => state(page).textContent(), patient)
      .toMatch(/^(Done|Ended by its end token): 24 of 24 tokens, 2 answers\.$/);
    await page.getByRole('button', { name: 'Look inside' }).click();
    await page.locator('.inspect-panel canvas').waitFor(patient);
    const shots = process.env['LOCKSTEP_SHOTS'];
    if (shots) await page.screenshot({ path: `${shots}/model-${width}-${colorScheme}.png`, fullPage: true });
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
