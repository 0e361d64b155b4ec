// Editing on the Step page, and hostile input, which costs a message.

import type { Page } from 'playwright';
import { describe, expect, it } from 'vitest';
import { visit } from './browser.ts';
import { opened } from './opened.ts';
import { link, open, patient, result, sentence } from './step-page.ts';

const on = opened();

describe('editing', () => {
  const type = async (page: Page, text: string): Promise<void> => {
    await page.locator('.cm-content').click(patient);
    await page.keyboard.press('Control+End');
    await page.keyboard.type(text);
  };

  it('a mistake is underlined while the run stays; a good edit runs at the same place', async () => {
    const { page, errors } = await open(on, '#/step?t=300');
    const before = await sentence(page).textContent();
    await page.keyboard.press('e');
    await type(page, 'fn oops() { let x: f32 = 1u; }');
    await page.locator('.cm-lintRange-error').first().waitFor(patient);
    expect(await sentence(page).textContent()).toBe(before);
    expect(page.url()).not.toContain('src=');
    // said in words too: a gutter mark speaks to a mouse only
    const note = page.locator('.edit-note');
    expect(await note.textContent()).toMatch(/^Line \d+: .* What is shown is the last text that compiled\.$/);
    for (let i = 0; i < 5; i++) await page.keyboard.press('Backspace');
    await page.keyboard.type('1.0; }');
    await expect.poll(() => page.url(), patient).toContain('src=');
    await expect.poll(() => sentence(page).textContent(), patient).toBe(before);
    expect(await note.textContent()).toMatch(/^It runs as you type\./);
    await result(page, 'Result right');
    await page.getByRole('button', { name: 'Discard edits' }).click();
    await expect.poll(() => page.url(), patient).not.toContain('src=');
    expect(errors).toEqual([]);
    await page.context().close();
  });

  it('an own kernel runs with fills for its bindings', async () => {
    const { page, errors } = await open(on, '#/step?kernel=own');
    await page.locator('.own-panel').getByLabel('Fill of x').selectOption('zeros');
    await page.keyboard.press('End');
    await expect.poll(() => sentence(page).textContent(), patient).toMatch(/done\.$/);
    await result(page, 'No reference to compare');
    expect(errors).toEqual([]);
    await page.context().close();
  });
});

describe('hostile input costs a message', () => {
  it('an endless loop is stopped, says where, and is not sent to a GPU', async () => {
    const hash = await link(
      on,
      '@group(0) @binding(0) var<storage, read_write> y: array<u32>;\n@compute @workgroup_size(64) fn main() {\n  loop { y[0] += 1u; if (y[0] == 0xffffffffu) { break; } }\n}',
    );
    const { page, errors } = await visit(on.browser, `${on.site.url}${hash}&drawer=gpu`);
    await page.locator('.lanes-panel canvas').waitFor({ timeout: 60_000 });
    await page.getByRole('tab', { name: /^Findings/ }).click();
    await page.locator('.findings', { hasText: 'Does not end' }).waitFor({ timeout: 60_000 });
    await page.getByRole('tab', { name: 'Check on my GPU' }).click();
    await page.getByRole('button', { name: /^Run this source/ }).click();
    await result(page, 'It is not run on the GPU');
    expect(errors).toEqual([]);
    await page.context().close();
  });

  it.each([
    ['a damaged source', '#/step?kernel=own&src=AAAA', 'cannot be read'],
    ['a kernel that is none', '#/step?kernel=nobody/99', 'There is no kernel'],
    ['a huge shape', '#/step?dims=m=1000000,n=1000000,k=1000000', 'cells'],
    ['a shape that is none', '#/step?dims=m=-4', 'cannot be -4'],
  ])('%s', async (_, hash, message) => {
    const { page, errors } = await visit(on.browser, `${on.site.url}${hash}`);
    await expect.poll(() => page.getByRole('alert').textContent(), patient).toContain(message);
    // and the page goes on
    await page.getByLabel('Kernel').selectOption('matmul/01_naive');
    await page.locator('.lanes-panel canvas').waitFor(patient);
    expect(errors).toEqual([]);
    await page.context().close();
  });

  it.each([
    ['a workgroup array of a gigabyte', 'var<workgroup> w: array<f32, 268435456>;', '', 'too large'],
    [
      'a workgroup array beyond any device',
      'var<workgroup> w: array<f32, 1000000>;',
      'w[0] = 1.0;',
      'Workgroup memory',
    ],
    ['a local array without measure', '', 'var a: array<u32, 9000000>; a[1] = 2u;', 'registers a lane'],
    ['calls without end', 'fn f(x: u32) -> u32 { return f(x); }', 'y[0] = f(1u);', 'calls itself'],
    ['a workgroup of a million', '', '', 'too large', 1048576],
  ])('%s is refused with a message', async (_, before, body, message, size = 64) => {
    const { page, errors } = await visit(
      on.browser,
      `${on.site.url}${await link(on, `@group(0) @binding(0) var<storage, read_write> y: array<u32>;\n${before}\n@compute @workgroup_size(${size}) fn main() { y[0] = 1u; ${body} }`)}`,
    );
    await expect.poll(() => page.getByRole('alert').textContent(), patient).toContain(message);
    expect(errors).toEqual([]);
    await page.context().close();
  });

  it('reads and writes out of bounds are findings, with their line, and harm nothing', async () => {
    const { page, errors } = await visit(
      on.browser,
      `${on.site.url}${await link(on, '@group(0) @binding(0) var<storage, read_write> y: array<u32>;\n@compute @workgroup_size(64) fn main(@builtin(local_invocation_index) i: u32) {\n  y[i + 4000000000u] = y[i * 99999u];\n}')}`,
    );
    await page.locator('.findings', { hasText: 'line 3' }).waitFor(patient);
    expect(await page.locator('.findings').textContent()).toMatch(/bounds/i);
    expect(errors).toEqual([]);
    await page.context().close();
  });

  it('a bomb in a link is not unpacked', async () => {
    const { page, errors } = await visit(
      on.browser,
      `${on.site.url}${await link(on, 'x'.repeat(5_000_000))}`,
    );
    await expect
      .poll(() => page.getByRole('alert').textContent(), patient)
      .toContain('unpacks to more than 4 MiB');
    expect(errors).toEqual([]);
    await page.context().close();
  });

  it('a source that does not compile opens in the editor with its mistake', async () => {
    const { page } = await visit(
      on.browser,
      `${on.site.url}${await link(on, '@compute @workgroup_size(64) fn main() { let x = ; }')}`,
    );
    await expect.poll(() => page.getByRole('alert').textContent(), patient).toContain('Line 1');
    await page.locator('.cm-content').waitFor(patient);
    await page.context().close();
  });
});
