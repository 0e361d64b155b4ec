// npm run bench -- batching: the same requests under several strategies, on the virtual clock or on the GPU.

import { type Command, Option } from 'commander';
import { explain, type Failure, type Result } from '../../src/core/result.ts';
import { describeCost } from '../../src/engine/cost-model.ts';
import { strategies } from '../../src/strategies/index.ts';
import { usualPrecision, usualTurns } from '../../src/worker/serving/turns.ts';
import { workloads } from '../../src/workloads/index.ts';
import { runAccuracy } from '../batching/accuracy.ts';
import { accuracyText } from '../batching/accuracy-report.ts';
import { answerLines } from '../batching/answers.ts';
import { type GpuOptions, runOnGpu } from '../batching/gpu.ts';
import { nullText, runNullTest } from '../batching/null.ts';
import { chooseCost, namedFor, pairs, parseSlo, REAL_TEXT, Settings, textFor } from '../batching/options.ts';
import {
  calibrationText,
  formulas,
  goodputText,
  measuredText,
  registryHelp,
  resultTable,
} from '../batching/print.ts';
import { type BatchingRequest, runBatching, runFileOf, writeChromeTrace, writeRun } from '../batching/run.ts';
import { budgetNote, poolOf, servedModel } from '../batching/served-model.ts';
import { commitHash, write, writeJson } from '../io.ts';
import type { Subcommand } from '../main.ts';
import { type DeviceOptions, deviceOptions } from '../options.ts';
import { exitCode } from '../outcome.ts';

