// The site as visitors get it, built, served and opened in a Chrome of its own: what the commands about the pages' own work measure.

import { type Browser, chromium, type Page } from 'playwright';
import { build, preview } from 'vite';
import { ensureChrome } from '../scripts/ensure.mjs';
import type { Want } from '../src/worker/protocol.ts';
import { flagsFor } from './browser.ts';

const SITE = '.cache/bench-site';

export interface BuiltSite {
  readonly browser: Browser;
  /** 1440 × 1000 pixels, still empty. */
  readonly page: Page;
  /** Of the site's root, with a slash at its end. */
  readonly url: string;
}

/** Gives what `body` gives; the browser and the server end with it. */
export async function withBuiltSite<T>(
  options: { readonly gpu: Want; readonly headless?: boolean },
  body: (site: BuiltSite) => Promise<T>,
): Promise<T> {
  await build({ logLevel: 'error', build: { outDir: SITE, emptyOutDir: true } });
  const server = await preview({
    preview: { port: 0, host: '127.0.0.1' },
    build: { outDir: SITE },
    logLevel: 'error',
  });
  const url = server.resolvedUrls?.local[0] ?? '';
  try {
    const browser = await chromium.launch({
      executablePath: await ensureChrome(),
      args: flagsFor(options.gpu),
      headless: options.headless ?? true,
    });
    try {
      const page = await browser.newPage({ viewport: { width: 1440, height: 1000 } });
      return await body({ browser, page, url });
    } finally {
      await browser.close();
    }
  } finally {
    await server.close();
  }
}
