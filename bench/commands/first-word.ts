// npm run bench -- first-word: from `npm start` to the first word that the trained model streams, one click included.

import type { Command } from 'commander';
import type { Subcommand } from '../main.ts';
import { gpuOption } from '../options.ts';
import { type Started, type StartOptions, startInTurns, startOptions } from '../started.ts';

const patient = { timeout: 120_000 };

async function once({ page, url, listens, since }: Started) {
  await page.goto(`${url}#/model`, { waitUntil: 'domcontentloaded', ...patient });
  const generate = page.getByRole('button', { name: 'Generate', exact: true });
  await page.locator('.memory-track').waitFor(patient);
  const ready = since();
  await generate.click(patient);
  await page.locator('.of-output .token').first().waitFor(patient);
  return { listens, ready, word: since() };
}

export default {
  id: 'first-word',
  register: (program: Command) =>
    startOptions(
      program
        .command('first-word')
        .description(
          'Seconds from npm start to the first streamed word, after the installation and without its bundles.',
        )
        .addOption(gpuOption()),
      3,
    ).action((options: StartOptions) =>
      startInTurns(
        'first-word',
        options,
        { listens: 'listens after', ready: 'Generate can be clicked', word: 'first word' },
        once,
      ),
    ),
} satisfies Subcommand;
