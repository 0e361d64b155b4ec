// What a click saves, and what a saved image looks like.

import { readFileSync } from 'node:fs';
import type { Page } from 'playwright';

export async function savedBytes(page: Page, button: string): Promise<Buffer> {
  const waiting = page.waitForEvent('download');
  await page.getByRole('button', { name: button, exact: true }).click();
  return readFileSync(await (await waiting).path());
}

export const saved = async (page: Page, button: string): Promise<string> =>
  (await savedBytes(page, button)).toString('utf8');

/** Size and number of colours of an image, as the browser decodes it. */
export const picture = (page: Page, png: Buffer) =>
  page.evaluate(async (base64) => {
    const image = new Image();
    image.src = `data:image/png;base64,${base64}`;
    await image.decode();
    const { width, height } = image;
    const context = new OffscreenCanvas(width, height).getContext('2d');
    context?.drawImage(image, 0, 0);
    const pixels = new Uint32Array(context?.getImageData(0, 0, width, height).data.buffer ?? []);
    return { width, height, colors: new Set(pixels).size };
  }, png.toString('base64'));

/** Width and height that an SVG file gives itself. */
export const sizeOf = (svg: string): readonly number[] =>
  [/<svg[^>]*? width="(\d+)"/, /<svg[^>]*? height="(\d+)"/].map((size) => Number(size.exec(svg)?.[1]));
