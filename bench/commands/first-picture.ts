// npm run bench -- first-picture: from a cold `npm start` to the first picture, the recorded run, again and again. The server
// starts anew each time, with its bundled dependencies thrown away (cold) or kept (warm); the browser has an empty cache and is there already.

import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import type { Command } from 'commander';
import { chromium } from 'playwright';
import { ensureChrome } from '../../scripts/ensure.mjs';
import { spread } from '../../src/core/stats.ts';
import { flagsFor } from '../browser.ts';
import type { Subcommand } from '../main.ts';

interface Times {
  /** Seconds from the start: the server listens; HTML parsed; the tracks are painted. */
  readonly listens: number;
  readonly parsed: number;
  readonly painted: number;
}

/** Starts the server as `npm start` does, without a display, so that it opens no browser of its own. */
async function once(cold: boolean): Promise<Times> {
  if (cold) await rm('node_modules/.vite', { recursive: true, force: true });
  const browser = await chromium.launch({
    executablePath: await ensureChrome(),
    args: flagsFor('swiftshader'),
  });
  const page = await (await browser.newContext({ viewport: { width: 1440, height: 1000 } })).newPage();
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
    const listens = since();
    await page.goto(url, { waitUntil: 'domcontentloaded' });
    const parsed = since();
    await page.locator('.track canvas').first().waitFor({ timeout: 60_000 });
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done))));
    return { listens, parsed, painted: since() };
  } finally {
    server.kill();
    await browser.close();
  }
}

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
