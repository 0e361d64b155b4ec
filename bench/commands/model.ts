// npm run bench -- model: tokens a second of whole models, prefill and decode, beside the floors of the device.

import type { Command } from 'commander';
import { explain, unwrap } from '../../src/core/result.ts';
import { type ModelFile, type ModelRow, numericsRatios } from '../../src/measure/model.ts';
import { activationFormats } from '../../src/model/formats.ts';
import { numericsModes } from '../../src/model/numerics.ts';
import type { Want } from '../../src/worker/protocol.ts';
import { servedModel } from '../batching/served-model.ts';
import type { Subcommand } from '../main.ts';
import { ceilingLines, digits, markdownTable, plainTable, type Table, verdict } from '../report.ts';
import { withDevice } from '../session.ts';
import { commitHash, list, write } from './kernels.ts';

interface Options {
  config: string[];
  weights: string[];
  activations: string[];
  kv: string[];
  phase: string[];
  numerics: string[];
  split: boolean;
  batch: string[];
  context: string;
  prompt: string;
  samples: string;
  gpu: Want;
  json?: string;
  markdown?: string;
  browser?: string;
  cdp?: string;
}

/** `i8-row, activations i8, KV f32` */
const stored = ({ weights, activations, kv }: Pick<ModelRow, 'weights' | 'activations' | 'kv'>): string =>
  `${weights}${activations === 'f32' ? '' : `, activations ${activations}`}, KV ${kv}`;

const percent = (x: number | null): string => (x === null ? '–' : `${(100 * x).toFixed(0)} %`);

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
      'host ms',
      'dispatches',
      'floor ms: launch',
      'bandwidth',
      'compute',
      'of ceiling',
      'bound',
    ],
    rows: rows.map((r) =>
      r.why !== null
        ? [r.config, `${stored(r)} ${r.numerics} ${r.phase} ${r.batch}: ${r.why}`]
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
            digits(r.hostMs),
            String(r.dispatches),
            digits(r.floorsMs.launch),
            digits(r.floorsMs.bandwidth),
            digits(r.floorsMs.compute),
            percent(r.fractionOfCeiling),
            r.bound ?? '–',
          ],
    ),
  };
}

