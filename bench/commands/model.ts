// npm run bench -- model: tokens a second of whole models, prefill and decode, beside the floors of the device.

import type { Command } from 'commander';
import { explain, unwrap } from '../../src/core/result.ts';
import { formatRatios, type ModelFile, type ModelRow, numericsRatios } from '../../src/measure/model.ts';
import type { Comparison } from '../../src/measure/rank.ts';
import { storedAs } from '../../src/measure/stored.ts';
import {
  type ActivationFormat,
  activationFormats,
  type KvFormat,
  kvFormats,
  type WeightFormat,
  weightFormats,
} from '../../src/model/formats.ts';
import { type Numerics, numericsModes } from '../../src/model/numerics.ts';
import { servedModel } from '../batching/served-model.ts';
import { commandLine, commitHash, write, writeJson } from '../io.ts';
import type { Subcommand } from '../main.ts';
import {
  among,
  type DeviceOptions,
  list,
  measuringOptions,
  type OutputOptions,
  whole,
  wholes,
} from '../options.ts';
import { deviceLost, exitCode, isMeasured } from '../outcome.ts';
import { ceilingLines, digits, markdownTable, plainTable, type Table, verdict } from '../report.ts';
import { withDevice } from '../session.ts';

interface Options extends DeviceOptions, OutputOptions {
  config: string[];
  weights: WeightFormat[];
  activations: ActivationFormat[];
  kv: KvFormat[];
  phase: ModelRow['phase'][];
  numerics: Numerics[];
  split: boolean;
  batch: number[];
  context: number;
  prompt: number;
  samples: number;
}

const percent = (x: number | null): string => (x === null ? '–' : `${(100 * x).toFixed(0)} %`);

/** With its sign: what is a difference may be below zero. */
const signed = (x: number | null): string => (x === null ? '–' : `${x < 0 ? '−' : ''}${digits(Math.abs(x))}`);

function table(rows: readonly ModelRow[]): Table {
  return {
    head: [
      'config',
      'weights',
      'activations',
      'KV',
      'numerics',
      'phase',
      'batch',
      'context',
      'tokens/s',
      'step ms',
      'p10–p90',
      'awaited ms',
      'readback ms',
      'host ms',
      'dispatches',
      'floor ms: launch',
      'bandwidth',
      'compute',
      'of ceiling',
      'bound',
      'launch + bandwidth ms',
      'of it',
    ],
    rows: rows.map((r) =>
      r.why !== null
        ? [r.config, `${storedAs(r)} ${r.numerics} ${r.phase} ${r.batch}: ${r.why}`]
        : [
            r.config,
            r.weights,
            r.activations,
            r.kv,
            r.numerics,
            r.phase,
            String(r.batch),
            String(r.context),
            digits(r.tokensPerSecond),
            digits(r.stepMs),
            `${digits(r.p10Ms)}–${digits(r.p90Ms)}`,
            digits(r.awaitedMs),
            signed(r.readbackMs),
            digits(r.hostMs),
            String(r.dispatches),
            digits(r.floorsMs.launch),
            digits(r.floorsMs.bandwidth),
            digits(r.floorsMs.compute),
            percent(r.fractionOfCeiling),
            r.bound ?? '–',
            digits(r.launchPlusBandwidthMs),
            percent(r.fractionOfLaunchPlusBandwidth),
          ],
    ),
  };
}

/** Speed over that of fast, samples in turns. */
const ratioTable = (rows: readonly ModelRow[]): Table => ({
  head: ['config', 'stored', 'phase', 'batch', 'numerics', 'speed over fast', '95 %', 'are'],
  rows: numericsRatios(rows).map(({ of, numerics, speed }) => [
    of.config,
    storedAs(of),
    of.phase,
    String(of.batch),
    numerics,
    percent(speed.ratio),
    `${percent(speed.low)}–${percent(speed.high)}`,
    judged(speed),
  ]),
});

const judged = (speed: Comparison): string =>
  speed.verdict === 'no difference' || speed.verdict === 'unranked'
    ? speed.verdict
    : `${speed.verdict} (${verdict(speed)})`;

/** Speed of int8 weights over that of float ones. */
const formatTable = (rows: readonly ModelRow[]): Table => ({
  head: ['config', 'stored', 'numerics', 'phase', 'batch', 'over', 'speed', '95 %', 'are', 'samples'],
  rows: formatRatios(rows).map(({ of, over, interleaved, speed }) => [
    of.config,
    storedAs(of),
    of.numerics,
    of.phase,
    String(of.batch),
    over,
    percent(speed.ratio),
    `${percent(speed.low)}–${percent(speed.high)}`,
    judged(speed),
    interleaved ? 'in turns' : 'one after the other',
  ]),
});

