// npm run bench -- first-comparison: from `npm start` to the reader's own comparison, measured on the device, the question skipped.

import type { Command } from 'commander';
import type { Want } from '../../src/worker/protocol.ts';
import type { Subcommand } from '../main.ts';
import { gpuOption, whole } from '../options.ts';
import { type State, startInTurns, withStarted } from '../started.ts';

const patient = { timeout: 120_000 };

const once = (state: State, gpu: Want) =>
  withStarted({ state, gpu }, async ({ page, url, listens, since }) => {
    await page.goto(url, { waitUntil: 'domcontentloaded', ...patient });
    await page.getByRole('button', { name: 'Skip, show me' }).click(patient);
    const run = page.getByRole('button', { name: /Run it on your GPU/ });
    await run.waitFor(patient);
    const offered = since();
    await run.click(patient);
    await page.getByTestId('run-badge').getByText('Measured here').waitFor(patient);
    return { listens, offered, compared: since(), serving: since() - offered };
  });

export default {
  id: 'first-comparison',
  register: (program: Command) =>
    program
      .command('first-comparison')
      .description(
        'Seconds from npm start to the first comparison measured here, after the installation and without its bundles.',
      )
      .option('--turns <n>', 'pairs of starts', whole(), 3)
      .addOption(gpuOption())
      .action(({ turns, gpu }: { readonly turns: number; readonly gpu: Want }) =>
        startInTurns(
          turns,
          {
            listens: 'listens after',
            offered: 'the run is offered',
            compared: 'compared',
            serving: 'from the click to the comparison',
          },
          (state) => once(state, gpu),
        ),
      ),
} satisfies Subcommand;
