// npm run bench -- page-cost: what the Batching page costs the runs that it draws. The built page serves the same requests on the
// device, with its views following the run and with them still, in turns; the run files say how long the runs took.

import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { Page } from 'playwright';
import { median } from '../../src/core/stats.ts';
import type { RunFile } from '../../src/engine/run-file.ts';
import { compareTurns } from '../../src/measure/rank.ts';
import { withBuiltSite } from '../built-site.ts';
import type { Subcommand } from '../main.ts';
import { gpuOption, whole } from '../options.ts';

interface Options {
  readonly gpu: 'hardware' | 'swiftshader';
  readonly turns: number;
  readonly work: string;
  readonly headful?: boolean;
}

/** The median run of each strategy: seconds from its start to the end of its last step. */
async function served(page: Page): Promise<Map<string, number>> {
  const button = page.getByRole('button', { name: /Run it on your GPU/ });
  await button.click();
  await page
    .getByTestId('run-badge')
    .and(page.locator('[data-running]'))
    .or(page.locator('.progress'))
    .first()
    .waitFor();
  await button.waitFor({ timeout: 600_000 });
  const failed = await page.locator('.run-why.bad-text').allTextContents();
  if (failed.length > 0) throw new Error(failed.join(' '));
  const saving = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Run file', exact: true }).click();
  const { runs } = JSON.parse(await readFile(await (await saving).path(), 'utf8')) as {
    readonly runs: readonly RunFile[];
  };
  const ends = new Map<string, number[]>();
  for (const { header, steps } of runs)
    ends.set(header.strategy, [...(ends.get(header.strategy) ?? []), steps.at(-1)?.end ?? 0]);
  return new Map([...ends].map(([strategy, times]) => [strategy, median(times)]));
}

async function pageCost({ gpu, turns, work, headful }: Options): Promise<void> {
  await withBuiltSite({ gpu, headless: headful !== true }, async ({ page, url }) => {
    const address = (live: 'on' | 'off'): string =>
      `${url}#/batching?lesson=none&from=virtual&tracks=static,slots:8~continuous,slots:8&work=${work}&live=${live}&drawer=files`;
    await page.goto(address('on'));
    await served(page); // compiles, loads
    const session = await page.context().newCDPSession(page);
    await session.send('Performance.enable');
    /** Seconds that the page's main thread has worked. */
    const worked = async (): Promise<number> =>
      (await session.send('Performance.getMetrics')).metrics.find((m) => m.name === 'TaskDuration')?.value ??
      0;
    const busy = { on: [] as number[], off: [] as number[] };
    const times = new Map<string, { on: number[]; off: number[] }>();
    for (let turn = 0; turn < turns; turn++) {
      for (const live of turn % 2 === 0 ? (['on', 'off'] as const) : (['off', 'on'] as const)) {
        await page.goto(address(live)); // the same document: only the address changes, the model stays loaded
        const before = [await worked(), performance.now()] as const;
        const runs = await served(page);
        busy[live].push(((await worked()) - before[0]) / ((performance.now() - before[1]) / 1e3));
        for (const [strategy, seconds] of runs) {
          const both = times.get(strategy) ?? { on: [], off: [] };
          times.set(strategy, both);
          both[live].push(seconds);
        }
      }
    }
    console.log(await page.getByTestId('run-badge').textContent());
    const share = (of: readonly number[]): string => `${(median(of) * 100).toFixed(1)} %`;
    console.log(
      `the page's main thread works ${share(busy.on)} of the time with live views, ${share(busy.off)} without`,
    );
    for (const [strategy, { on, off }] of times) {
      const { ratio, low, high, verdict } = compareTurns(off, on);
      const percent = (r: number): string => `${((r - 1) * 100).toFixed(1)} %`;
      console.log(
        `${strategy}: drawn ${(median(on) * 1e3).toFixed(1)} ms, still ${(median(off) * 1e3).toFixed(1)} ms a run: drawing costs ${percent(ratio)} (${percent(low)} to ${percent(high)}), ${verdict === 'faster' ? 'a cost' : verdict === 'slower' ? 'a gain' : verdict}; ${on.length} turns`,
      );
    }
  });
}

const subcommand: Subcommand = {
  id: 'page-cost',
  register: (program: Command) =>
    program
      .command('page-cost')
      .description(
        'What drawing a run while it goes on costs the run: the Batching page with live and with still views.',
      )
      .addOption(gpuOption('hardware', ['hardware', 'swiftshader']))
      .option('--turns <n>', 'pairs of comparisons; fewer than six tell nothing', whole(), 8)
      .option('--work <workload>', 'as the address writes it', 'synthetic,requests:24,prompt:24,output:16')
      .option('--headful', 'with a window: frames reach a display')
      .action(pageCost),
};
export default subcommand;
