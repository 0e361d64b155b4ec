// npm run bench -- batching: the same requests under several strategies, on the virtual clock.

import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { explain, type Failure, type Result } from '../../src/core/result.ts';
import { describeCost } from '../../src/engine/cost-model.ts';
import { strategies } from '../../src/strategies/index.ts';
import { workloads } from '../../src/workloads/index.ts';
import { chooseCost, pairs, parseSlo, Settings } from '../batching/options.ts';
import { formulas, registryHelp, resultTable } from '../batching/print.ts';
import { runBatching, runFileOf, writeChromeTrace, writeRun } from '../batching/run.ts';
import type { Subcommand } from '../main.ts';

interface Options {
  strategies: string;
  workload: string;
  clock: string;
  set: string[];
  slo?: string;
  device?: string;
  pages: string;
  pageSize: string;
  window: string;
  lookahead: string;
  seed: string;
  price?: string;
  watts?: string;
  json?: string;
  trace?: string;
  run?: string;
}

/** The value, or an end of the command with the failure's text. */
function need<T>(result: Result<T, Failure>): T {
  if (!result.ok) throw new Error(explain(result.error));
  return result.value;
}

function whole(name: string, text: string, least: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least)
    throw new Error(`--${name} cannot be "${text}". Give a whole number of at least ${least}.`);
  return value;
}

function act(options: Options): void {
  if (options.clock !== 'virtual') throw new Error(`--clock cannot be "${options.clock}". Choose virtual.`);
  const settings = new Settings(need(pairs(options.set)));
  const names = options.strategies.split(',').map((name) => name.trim());
  const owners = [...strategies.values()].map((s) => ({
    names: [s.id, ...s.presets.map((p) => p.id)],
    knobs: Object.keys(s.knobs),
  }));
  const chosen = workloads.get(options.workload);
  const imported = ['first', 'scale', 'speed', 'spread', 'limit'];
  owners.push({
    names: ['workload', options.workload],
    knobs: chosen ? Object.keys(chosen.knobs) : imported,
  });
  const unused = settings.unused(owners);
  if (unused) throw new Error(`--set ${unused}: nothing that runs has this knob. See --help for the knobs.`);
  const limits = {
    pages: whole('pages', options.pages, 1),
    pageSize: whole('page-size', options.pageSize, 8),
    window: whole('window', options.window, 2),
    vocabulary: 512,
  };
  if (limits.pageSize > 64) throw new Error('--page-size cannot be above 64.');
  if (options.lookahead !== '0' && options.lookahead !== '1')
    throw new Error(`--lookahead cannot be "${options.lookahead}". Choose 0 or 1.`);
  const price =
    options.price === undefined && options.watts === undefined
      ? undefined
      : { perHour: Number(options.price ?? 0), watts: Number(options.watts ?? 0) };
  const cost = need(chooseCost(options.device));
  const run = need(
    runBatching({
      strategies: names,
      workload: options.workload,
      settings,
      limits,
      cost,
      lookahead: options.lookahead === '1' ? 1 : 0,
      seed: whole('seed', options.seed, 0),
      slo: need(parseSlo(options.slo)),
      price,
    }),
  );
  const { report, compared, workload } = run;
  console.log(`${workload.id}: ${workload.requests.length} requests, virtual clock, ${describeCost(cost)}`);
  for (const note of report.notes) console.log(note);
  console.log(`\n${resultTable(report.results)}\n\n${formulas()}`);
  for (const { strategy, refused, incomplete } of report.results) {
    if (refused) console.log(`${strategy}: ${refused.count} requests were not taken: ${refused.why}`);
    if (incomplete) console.log(`${strategy} stopped early: ${incomplete}`);
  }
  if (options.json) writeFileSync(options.json, `${JSON.stringify(report, null, 1)}\n`);
  if (options.trace) writeChromeTrace(options.trace, compared);
  if (options.run) {
    for (const one of compared) {
      const name = one.result.preset ?? one.result.strategy;
      writeRun(
        compared.length === 1 ? options.run : options.run.replace(/(\.json)?$/, `.${name}.json`),
        runFileOf(run, one),
      );
    }
  }
  if (report.results.some((r) => r.identical === false || r.incomplete)) process.exitCode = 1;
}

const repeated = (value: string, before: string[]): string[] => [...before, ...value.split(/,(?=[\w.-]+=)/)];

export default {
  id: 'batching',
  register: (program: Command) => {
    program
      .command('batching')
      .description('Compare batching strategies on the same requests.')
      .option('--strategies <a,b,c>', 'strategies or presets', [...strategies.keys()].join(','))
      .option('--workload <w>', 'a workload or the path of a trace file', 'synthetic')
      .option('--clock <clock>', 'virtual', 'virtual')
      .option(
        '--set <knob=value>',
        'a knob: slots=8, static.pad=false, workload.requests=200; repeatable',
        repeated,
        [],
      )
      .option('--slo <limits>', 'objectives a request must meet: ttft=500ms,tpot=50ms (also e2e, itl)')
      .option(
        '--device <name>',
        "cost model of the virtual clock; a fitted one if there is, else 'illustrative'",
      )
      .option('--pages <n>', 'KV pages of the pool', '1024')
      .option('--page-size <n>', 'tokens a page, 8 to 64', '16')
      .option('--window <n>', 'longest sequence in tokens', '2048')
      .option('--lookahead <0|1>', 'steps planned ahead', '0')
      .option('--seed <n>', 'seed of workload and model', '1')
      .option('--price <n>', 'price of the device an hour, for cost per million useful tokens')
      .option('--watts <n>', 'power while it runs, for joules per useful token')
      .option('--json <file>', 'write the results')
      .option('--trace <file>', 'write a Chrome trace (chrome://tracing, Perfetto)')
      .option('--run <file>', 'write run files; the strategy joins the name when there are several')
      .addHelpText('after', registryHelp)
      .action((options: Options) => act(options));
  },
} satisfies Subcommand;
