// npm run bench -- frames: what the Batching page's main thread does for a frame of a run of 1,000 requests and 5,000 steps.

import type { Command } from 'commander';
import { quantile } from '../../src/core/stats.ts';
import { withBuiltSite } from '../built-site.ts';
import type { Subcommand } from '../main.ts';
import { LARGE_RUN, scrub } from '../page-frames.ts';

async function frames(): Promise<void> {
  await withBuiltSite({ gpu: 'swiftshader' }, async ({ browser, page, url }) => {
    await page.goto(`${url}${LARGE_RUN}`);
    await page.locator('.summary-panel').waitFor({ timeout: 120_000 });
    const tasks = await scrub(browser, page);
    const at = (q: number): string => `p${q * 100} ${quantile(tasks, q).toFixed(1)} ms`;
    console.log(await page.locator('.track canvas').first().getAttribute('aria-label'));
    console.log(
      `processor time of the main thread a frame (16.7 ms are 60 fps): ${[0.5, 0.9, 0.95, 0.99].map(at).join(', ')}; ${tasks.length} tasks of 100 scrubs, zooms and moves`,
    );
  });
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
