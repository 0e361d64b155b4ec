// The Model page at work: a reader's own checkpoints, every tensor as its values, and a Cancel that ends whatever goes on.

import { readdirSync, readFileSync } from 'node:fs';
import type { Page } from 'playwright';
import { describe, expect, it } from 'vitest';
import { presets } from '../../src/model/presets.ts';
import { checkpointFiles, seededTensors } from '../unit/model/checkpoint-files.ts';
import { visit } from './browser.ts';
import { opened } from './opened.ts';

const on = opened();

const patient = { timeout: 30_000 };
const state = (page: Page) => page.locator('.run-state');
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
/** What the last text says, once it has ended. */
async function generated(page: Page, count: number): Promise<string> {
  await expect.poll(() => button(page, 'Generate').isDisabled(), patient).toBe(false);
  await button(page, 'Generate').click();
  await expect.poll(() => state(page).textContent(), patient).toBe(`Done: ${count} of ${count} tokens.`);
  return (await page.locator('.of-output .token').allTextContents()).join('');
}

type NamedBytes = readonly { readonly name: string; readonly base64: string }[];

/** Drops files onto the page, as a reader does. */
const drop = (page: Page, files: NamedBytes): Promise<void> =>
  page.evaluate((list) => {
    const data = new DataTransfer();
    for (const { name, base64 } of list)
      data.items.add(new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], name));
    document.body.dispatchEvent(
      new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }),
    );
  }, files);

/** The files of a nano whose weights come from `seed`. */
const nanoFiles = (seed: number): Promise<NamedBytes> =>
  Promise.all(
    checkpointFiles(presets.nano, seededTensors(presets.nano, seed), 'F32').map(async ({ name, blob }) => ({
      name: name.replace('model/', ''),
      base64: Buffer.from(await blob.arrayBuffer()).toString('base64'),
    })),
  );

describe('a checkpoint of the reader’s own', () => {
  it('opened as a folder tells its words through its tokenizer.json, as the same model in the box does', async () => {
    const { page, errors } = await visit(on.browser, `${on.site.url}#/model?max=24`);
    await page.locator('.memory-track').waitFor(patient);
    const boxed = await generated(page, 24);
    expect(boxed.match(/[a-z]+/gi)?.length).toBeGreaterThan(8);

    const choosing = page.waitForEvent('filechooser');
    await button(page, 'Open a checkpoint …').click();
    await (await choosing).setFiles('models/base');
    const count = readdirSync('models/base').length;
    await page.locator('.checkpoint', { hasText: `base ${count} files` }).waitFor(patient);
    await page.getByText('16 tokens, by the checkpoint’s own tokenizer.json.').waitFor(patient);
    expect(await generated(page, 24)).toBe(boxed);
    await page.getByText('base is loaded, in').waitFor();
    // the same folder, dropped
    await drop(
      page,
      readdirSync('models/base').map((name) => ({
        name,
        base64: readFileSync(`models/base/${name}`).toString('base64'),
      })),
    );
    await page.getByText('what is chosen now replaces it').waitFor(patient);
    expect(await generated(page, 24)).toBe(boxed);

    await button(page, 'Back to the models here').click();
    await page.getByText('16 tokens, by the model’s own tokenizer.').waitFor(patient);
    expect(errors).toEqual([]);
    await page.context().close();
  });

  it('replaces another with as many files: the new weights run', async () => {
    const { page, errors } = await visit(
      on.browser,
      `${on.site.url}#/model?config=nano&wseed=2&max=12&prompt=hello`,
    );
    await page.locator('.memory-track').waitFor(patient);
    const second = await generated(page, 12);
    await drop(page, await nanoFiles(1));
    await page.locator('.checkpoint').waitFor(patient);
    const first = await generated(page, 12);
    expect(first).not.toBe(second);
    await drop(page, await nanoFiles(2));
    await page.getByText('what is chosen now replaces it').waitFor(patient);
    expect(await generated(page, 12)).toBe(second);
    expect(errors).toEqual([]);
    await page.context().close();
  });
});

describe('inside a step', () => {
  it('weights and KV pages are values, whatever they are stored as, one dispatch after another', async () => {
    const { page, errors } = await visit(
      on.browser,
      `${on.site.url}#/model?config=nano&max=3&prompt=hello&weights=i8-g32&kv=f16&tensor=pages`,
    );
    const panel = page.locator('.inspect-panel');
    const text = () => panel.textContent();
    const canvas = panel.locator('canvas');
    await page.locator('.memory-track').waitFor(patient);
    await generated(page, 3);
    await button(page, 'Look inside').click();
    await canvas.waitFor(patient);
    expect(await text()).toContain('[32, 1, 16, K and V of 32] f16');
    // after “hello” and two tokens the pages hold seven, of magnitudes that values have
    expect(await canvas.getAttribute('aria-valuetext')).toMatch(
      /^K of page 0, head 0, token 0: \[0\] = -?\d/,
    );
    expect(Math.abs(Number(/largest ([-\d.]+)/.exec((await text()) ?? '')?.[1]))).toBeLessThan(100);
    await canvas.focus();
    await page.keyboard.press('ArrowDown');
    await panel.getByText(/^K of page 0, head 0, token 1: \[0\] = -?\d/).waitFor();

    // having looked once, another dispatch is a choice away
    await page.getByLabel('Dispatch').selectOption('qkv');
    await panel.getByText('linear/', { exact: false }).waitFor(patient);
    await panel.getByRole('radio', { name: 'w', exact: true }).check();
    expect(await text()).toContain('[128, 64] int8 × scale');

    await button(page, 'One step').click();
    await expect.poll(() => state(page).textContent(), patient).toBe('Paused: 1 of 3 tokens.');
    expect(await text()).toContain('in step 3; others have run since');
    expect(errors).toEqual([]);
    await page.context().close();
  });
});

describe('Cancel', () => {
  it('ends loading, a split and a probe, and the page goes on', async () => {
    const { page, errors } = await visit(
      on.browser,
      `${on.site.url}#/model?config=stories15M&window=128&max=4&prompt=hello`,
    );
    await page.locator('.memory-track').waitFor(patient);
    const cancel = page.locator('.run-controls').getByRole('button', { name: 'Cancel' });
    expect(await cancel.isDisabled()).toBe(true);

    await button(page, 'Generate').click();
    await page.getByRole('progressbar', { name: 'Loading' }).waitFor(patient);
    await cancel.click();
    await page
      .locator('.load-row', { hasText: 'Loading was cancelled; nothing of it was kept.' })
      .waitFor(patient);
    expect(await page.getByRole('alert').count()).toBe(0);

    await page.getByRole('combobox', { name: 'Model' }).selectOption('nano');
    await generated(page, 4);
    await button(page, 'Split the last step by op').click();
    await page.getByRole('progressbar', { name: 'Timing the step by op' }).waitFor(patient);
    await cancel.click();
    await page.locator('.split-panel', { hasText: 'The split was cancelled.' }).waitFor(patient);
    await button(page, 'Split the last step by op').click();
    await page.locator('.split-table').waitFor(patient);

    // from the keyboard, before the worker has even begun
    await button(page, 'Probe this device').evaluate((probe: HTMLElement) => {
      probe.click();
      window.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape' }));
    });
    await page.locator('.numerics-panel', { hasText: 'The probe was cancelled.' }).waitFor(patient);
    await generated(page, 4);
    expect(errors).toEqual([]);
    await page.context().close();
  });
});