interface Options extends DeviceOptions {
  strategies: string;
  workload: string;
  clock: 'virtual' | 'gpu';
  set: string[];
  slo?: string;
  device?: string;
  pages?: string;
  kvMib?: string;
  pageSize: string;
  window: string;
  lookahead: '0' | '1';
  letIdle?: boolean;
  seed: string;
  model?: string;
  config?: string;
  weights?: string;
  kv?: string;
  repeat?: string;
  seconds?: string;
  precision?: string;
  null?: string | true;
  accuracy?: true;
  calibrate?: string | true;
  price?: string;
  watts?: string;
  json?: string;
  trace?: string;
  run: string;
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

async function act(options: Options): Promise<void> {
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
  // real text asks for a model that reads it
  const model = options.model ?? options.config ?? (options.workload === REAL_TEXT ? 'base' : undefined);
  if (model) options.model = model;
  const shape = need(servedModel(options.model ?? 'nano', options.weights ?? 'f32', options.kv ?? 'f32'));
  const pageSize = whole('page-size', options.pageSize, 8);
  if (pageSize > 64) throw new Error('--page-size cannot be above 64.');
  if (options.pages !== undefined && options.kvMib !== undefined)
    throw new Error('--pages and --kv-mib both size the pool. Give one of them.');
  const kvMib = options.kvMib === undefined ? undefined : whole('kv-mib', options.kvMib, 1);
  const limits = {
    pages: kvMib === undefined ? whole('pages', options.pages ?? '1024', 1) : poolOf(kvMib, shape, pageSize),
    pageSize,
    window: whole('window', options.window, 2),
    vocabulary: shape.config.vocab,
  };
  const price =
    options.price === undefined && options.watts === undefined
      ? undefined
      : {
          ...(options.price === undefined ? {} : { perHour: Number(options.price) }),
          ...(options.watts === undefined ? {} : { watts: Number(options.watts) }),
        };
  const cost = need(chooseCost(options.device, shape));
  const request: BatchingRequest = {
    strategies: names,
    workload: options.workload,
    settings,
    limits,
    cost,
    lookahead: options.lookahead === '1' ? 1 : 0,
    seed: whole('seed', options.seed, 0),
    slo: need(parseSlo(options.slo)),
    price,
    text: await textFor(options.workload),
  };
  if (options.clock === 'gpu') return onGpu(request, options, kvMib);
  const run = need(runBatching(request));
  const { report, compared, workload } = run;
  console.log(`${workload.id}: ${workload.requests.length} requests, virtual clock, ${describeCost(cost)}`);
  if (kvMib !== undefined) console.log(`${budgetNote(kvMib, shape, limits)}.`);
  for (const note of report.notes) console.log(note);
  console.log(`\n${resultTable(report.results)}\n\n${formulas()}`);
  for (const line of goodputText(report.results)) console.log(line);
  for (const { strategy, refused, incomplete } of report.results) {
    if (refused) console.log(`${strategy}: ${refused.count} requests were not taken: ${refused.why}`);
    if (incomplete) console.log(`${strategy} stopped early: ${incomplete}`);
  }
  if (options.json) writeJson(options.json, report);
  if (options.trace)
    writeChromeTrace(
      options.trace,
      compared.map(({ run, result }) => ({ name: result.preset ?? result.strategy, trace: run.trace })),
    );
  for (const one of compared) {
    const name = one.result.preset ?? one.result.strategy;
    writeRun(
      compared.length === 1 ? options.run : options.run.replace(/(\.json)?$/, `.${name}.json`),
      runFileOf(run, one),
    );
  }
  if (report.results.some((r) => r.identical === false || r.incomplete)) process.exitCode = 1;
}

/** Whether somebody said how many requests there are; else their number follows from the time. */
const countGiven = ({ settings, workload }: BatchingRequest): boolean =>
  !workloads.get(workload)?.knobs['requests'] ||
  'requests' in settings.for([workload, 'workload'], ['requests']);

async function onGpu(request: BatchingRequest, options: Options, kvMib: number | undefined): Promise<void> {
  const relative = request.settings.for([request.workload, 'workload'], ['rateOf'])['rateOf'] === 'capacity';
  const seconds = options.seconds ?? (countGiven(request) ? undefined : '10');
  const gpuOptions: GpuOptions = {
    gpu: options.gpu,
    ...(options.browser ? { browser: options.browser } : {}),
    ...(options.cdp ? { cdp: options.cdp } : {}),
    model: {
      ...(options.model ? { name: options.model } : {}),
      ...(options.weights ? { weights: options.weights } : {}),
      ...(options.kv ? { kv: options.kv } : {}),
    },
    repeats: options.repeat === undefined ? usualTurns : whole('repeat', options.repeat, 1),
    seconds: seconds === undefined ? undefined : whole('seconds', seconds, 1),
    // who says how often means it
    precision:
      options.precision !== undefined
        ? share('precision', options.precision)
        : options.repeat === undefined
          ? usualPrecision.width
          : undefined,
    kvMib,
    letIdle: options.letIdle === true,
    calibrate: options.calibrate !== undefined || relative,
  };
  if (options.null !== undefined) {
    const turns = options.null === true ? 160 : whole('null', options.null, usualTurns);
    const test = await runNullTest(request, gpuOptions, turns);
    console.log(nullText(test));
    if (options.json) writeJson(options.json, test);
    process.exitCode = exitCode({ measured: test.times.a.length, invalid: test.invalid });
    return;
  }
  if (options.accuracy) {
    const accuracy = await runAccuracy(request, gpuOptions);
    console.log(accuracyText(accuracy));
    if (options.json) writeJson(options.json, accuracy);
    process.exitCode = exitCode({ measured: accuracy.rows.length, invalid: accuracy.invalid });
    return;
  }
  const run = await runOnGpu(request, gpuOptions, commitHash());
  const { report, calibration } = run;
  if (calibration) console.log(calibrationText(calibration));
  if (calibration && typeof options.calibrate === 'string')
    write(options.calibrate, `${JSON.stringify(namedFor(options.calibrate, calibration.cost), null, 2)}\n`);
  for (const note of report.notes) console.log(note);
  console.log(`\n${report.requests} requests a turn\n${resultTable(report.results)}\n\n${formulas()}\n`);
  console.log(measuredText(report.results, run.virtual));
  for (const line of goodputText(report.results)) console.log(line);
  if (report.answers.length > 0) console.log(`\nAnswers\n${answerLines(report.answers)}\n`);
  for (const why of report.invalid) console.log(`INVALID: ${why}`);
  if (options.json) writeJson(options.json, report);
  if (options.trace) writeChromeTrace(options.trace, run.files);
  for (const { name, file } of run.files)
    writeRun(run.files.length === 1 ? options.run : options.run.replace(/(\.json)?$/, `.${name}.json`), file);
  const broken = report.results.some((r) => r.identical === false || r.incomplete);
  const code = exitCode({ measured: run.files.length, invalid: report.invalid });
  process.exitCode = broken ? 1 : code;
}

/** `2` or `2 %` as 0.02. */
function share(name: string, text: string): number {
  const value = Number(text.replace('%', ''));
  if (!(value > 0 && value < 100)) throw new Error(`--${name} cannot be "${text}". Give percent, as in 2.`);
  return value / 100;
}

const repeated = (value: string, before: string[]): string[] => [...before, ...value.split(/,(?=[\w.-]+=)/)];

export default {
  id: 'batching',
  register: (program: Command) => {
    deviceOptions(program.command('batching'))
      .description('Compare batching strategies on the same requests.')
      .option('--strategies <a,b,c>', 'strategies or presets', [...strategies.keys()].join(','))
      .option('--workload <w>', 'a workload or the path of a trace file', 'synthetic')
      .addOption(
        new Option('--clock <clock>', 'gpu: measured on this device')
          .choices(['virtual', 'gpu'])
          .default('virtual'),
      )
      .option(
        '--set <knob=value>',
        'a knob: slots=8, static.pad=false, workload.requests=200; repeatable',
        repeated,
        [],
      )
      .option('--slo <limits>', 'objectives a request must meet: ttft=500ms,tpot=50ms (also e2e, itl)')
      .option(
        '--device <name>',
        "cost model of the virtual clock, or a file that --calibrate wrote; a fitted one if there is, else 'illustrative'",
      )
      .option(
        '--model <name>',
        'on the GPU: a shape, weights from a seed (SmolLM2-135M; nano on a CPU adapter), or a trained model (base)',
      )
      .option('--config <name>', 'the same as --model')
      .option(
        '--weights <format>',
        'on the GPU: f32, f16, i8-row, i8-g32, i8-g64, i8-g128 (f16; f32 on a CPU adapter)',
      )
      .option('--kv <format>', 'on the GPU: f32, f16, i8 (f32)')
      .option(
        '--repeat <n>',
        `on the GPU: turns of each strategy, after one that warms up; fewer than 6 rank nothing (${usualTurns}, then until precise)`,
      )
      .option(
        '--seconds <n>',
        'on the GPU: serves as many requests as let the whole comparison last about this long (10 unless requests are set)',
      )
      .option(
        '--precision <percent>',
        `on the GPU: more turns until intervals are ± this (${100 * usualPrecision.width}), for ${usualPrecision.seconds} s at most`,
      )
      .option(
        '--null [n]',
        'on the GPU: the first strategy against itself and against itself 5 % slower, for n turns (160)',
      )
      .option(
        '--accuracy',
        'on the GPU: fit the virtual clock, hold it against runs at 30, 50 and 65 % of capacity, and judge it; a missed target is a result and fails nothing',
      )
      .option('--calibrate [file]', 'on the GPU: fit the virtual clock first; write the cost model')
      .option('--pages <n>', 'KV pages of the pool (1024 on every device)')
      .option(
        '--kv-mib <n>',
        'instead of --pages: MiB of KV, in pages of the model and its --kv; on the GPU no more than the device allows',
      )
      .option('--page-size <n>', 'tokens a page, 8 to 64', '16')
      .option('--window <n>', 'longest sequence in tokens', '2048')
      .addOption(new Option('--lookahead <n>', 'steps planned ahead').choices(['0', '1']).default('0'))
      .option(
        '--let-idle',
        'on the GPU: let it lower its clock where it waits, instead of keeping it busy there',
      )
      .option('--seed <n>', 'seed of workload and model', '1')
      .option('--price <n>', 'price of the device an hour, for cost per million useful tokens')
      .option('--watts <n>', 'power while it runs, for joules per useful token')
      .option('--json <file>', 'write the results')
      .option('--trace <file>', 'write a Chrome trace (chrome://tracing, Perfetto)')
      .option(
        '--run <file>',
        'where the run files go; the strategy joins the name when there are several',
        '.cache/runs/run.json',
      )
      .addHelpText('after', registryHelp)
      .action(act);
  },
} satisfies Subcommand;
