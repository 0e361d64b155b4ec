// npm run bench -- frames: what the Batching page's main thread does for a frame of a run of 1,000 requests and 5,000 steps.

import type { Command } from 'commander';
import { chromium } from 'playwright';
import { build, preview } from 'vite';
import { ensureChrome } from '../../scripts/ensure.mjs';
import { quantile } from '../../src/core/stats.ts';
import { flagsFor } from '../browser.ts';
import type { Subcommand } from '../main.ts';
import { LARGE_RUN, scrub } from '../page-frames.ts';

const SITE = '.cache/frames-site';

async function frames(): Promise<void> {
  await build({ logLevel: 'error', build: { outDir: SITE, emptyOutDir: true } });
  const server = await preview({
    preview: { port: 0, host: '127.0.0.1' },
    build: { outDir: SITE },
    logLevel: 'error',
  });
  const browser = await chromium.launch({
    executablePath: await ensureChrome(),
    args: flagsFor('swiftshader'),
  });
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 1000 } });
    await page.goto(`${server.resolvedUrls?.local[0]}${LARGE_RUN}`);
    await page.locator('.summary-panel').waitFor({ timeout: 120_000 });
    const tasks = await scrub(browser, page);
    const at = (q: number): string => `p${q * 100} ${quantile(tasks, q).toFixed(1)} ms`;
    console.log(await page.locator('.track canvas').first().getAttribute('aria-label'));
    console.log(
      `processor time of the main thread a frame (16.7 ms are 60 fps): ${[0.5, 0.9, 0.95, 0.99].map(at).join(', ')}; ${tasks.length} tasks of 100 scrubs, zooms and moves`,
    );
  } finally {
    await browser.close();
    await server.close();
  }
}

const subcommand: Subcommand = {
  id: 'frames',
  register: (program: Command) =>
    program
      .command('frames')
      .description(
        'Main-thread time a frame while scrubbing 1,000 requests and 5,000 steps on the Batching page.',
      )
      .action(frames),
};
export default subcommand;
