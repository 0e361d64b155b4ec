// Looking closer on the Step page: watches, breakpoints, packed words, findings, and versions beside each other.

import { describe, expect, it } from 'vitest';
import { launch, visit } from './browser.ts';
import { opened } from './opened.ts';
import { link, open, patient, result, sentence, where } from './step-page.ts';

const on = opened();

describe('looking closer', () => {
  it('watches a variable and an expression across the lanes, and says why one cannot be', async () => {
    const { page, errors } = await open(on, '#/step?drawer=watch&t=400');
    const field = page.getByLabel('Expression to watch');
    for (const text of ['sum', 'local.x * 2u', 'nonsense +']) {
      await field.fill(text);
      await field.press('Enter');
    }
    await expect.poll(() => page.locator('.watch').count(), patient).toBe(3);
    await page.getByRole('slider', { name: 'sum across the lanes,' }).waitFor(patient);
    await expect.poll(() => page.locator('.watch').nth(1).textContent(), patient).toContain('0 … 30');
    expect(await page.locator('.watch').nth(2).locator('canvas').count()).toBe(0);
    expect(errors).toEqual([]);
    await page.context().close();
  });

  it('says the value of the name under the pointer, in the focus lane', async () => {
    const { page, errors } = await open(on, '#/step?t=700&lane=37');
    const place = await page.evaluate(() => {
      const walker = document.createTreeWalker(document.querySelector('.step-line.now code') ?? document, 4);
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const at = node.textContent?.indexOf('sum') ?? -1;
        if (at < 0) continue;
        const range = document.createRange();
        range.setStart(node, at);
        range.setEnd(node, at + 3);
        const { x, y, width, height } = range.getBoundingClientRect();
        return { x: x + width / 2, y: y + height / 2 };
      }
      return { x: 0, y: 0 };
    });
    await page.mouse.move(place.x, place.y);
    const footer = page.locator('.source-panel .panel-footer');
    await expect.poll(() => footer.textContent(), patient).toMatch(/^sum f32 · lane 37: -?\d/);
    expect(errors).toEqual([]);
    await page.context().close();
  });

  it('stops at a line, under a condition, at a lane and at a cell', async () => {
    const { page } = await open(on, '#/step?drawer=breakpoints&cell=c:3,4');
    await page.getByLabel('where').fill('k == 3u');
    const line = await page.locator('.step-line', { hasText: 'sum = fma' }).getAttribute('data-line');
    await page.getByLabel('line', { exact: true }).fill(line ?? '');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByRole('button', { name: 'c[3, 4] is touched' }).click();
    await page.getByRole('button', { name: 'lane 0 runs' }).click();
    const stops = page.locator('.breaks li');
    await expect.poll(() => stops.count(), patient).toBe(3);
    await expect.poll(() => stops.nth(1).textContent(), patient).toContain('stops 1×');
    await expect.poll(() => stops.nth(0).textContent(), patient).toMatch(/stops \d+×/);
    await stops.nth(1).getByRole('button', { name: 'first' }).click();
    await expect.poll(() => sentence(page).textContent(), patient).toMatch(/writes c\[/);
    await page.context().close();
  });

  it('unpacks the int8 words that the focus lane loads, with their scale from the contract', async () => {
    const { page, errors } = await open(
      on,
      '#/step?kernel=linear/01_naive&dims=format=2,cells=16,group=64,groups=1&drawer=int8&t=0',
    );
    await page.getByRole('tab', { name: 'Packed int8' }).waitFor(patient);
    const scale = page.locator('.drawer-body th', { hasText: /× -?\d.*\(scales\[0, 0\]\)/ });
    // on until the lane has loaded a word of w
    for (let i = 0; i < 60 && (await scale.count()) === 0; i++) {
      const at = await where(page);
      await page.getByRole('button', { name: 'the lane’s next statement' }).click();
      await expect.poll(() => where(page), patient).toBeGreaterThan(at);
    }
    await scale.first().waitFor(patient);
    expect(errors).toEqual([]);
    await page.context().close();
  });

  it('stops where a NaN is stored, and nowhere else', async () => {
    const { page, errors } = await open(
      on,
      `${await link(
        on,
        `@group(0) @binding(0) var<storage, read_write> y: array<f32>;
@compute @workgroup_size(32)
fn main(@builtin(local_invocation_index) i: u32) {
  y[i] = 1.0;
  y[i] = sqrt(f32(i) - 1.0);
  y[i] = 2.0;
}`,
      )}&drawer=breakpoints`,
    );
    await page.getByRole('button', { name: 'a NaN is stored' }).click();
    const stops = page.locator('.breaks li');
    await expect.poll(() => stops.nth(0).textContent(), patient).toContain('stops 1×');
    await page.keyboard.press('Home');
    await page.getByRole('button', { name: 'To the next breakpoint (B)' }).click();
    // the second of the three statements
    await expect.poll(() => where(page), patient).toBe(2);
    expect(page.url()).toContain('breaks=nan');
    expect(errors).toEqual([]);
    await page.context().close();
  });

  it('says plainly when there is no GPU to check on, and steps all the same', async () => {
    const bare = await launch('without-adapter');
    try {
      const { page } = await visit(bare, `${on.site.url}#/step?drawer=gpu`);
      await page.locator('.lanes-panel canvas').waitFor(patient);
      await page.getByRole('button', { name: /^Run this source/ }).click();
      await result(page, 'There is no GPU to check on');
      await page.getByRole('tab', { name: /^Findings/ }).click();
      await result(page, 'Result right');
    } finally {
      await bare.close();
    }
  });

  it('compares two versions by their counters', async () => {
    const { page } = await open(on, '#/step?drawer=compare&compare=01_naive');
    const row = page.locator('.drawer-body tr', { hasText: 'read from storage' });
    await expect.poll(() => row.textContent(), patient).toMatch(/0\.0625×/);
    await page.context().close();
  });

  it('compares a kernel of two passes by their sum, or pass by pass', async () => {
    const { page, errors } = await open(
      on,
      '#/step?kernel=matmul/09_split_k&drawer=compare&compare=02_shared_tile',
    );
    const flops = page.locator('.drawer-body tr', { hasText: 'flops' }).locator('td').nth(2);
    // a part is 128 of k wide, of which this small shape has 32; adding up the parts costs some more
    await expect.poll(() => flops.textContent(), patient).toMatch(/^4\.0[1-9]×$/);
    const all = await flops.textContent();
    await page.getByRole('combobox', { name: 'Passes of this one' }).selectOption({ label: 'pass combine' });
    await expect.poll(() => flops.textContent(), patient).toMatch(/^0\.0/);
    expect(await flops.textContent()).not.toBe(all);
    expect(page.url()).toContain('passes=1:');
    await page.getByRole('tab', { name: 'Counters' }).click();
    const total = page.locator('.drawer-body tr.total');
    await total.waitFor(patient);
    const alone = await total.textContent();
    await page.getByRole('checkbox', { name: /all 2 passes together/ }).check();
    await expect.poll(() => total.textContent(), patient).not.toBe(alone);
    expect(errors).toEqual([]);
    await page.context().close();
  });

  it('checks the result on the GPU, cell by cell, after a click and not before', async () => {
    const { page, errors } = await open(on, '#/step?kernel=fill_hash/01_strided&drawer=gpu');
    expect(await page.locator('.drawer-body').textContent()).toContain('Asks the browser for the GPU');
    await page.getByRole('button', { name: /^Run this source/ }).click();
    await result(page, /identical, \d+ of \d+ cells bit for bit/);
    expect(errors).toEqual([]);
    await page.context().close();
  });
});
