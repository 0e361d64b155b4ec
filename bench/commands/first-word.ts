// npm run bench -- first-word: from a cold `npm start` to the first word that the trained model streams, one click included.

import type { Command } from 'commander';
import { spread } from '../../src/core/stats.ts';
import type { Want } from '../../src/worker/protocol.ts';
import type { Subcommand } from '../main.ts';
import { withStarted } from '../started.ts';

interface Times {
  /** Seconds from the start: the server listens; Generate can be clicked; the first word stands on the page. */
  readonly listens: number;
  readonly ready: number;
  readonly word: number;
}

const patient = { timeout: 120_000 };

const once = (cold: boolean, gpu: Want): Promise<Times> =>
  withStarted({ cold, gpu }, async ({ page, url, listens, since }) => {
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
      .description('Seconds from npm start to the first streamed word, cold and warm in turns.')
      .option('--turns <n>', 'pairs of starts', '3')
      .option('--gpu <kind>', 'auto | hardware | swiftshader', 'auto')
      .action(async ({ turns, gpu }: { readonly turns: string; readonly gpu: Want }) => {
        const all = { cold: [] as Times[], warm: [] as Times[] };
        for (let turn = 0; turn < Number(turns); turn++) {
          all.cold.push(await once(true, gpu));
          all.warm.push(await once(false, gpu));
        }
        for (const [kind, times] of Object.entries(all)) {
          const of = (what: keyof Times): string => {
            const { median, p10, p90 } = spread(times.map((t) => t[what]));
            return `${median.toFixed(2)} s (p10–p90 ${p10.toFixed(2)}–${p90.toFixed(2)})`;
          };
          console.log(
            `${kind}: listens after ${of('listens')}, Generate can be clicked ${of('ready')}, first word ${of('word')}; ${times.length} starts`,
          );
        }
      }),
} satisfies Subcommand;