/** Speed of canonical over that of fast, samples in turns. */
const ratioTable = (rows: readonly ModelRow[]): Table => ({
  head: ['config', 'stored', 'phase', 'batch', 'speed of canonical over fast', '95 %', 'canonical is'],
  rows: numericsRatios(rows).map(({ of, speed }) => [
    of.config,
    stored(of),
    of.phase,
    String(of.batch),
    percent(speed.ratio),
    `${percent(speed.low)}–${percent(speed.high)}`,
    speed.verdict === 'no difference' ? 'no difference' : `${speed.verdict} (${verdict(speed)})`,
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
      ['residual', '', '', `${split.residualMs < 0 ? '−' : ''}${digits(Math.abs(split.residualMs))}`],
    ],
  };
}

/** Everything a run says, as tables with their titles. */
function tables(rows: readonly ModelRow[]): readonly (readonly [title: string, table: Table])[] {
  const ratios = ratioTable(rows);
  const split = rows.filter((row) => row.split || row.splitWhy);
  return [
    ['', table(rows)],
    ...(ratios.rows.length > 0 ? [['Canonical against fast, samples in turns', ratios] as const] : []),
    ...split.map(
      (row) =>
        [
          `${row.config} ${stored(row)}, ${row.numerics}, ${row.phase} of ${row.batch}: time on the device by op, estimated`,
          splitTable(row),
        ] as const,
    ),
  ];
}

async function run(options: Options): Promise<number> {
  const activations = options.activations.map((name) => {
    const known = activationFormats.find((format) => format === name);
    if (!known) throw new Error(`--activations ${name}: there are ${activationFormats.join(', ')}.`);
    return known;
  });
  const models = options.config.flatMap((config) =>
    options.weights.flatMap((weights) =>
      activations.flatMap((a) => options.kv.map((kv) => unwrap(servedModel(config, weights, kv, a)))),
    ),
  );
  const phases = options.phase.map((name) => {
    const known = (['prefill', 'decode'] as const).find((phase) => phase === name);
    if (!known) throw new Error(`--phase ${name}: there are prefill, decode.`);
    return known;
  });
  const numerics = options.numerics.map((name) => {
    const known = numericsModes.find((mode) => mode === name);
    if (!known) throw new Error(`--numerics ${name}: there are ${numericsModes.join(', ')}.`);
    return known;
  });
  const request = {
    models,
    phases,
    numerics,
    split: options.split ? ('by op' as const) : ('none' as const),
    batches: options.batch.map(Number),
    context: Number(options.context),
    prompt: Number(options.prompt),
    samples: Number(options.samples),
    command: `npm run bench -- ${process.argv.slice(3).join(' ')}`,
  };
  const wrong = [...request.batches, request.prompt, request.samples].find(
    (n) => !Number.isInteger(n) || n < 1,
  );
  if (wrong !== undefined || !Number.isInteger(request.context))
    throw new Error('--batch, --context, --prompt and --samples take whole numbers above 0.');
  return withDevice(
    options,
    () => undefined,
    async ({ driver, device }) => {
      const ended = await driver.page.evaluate((r) => window.lockstep.model(r), request);
      if (!ended.ok) throw new Error(explain(ended.error));
      const file: ModelFile = { ...ended.value, commit: commitHash(), device };
      console.log(
        `\nCeilings, measured in this run:\n${ceilingLines(file.ceilings)
          .map((l) => `  ${l}`)
          .join('\n')}`,
      );
      const shown = tables(file.results);
      for (const [title, of] of shown) console.log(`\n${title ? `${title}\n` : ''}${plainTable(of)}`);
      console.log('\nThe same numerics whatever the batch?');
      for (const i of file.invariance) console.log(`  ${i.config} ${stored(i)}, ${i.numerics}: ${i.found}`);
      for (const why of file.invalid) console.log(`\nINVALID: ${why}`);
      if (options.json) write(options.json, `${JSON.stringify(file, null, 1)}\n`);
      if (options.markdown)
        write(
          options.markdown,
          shown.map(([title, of]) => `${title ? `${title}\n\n` : ''}${markdownTable(of)}\n`).join('\n'),
        );
      return file.invalid.some((why) => why.includes('device was lost')) ? 1 : 0;
    },
  );
}

export default {
  id: 'model',
  register(program: Command) {
    program
      .command('model')
      .description('time whole steps of a model: prefill and decode over batch sizes')
      .option('--config <names>', 'shapes, weights from a seed', list, ['nano'])
      .option('--weights <formats>', 'f32, f16, i8-row, i8-g32, i8-g64, i8-g128', list, ['f32', 'i8-row'])
      .option(
        '--activations <formats>',
        'inputs of the layers’ matrices: f32, i8 (int8 weights then meet them in integers)',
        list,
        ['f32'],
      )
      .option('--kv <formats>', 'f32, f16, i8', list, ['f32'])
      .option('--phase <phases>', 'prefill, decode', list, ['prefill', 'decode'])
      .option('--numerics <modes>', 'canonical, fast: both take turns and are compared', list, ['canonical'])
      .option('--no-split', 'leave out the estimated split of a step by op')
      .option('--batch <sizes>', 'sequences in a step', list, ['1', '8', '64'])
      .option('--context <n>', 'tokens each decoding sequence already has', '128')
      .option('--prompt <n>', 'tokens of a prefilled prompt, in chunks of at most 128', '64')
      .option('--samples <n>', 'samples of each', '9')
      .option('--gpu <kind>', 'auto | hardware | swiftshader', 'auto')
      .option('--json <file>', 'write the results')
      .option('--markdown <file>', 'write a table')
      .option('--browser <path>', 'another Chrome')
      .option('--cdp <url>', 'a running Chrome, also on another machine')
      .action(async (options: Options) => {
        process.exitCode = await run(options);
      });
  },
} satisfies Subcommand;
