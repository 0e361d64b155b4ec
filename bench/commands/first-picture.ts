// npm run bench -- first-picture: from `npm start` to the first picture, the recorded run, again and again.

import type { Command } from 'commander';
import type { Subcommand } from '../main.ts';
import { whole } from '../options.ts';
import { type State, startInTurns, withStarted } from '../started.ts';

const once = (state: State) =>
  withStarted({ state, gpu: 'swiftshader' }, async ({ page, url, listens, since }) => {
    await page.goto(url, { waitUntil: 'domcontentloaded' });
    const parsed = since();
    await page.locator('.track canvas').first().waitFor({ timeout: 60_000 });
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done))));
    return { listens, parsed, painted: since() };
  });

export default {
  id: 'first-picture',
  register: (program: Command) =>
    program
      .command('first-picture')
      .description(
        'Seconds from npm start to the first picture, after the installation and without its bundles.',
      )
      .option('--turns <n>', 'pairs of starts', whole(), 5)
      .action(({ turns }: { readonly turns: number }) =>
        startInTurns(
          turns,
          { listens: 'listens after', parsed: 'page parsed', painted: 'first picture' },
          once,
        ),
      ),
} satisfies Subcommand;
