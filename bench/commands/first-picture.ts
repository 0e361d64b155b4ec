// npm run bench -- first-picture: from `npm start` to the first picture, the recorded run, again and again.

import type { Command } from 'commander';
import type { Subcommand } from '../main.ts';
import { type Started, type StartOptions, startInTurns, startOptions } from '../started.ts';

async function once({ page, url, listens, since }: Started) {
  await page.goto(url, { waitUntil: 'domcontentloaded' });
  const parsed = since();
  await page.locator('.track canvas').first().waitFor({ timeout: 60_000 });
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done))));
  return { listens, parsed, painted: since() };
}

export default {
  id: 'first-picture',
  register: (program: Command) =>
    startOptions(
      program
        .command('first-picture')
        .description(
          'Seconds from npm start to the first picture, after the installation and without its bundles.',
        ),
      5,
    ).action((options: Omit<StartOptions, 'gpu'>) =>
      startInTurns(
        'first-picture',
        { ...options, gpu: 'swiftshader' },
        { listens: 'listens after', parsed: 'page parsed', painted: 'first picture' },
        once,
      ),
    ),
} satisfies Subcommand;
