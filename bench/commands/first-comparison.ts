// npm run bench -- first-comparison: from `npm start` to the reader's own comparison, measured on the device, the question skipped.

import type { Command } from 'commander';
import type { Subcommand } from '../main.ts';
import { gpuOption } from '../options.ts';
import { type Started, type StartOptions, startInTurns, startOptions } from '../started.ts';

const patient = { timeout: 120_000 };

async function once({ page, url, listens, since }: Started) {
  await page.goto(url, { waitUntil: 'domcontentloaded', ...patient });
  await page.getByRole('button', { name: 'Skip, show me' }).click(patient);
  const run = page.getByRole('button', { name: /Run it on your GPU/ });
  await run.waitFor(patient);
  const offered = since();
  await run.click(patient);
  await page.getByTestId('run-badge').getByText('Measured here').waitFor(patient);
  return { listens, offered, compared: since(), serving: since() - offered };
}

export default {
  id: 'first-comparison',
  register: (program: Command) =>
    startOptions(
      program
        .command('first-comparison')
        .description(
          'Seconds from npm start to the first comparison measured here, after the installation and without its bundles.',
        )
        .addOption(gpuOption()),
      3,
    ).action((options: StartOptions) =>
      startInTurns(
        'first-comparison',
        options,
        {
          listens: 'listens after',
          offered: 'the run is offered',
          compared: 'compared',
          serving: 'from the click to the comparison',
        },
        once,
      ),
    ),
} satisfies Subcommand;
