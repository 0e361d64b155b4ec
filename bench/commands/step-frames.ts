// npm run bench -- step-frames: what the Step page's main thread does for a frame while a reader steps and scrubs through a
// workgroup of 256 lanes.

import type { Command } from 'commander';
import type { Page } from 'playwright';
import { quantile } from '../../src/core/stats.ts';
import { withBuiltSite } from '../built-site.ts';
import type { Subcommand } from '../main.ts';
import { mainThreadTasks } from '../page-frames.ts';

/** The tiled product: 16 × 16 lanes, two tiles and an output in view, a cell's loads lit. */
const VIEW = '#/step?kernel=matmul/02_shared_tile&cell=c:3,4&mem=tile_b&drawer=origin&t=1';

const FRAMES = 120 + 40;

/** A statement a frame, then leaps over the whole run; the frames that came, and how long they took by the clock. */
const walk = (page: Page): Promise<number> =>
  page.evaluate(async () => {
    const frame = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    const press = (key: string, shiftKey = false) =>
      document.body.dispatchEvent(
        new KeyboardEvent('keydown', { key, shiftKey, bubbles: true, cancelable: true }),
      );
    const begun = performance.now();
    for (let i = 0; i < 120; i++) {
      press('ArrowRight');
      await frame();
    }
    for (let i = 0; i < 40; i++) {
      press(i % 8 < 4 ? 'ArrowRight' : 'ArrowLeft', true);
      await frame();
    }
    return (performance.now() - begun) / (120 + 40);
  });

async function frames(): Promise<void> {
  await withBuiltSite({ gpu: 'swiftshader' }, async ({ browser, page, url }) => {
    await page.goto(`${url}${VIEW}`);
    await page.locator('.drawer-body', { hasText: 'fed by' }).waitFor({ timeout: 120_000 });
    await walk(page);
    let clock = 0;
    const tasks = await mainThreadTasks(browser, page, async () => {
      clock = await walk(page);
    });
    const each = tasks.reduce((sum, ms) => sum + ms, 0) / FRAMES;
    const at = (q: number): string => `p${q * 100} ${quantile(tasks, q).toFixed(1)} ms`;
    console.log(
      `processor time of the main thread: ${each.toFixed(1)} ms a frame (16.7 ms are 60 fps), its tasks ${[0.5, 0.9, 0.95, 0.99].map(at).join(', ')}; ${clock.toFixed(1)} ms a frame by the clock, drawn by a CPU`,
    );
  });
}

const subcommand: Subcommand = {
  id: 'step-frames',
  register: (program: Command) =>
    program
      .command('step-frames')
      .description('Main-thread time a frame while stepping through 256 lanes on the Step page.')
      .action(frames),
};
export default subcommand;
