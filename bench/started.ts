// `npm start` as a reader runs it, with a stopwatch: the server starts anew, its bundled dependencies thrown away (cold) or kept;
// the browser is there already and has an empty cache.

import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { chromium, type Page } from 'playwright';
import { ensureChrome } from '../scripts/ensure.mjs';
import type { Want } from '../src/worker/protocol.ts';
import { flagsFor } from './browser.ts';

export interface Started {
  readonly page: Page;
  readonly url: string;
  /** Seconds until the server listened. */
  readonly listens: number;
  /** Seconds since `npm start`. */
  since(): number;
}

export async function withStarted<T>(
  { cold, gpu }: { readonly cold: boolean; readonly gpu: Want },
  body: (started: Started) => Promise<T>,
): Promise<T> {
  if (cold) await rm('node_modules/.vite', { recursive: true, force: true });
  const browser = await chromium.launch({ executablePath: await ensureChrome(), args: flagsFor(gpu) });
  const page = await (await browser.newContext({ viewport: { width: 1440, height: 1000 } })).newPage();
  // without a display it opens no browser of its own
  const { DISPLAY: _display, WAYLAND_DISPLAY: _wayland, ...env } = process.env;
  const began = performance.now();
  const since = (): number => (performance.now() - began) / 1e3;
  const server = spawn(process.execPath, ['scripts/start.mjs'], { env: { ...env, PORT: '0' } });
  try {
    const url = await new Promise<string>((resolve, reject) => {
      let said = '';
      server.stdout.on('data', (text: Buffer) => {
        said += text.toString();
        const found = /http:\/\/\S+\//.exec(said)?.[0];
        if (found) resolve(found);
      });
      server.once('exit', () => reject(new Error(`npm start ended: ${said}`)));
    });
    return await body({ page, url, listens: since(), since });
  } finally {
    server.kill();
    await browser.close();
  }
}
