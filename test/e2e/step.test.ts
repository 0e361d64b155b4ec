// The Step page as a person uses it: open, step both ways, the three moves, edit, hostile links, tours, a phone.

import { createRequire } from 'node:module';
import type { Page } from 'playwright';
import { describe, expect, it } from 'vitest';
import { launch, type Visit, visit } from './browser.ts';
import { opened } from './opened.ts';

const on = opened();

/** A busy machine needs more than a second. */
const patient = { timeout: 20_000 };

/** The page with its first picture. */
async function open(hash: string, options: Parameters<typeof visit>[2] = {}): Promise<Visit> {
  const visited = await visit(on.browser, `${on.site.url}${hash}`, options);
  await visited.page.locator('.lanes-panel canvas').waitFor(patient);
  return visited;
}
const sentence = (page: Page) => page.locator('.timeline .sentence');
const where = async (page: Page): Promise<number> =>
  Number((await page.locator('.where').textContent())?.replaceAll(',', '').match(/\d+/)?.[0]);
const result = (page: Page, text: string | RegExp) =>
  page.locator('.drawer-body', { hasText: text }).waitFor(patient);
/** Clicks a cell of a memory by its description's reach: row and column of a grid with square cells. */
async function clickCell(page: Page, memory: string, row: number, column: number): Promise<void> {
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
async function link(source: string): Promise<string> {
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
    const { page, errors } = await open('#/step');
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
    const again = await open(new URL(page.url()).hash);
    await expect.poll(() => sentence(again.page).textContent(), patient).toBe(said);
    expect(await where(again.page)).toBe(at);
    expect([...errors, ...again.errors]).toEqual([]);
    await page.context().close();
    await again.page.context().close();
  });

  it('another subgroup width and another order are other runs of the same kernel', async () => {
    const { page } = await open('#/step');
    const before = await page.locator('.where').textContent();
    await page.getByRole('combobox', { name: 'Lanes of a subgroup' }).selectOption('8');
    await page.locator('.lead', { hasText: 'subgroup 8' }).waitFor(patient);
    await expect.poll(() => page.locator('.where').textContent(), patient).not.toBe(before);
    await result(page, 'agree with the double-precision reference');
    await page.context().close();
  });

  it('follows one lane through divergence: its statements only, both ways', async () => {
    const { page, errors } = await open(
      await link(`@group(0) @binding(0) var<storage, read_write> y: array<u32>;
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
}`),
    );
    await page.keyboard.press('Home');
    // the second lane, by its address
    const url = new URL(page.url()).hash;
    const odd = await open(`${url.replace(/[&?]t=\d+/, '')}&lane=33&t=0`);
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
    const { page } = await open('#/step');
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
    const { page, errors } = await open('#/step');
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
    const { page } = await open('#/step');
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
    const { page, errors } = await open('#/step');
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
    const { page, errors } = await open('#/step?cell=a:3,7&mem=a&drawer=origin');
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

describe('looking closer', () => {
  it('watches a variable and an expression across the lanes, and says why one cannot be', async () => {
    const { page, errors } = await open('#/step?drawer=watch&t=400');
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
    const { page, errors } = await open('#/step?t=700&lane=37');
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
    const { page } = await open('#/step?drawer=breakpoints&cell=c:3,4');
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
      `${await link(`@group(0) @binding(0) var<storage, read_write> y: array<f32>;
@compute @workgroup_size(32)
fn main(@builtin(local_invocation_index) i: u32) {
  y[i] = 1.0;
  y[i] = sqrt(f32(i) - 1.0);
  y[i] = 2.0;
}`)}&drawer=breakpoints`,
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
    const { page } = await open('#/step?drawer=compare&compare=01_naive');
    const row = page.locator('.drawer-body tr', { hasText: 'read from storage' });
    await expect.poll(() => row.textContent(), patient).toMatch(/0\.0625×/);
    await page.context().close();
  });

  it('compares a kernel of two passes by their sum, or pass by pass', async () => {
    const { page, errors } = await open(
      '#/step?kernel=matmul/09_split_k&drawer=compare&compare=02_shared_tile',
    );
    const flops = page.locator('.drawer-body tr', { hasText: 'flops' }).locator('td').nth(3);
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
    const { page, errors } = await open('#/step?kernel=fill_hash/01_strided&drawer=gpu');
    expect(await page.locator('.drawer-body').textContent()).toContain('Asks the browser for the GPU');
    await page.getByRole('button', { name: /^Run this source/ }).click();
    await result(page, /identical, \d+ of \d+ cells bit for bit/);
    expect(errors).toEqual([]);
    await page.context().close();
  });
});

describe('editing', () => {
  const type = async (page: Page, text: string): Promise<void> => {
    await page.locator('.cm-content').click(patient);
    await page.keyboard.press('Control+End');
    await page.keyboard.type(text);
  };

  it('a mistake is underlined while the run stays; a good edit runs at the same place', async () => {
    const { page, errors } = await open('#/step?t=300');
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
    const { page, errors } = await open('#/step?kernel=own');
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
      `${on.site.url}${await link(`@group(0) @binding(0) var<storage, read_write> y: array<u32>;\n${before}\n@compute @workgroup_size(${size}) fn main() { y[0] = 1u; ${body} }`)}`,
    );
    await expect.poll(() => page.getByRole('alert').textContent(), patient).toContain(message);
    expect(errors).toEqual([]);
    await page.context().close();
  });

  it('reads and writes out of bounds are findings, with their line, and harm nothing', async () => {
    const { page, errors } = await visit(
      on.browser,
      `${on.site.url}${await link('@group(0) @binding(0) var<storage, read_write> y: array<u32>;\n@compute @workgroup_size(64) fn main(@builtin(local_invocation_index) i: u32) {\n  y[i + 4000000000u] = y[i * 99999u];\n}')}`,
    );
    await page.locator('.findings', { hasText: 'line 3' }).waitFor(patient);
    expect(await page.locator('.findings').textContent()).toMatch(/bounds/i);
    expect(errors).toEqual([]);
    await page.context().close();
  });

  it('a bomb in a link is not unpacked', async () => {
    const { page, errors } = await visit(on.browser, `${on.site.url}${await link('x'.repeat(3_000_000))}`);
    await expect.poll(() => page.getByRole('alert').textContent(), patient).toContain('larger than 1 MiB');
    expect(errors).toEqual([]);
    await page.context().close();
  });

  it('a source that does not compile opens in the editor with its mistake', async () => {
    const { page } = await visit(
      on.browser,
      `${on.site.url}${await link('@compute @workgroup_size(64) fn main() { let x = ; }')}`,
    );
    await expect.poll(() => page.getByRole('alert').textContent(), patient).toContain('Line 1');
    await page.locator('.cm-content').waitFor(patient);
    await page.context().close();
  });
});

describe('tours', () => {
  it.each([
    ['The shared tile', 8],
    ['Paged attention', 7],
  ])('%s: every stop opens and puts the cursor somewhere', async (title, stops) => {
    const { page, errors } = await open('#/step');
    await page.getByRole('button', { name: `Tour: ${title}` }).click();
    for (let i = 1; i <= stops; i++) {
      await page.locator('.tour-where', { hasText: `${i} of ${stops}` }).waitFor(patient);
      await page.locator('.lanes-panel canvas').waitFor(patient);
      await expect.poll(() => sentence(page).textContent(), patient).not.toBe('');
      if (i < stops) await page.locator('.tour').getByRole('button', { name: 'Next' }).click();
    }
    await page.locator('.tour').getByRole('button', { name: 'Done' }).click();
    expect(await page.locator('.tour').count()).toBe(0);
    expect(errors).toEqual([]);
    await page.context().close();
  });

  it('a task is ticked when it is done', async () => {
    const { page } = await open('#/step?tour=shared_tile&stop=4');
    await page.getByRole('button', { name: 'strike out' }).last().click();
    await page.locator('.tour .task', { hasText: '✔' }).waitFor(patient);
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
    const { page } = await open('#/step?drawer=counters', { viewport: { width, height: 900 }, colorScheme });
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
