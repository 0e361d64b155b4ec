// npm run bench -- first-word: from `npm start` to the first word that the trained model streams, one click included.

import type { Command } from 'commander';
import type { Want } from '../../src/worker/protocol.ts';
import type { Subcommand } from '../main.ts';
import { gpuOption, whole } from '../options.ts';
import { type State, startInTurns, withStarted } from '../started.ts';

const patient = { timeout: 120_000 };

const once = (state: State, gpu: Want) =>
  withStarted({ state, gpu }, async ({ page, url, listens, since }) => {
    await page.goto(`${url}#/model`, { waitUntil: 'domcontentloaded', ...patient });
    const generate = page.getByRole('button', { name: 'Generate', exact: true });
    await page.locator('.memory-track').waitFor(patient);
    const ready = since();
    await generate.click(patient);
    await page.locator('.of-output .token').first().waitFor(patient);
    return { listens, ready, word: since() };
  });

export default {
  id: 'first-word',
  register: (program: Command) =>
    program
      .command('first-word')
      .description(
        'Seconds from npm start to the first streamed word, after the installation and without its bundles.',
      )
      .option('--turns <n>', 'pairs of starts', whole(), 3)
      .addOption(gpuOption())
      .action(({ turns, gpu }: { readonly turns: number; readonly gpu: Want }) =>
        startInTurns(
          turns,
          { listens: 'listens after', ready: 'Generate can be clicked', word: 'first word' },
          (state) => once(state, gpu),
        ),
      ),
} satisfies Subcommand;