/** Estimated: each op timed apart, beside the measured whole. */
function splitTable(row: ModelRow): Table {
  const { split } = row;
  if (!split) return { head: ['op'], rows: [[row.splitWhy ?? 'not measured']] };
  const sum = split.parts.reduce((total, part) => total + part.estimatedMs, 0);
  return {
    head: ['role', 'kernel', 'in a step', 'ms apart', 'p10–p90', 'estimated ms', 'share'],
    rows: [
      ...split.parts.map((part) => [
        part.role,
        `${part.op}/${part.version}`,
        `${part.count}×`,
        digits(part.ms),
        `${digits(part.p10Ms)}–${digits(part.p90Ms)}`,
        digits(part.estimatedMs),
        percent(part.estimatedMs / sum),
      ]),
      ['sum', '', '', digits(split.sumMs)],
      ['measured whole', '', '', digits(split.wholeMs)],
      ['residual', '', '', signed(split.residualMs)],
    ],
  };
}

/** Everything a run says, as tables with their titles. */
function tables(rows: readonly ModelRow[]): readonly (readonly [title: string, table: Table])[] {
  const ratios = ratioTable(rows);
  const formats = formatTable(rows);
  const split = rows.filter((row) => row.split || row.splitWhy);
  return [
    ['', table(rows)],
    ...(ratios.rows.length > 0 ? [['Against fast numerics, samples in turns', ratios] as const] : []),
    ...(formats.rows.length > 0 ? [['Int8 weights against float ones', formats] as const] : []),
    ...split.map(
      (row) =>
        [
          `${row.config} ${storedAs(row)}, ${row.numerics}, ${row.phase} of ${row.batch}: time on the device by op, estimated`,
          splitTable(row),
        ] as const,
    ),
  ];
}

async function run(options: Options): Promise<number> {
  const models = options.config.flatMap((config) =>
    options.weights.flatMap((weights) =>
      options.activations.flatMap((a) => options.kv.map((kv) => unwrap(servedModel(config, weights, kv, a)))),
    ),
  );
  const request = {
    models,
    phases: options.phase,
    numerics: options.numerics,
    split: options.split ? ('by op' as const) : ('none' as const),
    batches: options.batch,
    context: options.context,
    prompt: options.prompt,
    samples: options.samples,
    command: commandLine(),
  };
  return withDevice(
    options,
    () => undefined,
    async (session) => {
      const { driver, device } = session;
      const ended = await driver.page.evaluate((r) => window.lockstep.model(r), request);
      if (!ended.ok) throw new Error(explain(ended.error));
      const file: ModelFile = { ...ended.value, commit: commitHash(), device };
      console.log(
        `\nCeilings, measured in this run:\n${ceilingLines(file)
          .map((l) => `  ${l}`)
          .join('\n')}`,
      );
      const shown = tables(file.results);
      for (const [title, of] of shown) console.log(`\n${title ? `${title}\n` : ''}${plainTable(of)}`);
      console.log('\nThe same numerics whatever the batch?');
      for (const i of file.invariance) console.log(`  ${i.config} ${storedAs(i)}, ${i.asked}: ${i.found}`);
      for (const why of file.invalid) console.log(`\nINVALID: ${why}`);
      if (options.json) writeJson(options.json, file);
      if (options.markdown)
        write(
          options.markdown,
          shown.map(([title, of]) => `${title ? `${title}\n\n` : ''}${markdownTable(of)}\n`).join('\n'),
        );
      return exitCode({
        measured: file.results.filter(isMeasured).length,
        invalid: file.invalid,
        lost: await deviceLost(session),
      });
    },
  );
}

export default {
  id: 'model',
  register(program: Command) {
    const command = program
      .command('model')
      .description('time whole steps of a model: prefill and decode over batch sizes')
      .option('--config <names>', 'shapes, weights from a seed', list, ['nano'])
      .option(
        '--weights <formats>',
        `${weightFormats.join(', ')}: those that fit side by side take turns; int8 is compared with f32 and f16`,
        among(weightFormats),
        ['f32', 'i8-row'],
      )
      .option(
        '--activations <formats>',
        `inputs of the layers’ matrices: ${activationFormats.join(', ')} (int8 weights then meet int8 ones in integers)`,
        among(activationFormats),
        ['f32'],
      )
      .option('--kv <formats>', kvFormats.join(', '), among(kvFormats), ['f32'])
      .option('--phase <phases>', 'prefill, decode', among(['prefill', 'decode']), ['prefill', 'decode'])
      .option(
        '--numerics <modes>',
        `${numericsModes.join(', ')}: several take turns and are compared`,
        among(numericsModes),
        ['canonical'],
      )
      .option('--no-split', 'leave out the estimated split of a step by op')
      .option('--batch <sizes>', 'sequences in a step', wholes, [1, 8, 64])
      .option('--context <n>', 'tokens each decoding sequence already has', whole(0), 128)
      .option('--prompt <n>', 'tokens of a prefilled prompt, in chunks of at most 128', whole(), 64)
      .option('--samples <n>', 'samples of each', whole(), 9);
    measuringOptions(command).action(async (options: Options) => {
      process.exitCode = await run(options);
    });
  },
} satisfies Subcommand;
