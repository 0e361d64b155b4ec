// npm run bench -- page-cost: what the Batching page costs the runs that it draws. The built page serves the same requests on the
// device, with its views following the run and with them still, in turns; the run files say how long the runs took.

import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { Page } from 'playwright';
import { median } from '../../src/core/stats.ts';
import type { RunFile } from '../../src/engine/run-file.ts';
import { flagsFor } from '../browser.ts';
import { withBuiltSite } from '../built-site.ts';
import { commandLine, commitHash, writeJson } from '../io.ts';
import type { Subcommand } from '../main.ts';
import { gpuOption, whole } from '../options.ts';
import { exitCode } from '../outcome.ts';
import { costRow, type PageCost, pageCostText, target, unlike } from '../page-cost-report.ts';

interface Options {
  readonly gpu: 'hardware' | 'swiftshader';
  readonly turns: number;
  readonly work: string;
  readonly headful?: boolean;
  readonly json?: string;
}

/** One comparison, measured on the page and taken from its run file. */
interface ServedRuns {
  readonly runs: readonly RunFile[];
  /** The median run of each strategy: seconds from its start to the end of its last step. */
  readonly seconds: ReadonlyMap<string, number>;
}

async function served(page: Page): Promise<ServedRuns> {
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
  return { runs, seconds: new Map([...ends].map(([strategy, times]) => [strategy, median(times)])) };
}

async function pageCost({ gpu, turns, work, headful = false, json }: Options): Promise<number> {
  const measured = await withBuiltSite({ gpu, headless: !headful }, async ({ page, url }) => {
    // all requests in every run: sized to a time, either way of drawing would serve as many as it is fast
    const address = (live: 'on' | 'off'): string =>
      `${url}#/batching?lesson=none&from=virtual&tracks=static,slots:8~continuous,slots:8&work=${work}&size=all&live=${live}&drawer=files`;
    await page.goto(address('on'));
    const { runs: warmUp } = await served(page); // compiles, loads
    const session = await page.context().newCDPSession(page);
    await session.send('Performance.enable');
    /** Seconds that the page's main thread has worked. */
    const worked = async (): Promise<number> =>
      (await session.send('Performance.getMetrics')).metrics.find((m) => m.name === 'TaskDuration')?.value ??
      0;
    const busy = { on: [] as number[], off: [] as number[] };
    const times = new Map<string, { on: number[]; off: number[] }>();
    const requests: number[] = [];
    const doubts = new Set<string>();
    for (let turn = 0; turn < turns; turn++) {
      for (const live of turn % 2 === 0 ? (['on', 'off'] as const) : (['off', 'on'] as const)) {
        await page.goto(address(live)); // the same document: only the address changes, the model stays loaded
        const before = [await worked(), performance.now()] as const;
        const { runs, seconds } = await served(page);
        busy[live].push(((await worked()) - before[0]) / ((performance.now() - before[1]) / 1e3));
        requests.push(...runs.map((run) => run.requests.length));
        for (const why of runs.flatMap(({ header }) => header.invalid ?? [])) doubts.add(why);
        for (const [strategy, time] of seconds) {
          const both = times.get(strategy) ?? { on: [], off: [] };
          times.set(strategy, both);
          both[live].push(time);
        }
      }
    }
    const header = warmUp[0]?.header;
    return {
      ...{ device: header?.device ?? 'not known', browser: header?.browser ?? 'not known' },
      requests: requests[0] ?? 0,
      mainThread: { live: busy.on, still: busy.off },
      results: [...times].map(([strategy, { on, off }]) => costRow({ strategy, live: on, still: off })),
      invalid: [...doubts, ...unlike(requests)],
    };
  });
  const report: PageCost = {
    ...{ schema: 'lockstep-page-cost', version: 1, date: new Date().toISOString(), commit: commitHash() },
    ...{ command: commandLine(), flags: flagsFor(gpu), headful, work, target },
    ...measured,
  };
  console.log(pageCostText(report));
  if (json) writeJson(json, report);
  return exitCode({ measured: report.results.length, invalid: report.invalid });
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
      .option('--json <file>', 'write the results (versioned schema)')
      .action(async (options: Options) => {
        process.exitCode = await pageCost(options);
      }),
};
export default subcommand;
