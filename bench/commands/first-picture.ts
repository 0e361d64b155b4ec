// npm run bench -- first-picture: from a cold `npm start` to the first picture, the recorded run, again and again. The server
// starts anew each time, with its bundled dependencies thrown away (cold) or kept (warm); the browser has an empty cache and is there already.

import type { Command } from 'commander';
import { spread } from '../../src/core/stats.ts';
import type { Subcommand } from '../main.ts';
import { withStarted } from '../started.ts';

interface Times {
  /** Seconds from the start: the server listens; HTML parsed; the tracks are painted. */
  readonly listens: number;
  readonly parsed: number;
  readonly painted: number;
}

const once = (cold: boolean): Promise<Times> =>
  withStarted({ cold, gpu: 'swiftshader' }, async ({ page, url, listens, since }) => {
    await page.goto(url, { waitUntil: 'domcontentloaded' });
    const parsed = since();
    await page.locator('.track canvas').first().waitFor({ timeout: 60_000 });
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done))));
    return { listens, parsed, painted: since() };
  });

const subcommand: Subcommand = {
  id: 'first-picture',
  register: (program: Command) =>
    program
      .command('first-picture')
      .description('Seconds from npm start to the first picture, cold and warm in turns.')
      .option('--turns <n>', 'pairs of starts', '5')
      .action(async ({ turns }: { readonly turns: string }) => {
        const all = { cold: [] as Times[], warm: [] as Times[] };
        for (let turn = 0; turn < Number(turns); turn++) {
          all.cold.push(await once(true));
          all.warm.push(await once(false));
        }
        for (const [kind, times] of Object.entries(all)) {
          const of = (what: keyof Times): string => {
            const { median, p10, p90 } = spread(times.map((t) => t[what]));
            return `${median.toFixed(2)} s (p10–p90 ${p10.toFixed(2)}–${p90.toFixed(2)})`;
          };
          console.log(
            `${kind}: listens after ${of('listens')}, page parsed ${of('parsed')}, first picture ${of('painted')}; ${times.length} starts`,
          );
        }
      }),
};
export default subcommand;
